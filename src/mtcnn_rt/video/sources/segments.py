"""Notices missing segments of an HLS playlist, over which FFmpeg passes without an error."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

LARGEST = 16 << 20
"""Bytes of a playlist that are read."""


def missing_segments(playlist: Path) -> str | None:
    """Returns how many segments of a local playlist are there; None if all are.

    A segment at a URL counts as there. Of a playlist that still grows, old ones go.

    Args:
        playlist: The file. One that names other playlists has no segments of its own.
    """
    with playlist.open("rb") as file:
        text = file.read(LARGEST).decode(errors="surrogateescape")
    if "#EXT-X-ENDLIST" not in text:
        return None
    lines = (line.strip() for line in text.splitlines())
    names = [line for line in lines if line and not line.startswith("#")]
    gone = [name for name in names if not _is_there(playlist.parent, name)]
    if not gone:
        return None
    there = f"{len(names) - len(gone)} of {len(names)} segments"
    return f"it has {there}: {gone[0]} is missing or empty"


def _is_there(folder: Path, name: str) -> bool:
    """Returns whether a segment is a file with content, or somewhere else than on this computer."""
    if "://" in name:
        return True
    spellings = (name, unquote(name.partition("?")[0]))
    for spelling in spellings:
        with suppress(OSError, ValueError):
            if (folder / spelling.removeprefix("file:")).stat().st_size:
                return True
    return False
