"""Goes through what a command line names: files, folders, glob patterns, lists and archives.

The order depends on the names alone; files whose extension does not tell what they are are taken by
their first bytes. No more than one folder is in memory at a time, so that a run can go on where
another one ended, in archives of any size.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from threading import Lock
from typing import BinaryIO

from mtcnn_rt._files import first_bytes
from mtcnn_rt._files.addresses import is_address
from mtcnn_rt._files.extensions import WHY_RAW, is_raw
from mtcnn_rt._files.paths import may_be_file, why_missing
from mtcnn_rt._files.walking import matches, walk
from mtcnn_rt.batch.archives import (
    WHY_NO_ARCHIVE,
    is_archive,
    is_image,
    is_unreadable_archive,
    items_of,
)
from mtcnn_rt.batch.items import File, Item, Unreadable
from mtcnn_rt.batch.remote import expanded, name_of
from mtcnn_rt.batch.tar_reading import is_compressed
from mtcnn_rt.batch.videos import frame_count, frames_of, is_video_name

STDIN = "-"
_AT_ONCE = 1 << 16  # about so many bytes of a list are read at once
_WHY_NO_FILE = "a pipe or socket, which can be read only once; copy what comes out of it to a file"

_WHY_NO_VIDEO = "a video; those at URIs are not read, copy it here"


@dataclass(frozen=True)
class Sources:
    """Holds the sources that a command line names.

    Attributes:
        given: Files, folders, glob patterns, by path or URI; - is a list of such, one a line.
        listed: The list, which can be read several times; None without.
        max_pixels: Most pixels of an image.
        every: Of a video: 1 is every frame, 2 every second one, ...
    """

    given: Sequence[str]
    listed: BinaryIO | None
    max_pixels: int
    every: int = 1
    _reading: Lock = field(default_factory=Lock, init=False, repr=False, compare=False)

    def items(self) -> Generator[Item, None, None]:
        """Yields the items, in an order that depends on the names alone."""
        for path in self.files():
            yield from self._items_of(path)

    def files(self) -> Iterator[str]:
        """Yields the files: image files, archives, videos, and names that lead to nothing."""
        for text in self.given:
            if text == STDIN and self.listed is not None:
                for line in self._lines_of(self.listed):
                    if name := os.fsdecode(line.rstrip(b"\r\n")):
                        yield from _expand(name)
            else:
                yield from _expand(text)

    def _lines_of(self, listed: BinaryIO) -> Iterator[bytes]:
        """Yields the lines of the list from its beginning, whoever reads it at the same time."""
        place = 0
        while True:
            with self._reading:
                listed.seek(place)
                lines = listed.readlines(_AT_ONCE)
                place = listed.tell()
            if not lines:
                return
            yield from lines

    def count(self) -> int | None:
        """Returns about how many items there are; None if only reading everything tells."""
        total = 0
        for path in self.files():
            name = name_of(path)
            if not is_address(path) and _is_pipe(path):
                total += 1
            elif is_archive(name):
                if is_compressed(name) or is_address(path):
                    return None
                total += sum(1 for _ in items_of(path, self.max_pixels, counting=True))
            else:
                clip = not is_address(path) and _is_clip(path)
                total += frame_count(path, self.every) if clip else 1
        return total

    def _items_of(self, path: str) -> Iterator[Item]:
        if is_address(path):
            yield from self._remote_items_of(path)
        elif not os.path.exists(path):
            yield Item(path, Unreadable(f"cannot read {path or repr(path)}: {why_missing(path)}"))
        elif _is_pipe(path):
            yield Item(path, Unreadable(f"cannot read {path}: {_WHY_NO_FILE}"))
        elif is_archive(path):
            yield from items_of(path, self.max_pixels, counting=False)
        elif _is_clip(path):
            yield from frames_of(path, self.max_pixels, self.every)
        elif why := _why_unread(path):
            yield Item(path, Unreadable(f"cannot read {path}: {why}"))
        else:
            yield Item(path, File(path))

    def _remote_items_of(self, uri: str) -> Iterator[Item]:
        name = name_of(uri)
        if is_archive(name):
            yield from items_of(uri, self.max_pixels, counting=False)
        elif why := _WHY_NO_VIDEO if is_video_name(name) else _why_unread(name):
            yield Item(name, Unreadable(f"cannot read {name}: {why}"))
        else:
            yield Item(name, File(uri))


def _expand(text: str) -> Iterator[str]:
    """Yields the files that a name leads to; the name itself if there are none."""
    if is_address(text):
        yield from _expand_uri(text)
    elif os.path.isdir(text):
        yield from _below(text)
    elif os.path.exists(text):
        yield text
    else:
        yield from _matched(text)


def _matched(pattern: str) -> Iterator[str]:
    """Yields the files that a glob pattern leads to, each once; the pattern itself without any."""
    folders: set[str] = set()
    found = matches(pattern)
    for match in found:
        if any(os.fspath(above) in folders for above in PurePath(match).parents):
            continue  # `**` also matches what is below a folder that it matches
        if os.path.isdir(match or os.curdir):
            folders.add(os.fspath(PurePath(match)))
            yield from _below(match)
        else:
            yield match
    if not found:
        yield pattern


def _expand_uri(uri: str) -> Iterator[str]:
    """Yields the files that a URI leads to; the URI itself if there are none."""
    try:
        found = list(expanded(uri))
    except (OSError, ValueError):  # it gives an item with the reason
        found = []
    files = [one for one in found if _is_known(name_of(one)) or len(found) == 1]
    yield from files or [uri]


def _is_known(name: str) -> bool:
    return is_image(name) or is_archive(name) or is_video_name(name) or is_unreadable_archive(name)


def _why_unread(name: str) -> str:
    """Returns why a file with this name is not read; "" for others."""
    if is_raw(name):
        return WHY_RAW
    return WHY_NO_ARCHIVE if is_unreadable_archive(name) else ""


def _is_pipe(path: str) -> bool:
    """Returns true for a named pipe or a socket: opening it would wait for its other end."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):  # reading it gives the reason
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _is_clip(path: str) -> bool:
    """Returns true for a video: by its extension, or by its first bytes if that is unknown."""
    return is_video_name(path) or (not _is_known(path) and first_bytes.kind_of(path) == "video")


def _below(folder: str) -> Iterator[str]:
    """Yields the images, archives and videos of a folder, sorted, without hidden ones.

    Only files whose extension is unknown, or one of text, too, are opened, for their first bytes.
    Pipes and devices are left out. A folder that cannot be read is yielded itself: it gives an item
    with the reason.
    """
    for found in walk(folder):
        if found.is_folder:
            if not found.is_open:
                yield found.path
        elif _is_wanted(found.path):
            yield found.path


def _is_wanted(path: str) -> bool:
    """Returns true for an image, an archive or a video in a folder, or its link to nothing."""
    if _is_known(path):
        return may_be_file(path) and not first_bytes.is_text(path)
    return first_bytes.kind_of(path) != ""
