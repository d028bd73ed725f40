"""Finds out if a video file is cut off, from the lengths that its container states.

FFmpeg reads a file that is cut off without an error in most containers: the packets simply end.
The check reads a few bytes at a few places of the file, never its frames.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from mtcnn_rt._first_bytes import packet_distance
from mtcnn_rt._playlists import HLS
from mtcnn_rt.video.sources.lengths import BY_MAGIC
from mtcnn_rt.video.sources.lengths.chunked import BOXES, iso_media
from mtcnn_rt.video.sources.lengths.playlist import media_playlists, segments
from mtcnn_rt.video.sources.lengths.reading import Check
from mtcnn_rt.video.sources.lengths.streamed import transport_stream

_MATROSKA = re.compile(rb"\x1a\x45\xdf\xa3.{0,48}(?:matroska|webm)", re.DOTALL)
_HEADER = 64  # bytes of the header that `_MATROSKA` finds, at most
_SCANNED = 1 << 20  # bytes at a time


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
