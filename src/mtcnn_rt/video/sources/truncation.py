"""Finds out if a video file is cut off, from the lengths that its container states.

FFmpeg reads a file that is cut off without an error in most containers: the packets simply end.
The check reads a few bytes at a few places of the file, never its frames.
"""

from __future__ import annotations

import os
from pathlib import Path

from mtcnn_rt.video.sources.lengths import BY_MAGIC
from mtcnn_rt.video.sources.lengths.chunked import BOXES, iso_media
from mtcnn_rt.video.sources.lengths.reading import Check
from mtcnn_rt.video.sources.lengths.streamed import sync_distance, transport_stream


def missing_part(path: Path) -> str | None:
    """Returns what a file lacks of what its container states.

    Returns:
        A reason such as "it has 900 of at least 1000 bytes" if the file is cut off; "" if it is
        whole; None if its container states no length, or is unknown.
    """
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            head = file.read(2048)
            size = os.fstat(file.fileno()).st_size
            check = _check_for(head)
            return None if check is None else check(file, size)
    except (OSError, IndexError, KeyError, ValueError):
        return None


def _check_for(head: bytes) -> Check | None:
    """Returns the check for the container that begins with these bytes."""
    if head[4:8] in BOXES | {b"ftyp"}:
        return iso_media
    for magic, check in BY_MAGIC.items():
        if head.startswith(magic):
            return check
    return transport_stream if sync_distance(head) else None
