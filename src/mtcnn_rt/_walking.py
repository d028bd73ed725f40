"""Goes through folders and glob patterns in a stable order that ends also where links are circles.

A link to a folder is followed where it leads out of the folders that are gone through anyway. Each
folder is so gone through once, whatever links there are: with a rule that only refuses circles, 40
folders with two links each to the next one would be 2^40 paths.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from glob import escape, iglob
from pathlib import PurePath

_SEPARATOR = r"[\\/]" if os.sep == "\\" else "/"
_ANY_FOLDERS = re.compile(rf"(?:^|(?<={_SEPARATOR}))\*\*(?:{_SEPARATOR}+|$)")


@dataclass(frozen=True)
class Found:
    """A file or folder.

    Attributes:
        path: Its path, which begins with that of the folder where the search began.
        is_folder: True for a folder, which comes before what is in it.
        is_open: False for a folder that cannot be read.
    """

    path: str
    is_folder: bool
    is_open: bool = True


@dataclass(frozen=True)
class _Entry:
    """An entry of a folder; `real` is its path without links, as far as they are followed."""

    path: str
    real: str
    is_folder: bool = True
    is_link: bool = False


def walk(top: str) -> Iterator[Found]:
    """Yields a folder and what is in it and below, sorted by name, without hidden ones.

    Args:
        top: The folder, which may be hidden or a link; empty is the current one.

    Yields:
        Files and folders; no more than the names of one folder and of those above it are in memory.
    """
    real = os.path.realpath(top)
    begun: set[str] = set()  # where it began, and where links led
    ways = [iter([_Entry(top, real, is_link=True)])]
    while ways:
        entry = next(ways[-1], None)
        if entry is None:
            ways.pop()
        elif not entry.is_folder:
            yield Found(entry.path, False)
        elif (place := _place_to_search(entry, begun)) is not None:
            try:
                inside = _entries(entry.path, place)
            except OSError:
                yield Found(entry.path, True, False)
                continue
            yield Found(entry.path, True)
            ways.append(iter(inside))


def matches(pattern: str) -> list[str]:
    """Returns what a glob pattern matches, sorted.

    `**` is any folders, as `walk` finds them; at the end, as in `**/*`, it is the folder itself
    with all that is in it. The current folder is an empty name.
    """
    return sorted(set(_matches(pattern)))


def _matches(pattern: str) -> Iterator[str]:
    wild = _ANY_FOLDERS.search(pattern)
    if wild is None:
        yield from iglob(pattern)
        return
    head, tail = pattern[: wild.start()], pattern[wild.end() :]
    for start in iglob(head) if head else [""]:
        if tail in ("", "*"):  # everything in the folder, which gives each file once
            yield start
            continue
        for found in walk(start):
            if found.is_folder and found.is_open:
                yield from _matches(os.path.join(escape(found.path), tail))


def _place_to_search(entry: _Entry, begun: set[str]) -> str | None:
    """Returns the path of a folder without links; None if it is searched under another name."""
    if not entry.is_link:
        return None if entry.real in begun else entry.real
    place = os.path.realpath(entry.path)
    if _is_reached(place, begun):
        return None
    begun.add(place)
    return place


def _is_reached(place: str, begun: set[str]) -> bool:
    """Returns true for a folder below one of `begun`, unless it is hidden there."""
    path = PurePath(place)
    return any(
        str(above) in begun
        and not any(part.startswith(".") for part in path.relative_to(above).parts)
        for above in (path, *path.parents)
    )


def _entries(folder: str, real: str) -> list[_Entry]:
    """Returns what is in a folder, sorted. Raises OSError if it cannot be read."""
    with os.scandir(folder or os.curdir) as entries:
        found = sorted(
            (entry.name, _is_folder(entry), entry.is_symlink())
            for entry in entries
            if not entry.name.startswith(".")
        )
    return [
        _Entry(os.path.join(folder, name), os.path.join(real, name), is_folder, is_link)
        for name, is_folder, is_link in found
    ]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False
