"""Checks HLS playlists: FFmpeg passes over missing segments without an error."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from mtcnn_rt._files.playlists import HLS, entries_of, spellings, text_of
from mtcnn_rt.video.sources.lengths.reading import short_of

_RANGE = re.compile(r"#EXT-X-BYTERANGE:(\d{1,15})(?:@(\d{1,15}))?")
_BANDWIDTH = re.compile(r"[:,]BANDWIDTH=(\d+)")
_SOUND = re.compile(r'[:,]AUDIO="([^"]*)"')
_GROUP = re.compile(r'[:,]GROUP-ID="([^"]*)"')
_URI = re.compile(r'[:,]URI="([^"]*)"')
_QUALITY = "#EXT-X-STREAM-INF:"
_RENDITION = "#EXT-X-MEDIA:"

MissingPart = Callable[[Path], "str | None"]
"""Returns what a file lacks of what its container states, as `truncation.missing_part` does."""


def segments(file: BinaryIO, missing_part: MissingPart) -> str | None:
    """Checks that the segments on this computer are there and whole; those at URLs count as whole.

    Of a playlist that still grows, old ones go.

    Args:
        file: The playlist.
        missing_part: Checks a segment.
    """
    text = text_of(file)
    if "#EXT-X-ENDLIST" not in text:
        return None
    names, folder = entries_of(text), Path(file.name).parent
    local = [name for name in names if not _is_elsewhere(name)]
    places = {name: _place(folder, name) for name in dict.fromkeys(local)}
    gone = [name for name in local if places[name] is None]
    if gone:
        there = f"{len(names) - len(gone)} of {len(names)} segments"
        return f"it has {there}: {gone[0]} is missing or empty"
    ends = _ends(text)
    for name, place in places.items():
        if place is not None:
            part = missing_part(place) or short_of(place.stat().st_size, ends.get(name, 0))
            if part:
                return f"segment {name}: {part}"
    return ""


def media_playlists(path: Path, bandwidth: str) -> list[Path]:
    """Returns the local playlists of segments that are read for a quality of an HLS playlist.

    Args:
        path: The playlist, or another file: it is all that is read, unless it lists qualities.
        bandwidth: The bits per second that the playlist has for the quality.
    """
    lines = _lines_of(path)
    at = next((n for n, line in enumerate(lines) if _is_quality(line, bandwidth)), None)
    if at is None:
        return [path]
    names = [line for line in lines[at + 1 :] if not line.startswith("#")][:1]
    sound = _SOUND.search(lines[at])
    for line in lines:
        group, uri = _GROUP.search(line), _URI.search(line)
        if line.startswith(_RENDITION) and sound and group and uri and group[1] == sound[1]:
            names.append(uri[1])
    places = (_place(path.parent, name) for name in names if not _is_elsewhere(name))
    return [place for place in places if place is not None]


def _is_quality(line: str, bandwidth: str) -> bool:
    found = _BANDWIDTH.search(line) if line.startswith(_QUALITY) else None
    return found is not None and found[1] == bandwidth


def _lines_of(path: Path) -> list[str]:
    """Returns the lines of an HLS playlist; none of any other file."""
    with suppress(OSError), path.open("rb") as file:
        if file.read(len(HLS)) == HLS:
            return [line for line in map(str.strip, text_of(file).splitlines()) if line]
    return []


def _ends(text: str) -> dict[str, int]:
    """Returns the bytes that a playlist needs of each segment of which it takes parts."""
    ends: dict[str, int] = {}
    stated, last = None, ""
    for line in map(str.strip, text.splitlines()):
        if found := _RANGE.match(line):
            stated = found
        elif line and not line.startswith("#"):
            if stated:
                begin = stated[2] or (ends.get(line, 0) if line == last else 0)
                ends[line] = max(ends.get(line, 0), int(begin) + int(stated[1]))
            stated, last = None, line
    return ends


def _is_elsewhere(name: str) -> bool:
    return "://" in name and not name.startswith("file:")


def _place(folder: Path, name: str) -> Path | None:
    """Returns the file of a segment that has content, if there is one."""
    for path in spellings(folder, name):
        with suppress(OSError, ValueError):
            if path.stat().st_size:
                return path
    return None
