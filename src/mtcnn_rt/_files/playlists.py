"""Reads playlists: small text files that name the files of a video."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

LARGEST = 16 << 20
"""Bytes of a playlist that are read."""

HLS = b"#EXTM3U"
"""The beginning of an HLS playlist."""


def text_of(file: BinaryIO) -> str:
    """Returns the text of a playlist from its beginning, as far as it is read."""
    file.seek(0)
    return file.read(LARGEST).decode(errors="surrogateescape")


def entries_of(hls: str) -> list[str]:
    """Returns the segments, or the other playlists, that the text of an HLS playlist names."""
    lines = (line.strip() for line in hls.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def spellings(folder: Path, name: str) -> tuple[Path, Path]:
    """Returns the local files that a playlist in a folder may mean by a name, which may be a URL's.

    Args:
        folder: The folder of the playlist.
        name: The name, relative to it.
    """
    name = name.removeprefix("file:")
    return folder / name, folder / unquote(name.partition("?")[0])
