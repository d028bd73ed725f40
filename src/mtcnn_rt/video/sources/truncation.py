"""Finds out if a video is cut off, from the lengths, or else the times, that its container states.

FFmpeg reads a file that is cut off without an error in most containers: the packets simply end.
The check of lengths reads a few bytes at a few places of the file, never its frames.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from mtcnn_rt._files.first_bytes import packet_distance
from mtcnn_rt._files.playlists import HLS
from mtcnn_rt.video.sources.choosing import VARIANT
from mtcnn_rt.video.sources.lengths import BY_MAGIC
from mtcnn_rt.video.sources.lengths.chunked import BOXES, iso_media
from mtcnn_rt.video.sources.lengths.playlist import media_playlists, segments
from mtcnn_rt.video.sources.lengths.reading import Check
from mtcnn_rt.video.sources.lengths.streamed import transport_stream

_MATROSKA = re.compile(rb"\x1a\x45\xdf\xa3.{0,48}(?:matroska|webm)", re.DOTALL)
_HEADER = 64  # bytes of the header that `_MATROSKA` finds, at most
_SCANNED = 1 << 20  # bytes at a time
_STATED = ("matroska", "webm", "flv", "mov", "asf", "mxf")


def missing_of(
    container: InputContainer, stream: VideoStream, path: Path | None, end: float, position: int
) -> str:
    """Returns what came of what a video announces, if not all came; "" otherwise.

    Args:
        container: The input, which is read to its end.
        stream: Its video stream.
        path: The file; None for a URL and standard input.
        end: End of the last packet, in seconds.
        position: Place behind the last packet that was read, in bytes.
    """
    part = missing_part(path, stream.metadata.get(VARIANT, "")) if path else None
    if path and not part and container.format.name.startswith("matroska"):
        part = unread_part(path, position) or part
    if part is None:
        part = _missing_end(container, end)
    return part or _unshown_frames(container, stream)


def missing_part(path: Path, quality: str = "") -> str | None:
    """Returns what a file lacks of what its container states.

    Args:
        path: The file.
        quality: Of an HLS playlist that lists several, the bits per second of the one that counts.

    Returns:
        A reason such as "it has 900 of at least 1000 bytes" if the file is cut off; "" if it is
        whole; None if its container states no length, or is unknown.
    """
    parts = [_checked(one, _check_for) for one in media_playlists(path, quality)]
    return next((part for part in parts if part), parts[0] if parts else None)


def _checked(path: Path, check_for: Callable[[bytes], Check | None]) -> str | None:
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            check = check_for(file.read(2048))
            size = os.fstat(file.fileno()).st_size
            return None if check is None else check(file, size)
    except (OSError, IndexError, KeyError, ValueError):
        return None


def unread_part(path: Path, position: int) -> str:
    """Returns what FFmpeg did not read of Matroska or WebM files that were joined.

    It reads two of them at most.

    Args:
        path: The file.
        position: Place behind the last packet that was read, in bytes.

    Returns:
        A reason if another file begins behind the last packet; "" if none does.
    """
    try:
        with path.open("rb") as file:
            file.seek(position)
            before = b""
            while part := file.read(_SCANNED):
                if _MATROSKA.search(before + part):
                    left = os.fstat(file.fileno()).st_size - position
                    return f"another file begins in its last {left} bytes, which are not read"
                before = part[-_HEADER:]
    except OSError:
        pass
    return ""


def _check_for(head: bytes) -> Check | None:
    """Returns the check for a file that begins with these bytes."""
    if head.startswith(HLS):
        return lambda file, size: segments(file, lambda path: _checked(path, _container_check))
    return _container_check(head)


def _container_check(head: bytes) -> Check | None:
    """Returns the check for the container that begins with these bytes."""
    if head[4:8] in BOXES | {b"ftyp"}:
        return iso_media
    for magic, check in BY_MAGIC.items():
        if head.startswith(magic):
            return check
    return transport_stream if packet_distance(head) else None


def _missing_end(container: InputContainer, end: float) -> str:
    """Returns by how much an input ended before the duration that its header has; "" if it did not.

    Half a second and five percent may be missing: some programs round, and the last frame may stay
    on the screen.

    Args:
        container: The input.
        end: End of its last packet, in seconds.
    """
    stated = (container.duration or 0) / av.time_base
    if not set(container.format.name.split(",")) & set(_STATED):
        return ""  # an estimate
    if stated - end <= max(0.5, stated / 20):
        return ""
    return f"it has {end:.1f} of {stated:.1f} seconds"


def _unshown_frames(container: InputContainer, stream: VideoStream) -> str:
    """Returns how many frames a broken time scale hides; "" if it does not.

    FFmpeg leaves out frames behind the end that an MP4 header has, which are all but the first if
    one frame lasts longer than the video.

    Args:
        container: The input.
        stream: Its video stream, with the number of frames that the header has.
    """
    rate, duration = stream.average_rate, (container.duration or 0) / av.time_base
    if stream.frames <= 2 or not rate or duration <= 0 or rate * duration >= 1:
        return ""
    return (
        f"it has 1 of {stream.frames} frames: by its header each lasts {float(1 / rate):.0f} "
        f"seconds, and all of it {duration:.1f}"
    )
