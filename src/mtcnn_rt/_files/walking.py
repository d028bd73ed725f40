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


class _Folder:
    """A folder that is gone through; the names in it are all that is in memory.

    Attributes:
        path: Its path.
        real: Its path without links.
    """

    def __init__(self, path: str, real: str) -> None:
        """Reads the names. Raises OSError if the folder cannot be read."""
        self.path, self.real = path, real
        self._links: dict[str, bool] = {}  # of folders: whether they are links
        names = []
        with os.scandir(path or os.curdir) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                names.append(entry.name)
                if _is_folder(entry):
                    self._links[entry.name] = entry.is_symlink()
        self.names = iter(sorted(names))

    def is_file(self, name: str) -> bool:
        """Returns true for a name that is no folder's."""
        return name not in self._links

    def place_of(self, name: str, begun: set[str]) -> str | None:
        """Returns the path without links of a folder in it; None: it has another name.

        Args:
            name: The folder.
            begun: Gets where a link leads.
        """
        if not self._links[name]:
            place = os.path.join(self.real, name)
            return None if place in begun else place
        place = os.path.realpath(os.path.join(self.path, name))
        if _is_reached(place, begun):
            return None
        begun.add(place)
        return place


def walk(top: str) -> Iterator[Found]:
    """Yields a folder and what is in it and below, sorted by name, without hidden ones.

    Args:
        top: The folder, which may be hidden or a link; empty is the current one.

    Yields:
        Files and folders; no more than the names of one folder and of those above it are in memory.
    """
    place = os.path.realpath(top)
    begun = {place}  # where it began, and where links led
    first = _opened(top, place)
    yield Found(top, True, first is not None)
    ways = [] if first is None else [first]
    while ways:
        above = ways[-1]
        name = next(above.names, None)
        if name is None:
            ways.pop()
            continue
        path = os.path.join(above.path, name)
        if above.is_file(name):
            yield Found(path, False)
            continue
        real = above.place_of(name, begun)
        if real is None:
            continue
        folder = _opened(path, real)
        yield Found(path, True, folder is not None)
        if folder is not None:
            ways.append(folder)


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


def _opened(path: str, real: str) -> _Folder | None:
    """Returns a folder; None if it cannot be read."""
    try:
        return _Folder(path, real)
    except OSError:
        return None


def _is_reached(place: str, begun: set[str]) -> bool:
    """Returns true for a folder below one of `begun`, unless it is hidden there."""
    path = PurePath(place)
    return any(
        str(above) in begun
        and not any(part.startswith(".") for part in path.relative_to(above).parts)
        for above in (path, *path.parents)
    )


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False
