"""Checks HLS playlists: FFmpeg passes over missing segments without an error."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from mtcnn_rt._playlists import entries_of, spellings, text_of


def segments(file: BinaryIO, size: int) -> str | None:
    """Checks that the segments on this computer are there; those at URLs count as there.

    Of a playlist that still grows, old ones go.
    """
    text = text_of(file)
    if "#EXT-X-ENDLIST" not in text:
        return None
    names, folder = entries_of(text), Path(file.name).parent
    gone = [name for name in names if not _is_there(folder, name)]
    there = f"{len(names) - len(gone)} of {len(names)} segments"
    return f"it has {there}: {gone[0]} is missing or empty" if gone else ""


def _is_there(folder: Path, name: str) -> bool:
    """Returns whether a segment has content, or is somewhere else than on this computer."""
    if "://" in name and not name.startswith("file:"):
        return True
    for path in spellings(folder, name):
        with suppress(OSError, ValueError):
            if path.stat().st_size:
                return True
    return False
