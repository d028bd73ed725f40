"""Holds the items of an archive: what one record is made of, and where its pixels come from."""

from __future__ import annotations

import os
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._files.addresses import is_address
from mtcnn_rt._images.reading import Part, read_content, read_opened
from mtcnn_rt.batch.remote import name_of, opened, size_of


class Content(Protocol):
    """Gives the bytes of an image file, in the worker that decodes it."""

    def read(self, max_pixels: int) -> bytes:
        """Returns the bytes.

        Raises:
            OSError: They cannot be read.
            ValueError: There are more than an image of so many pixels can have, or the reason why
                the item cannot be decoded.
        """


@dataclass(frozen=True)
class File:
    """The content of a file, named by a path or URI."""

    path: str

    def read(self, max_pixels: int) -> bytes:
        """Reads the file, see `Content.read`."""
        if not is_address(self.path):
            try:
                return read_content(Path(self.path), max_pixels)
            except IsADirectoryError:  # only one that cannot be listed is an item: this says why
                os.listdir(self.path)
                raise
        with opened(self.path) as file:
            return read_opened(file, name_of(self.path), max_pixels)


@dataclass(frozen=True)
class Slice:
    """A part of a file: a member of a tar file that is not compressed.

    Attributes:
        path: The file.
        name: Name of the member.
        start: Position of the first byte.
        size: Number of bytes.
    """

    path: str
    name: str
    start: int
    size: int

    def read(self, max_pixels: int) -> bytes:
        """Reads the part, see `Content.read`."""
        with opened(self.path) as file:
            file.seek(self.start)
            return read_opened(
                Part(file, self.size), f"{name_of(self.path)}/{self.name}", max_pixels
            )


@dataclass(frozen=True)
class SparseMember:
    """A member with holes, as `tar -S` writes it, of a tar file that is not compressed.

    Attributes:
        path: The tar file.
        name: Name of the member.
        start: Position of the first byte of its header.
    """

    path: str
    name: str
    start: int

    def read(self, max_pixels: int) -> bytes:
        """Reads the member, its holes as zeros, see `Content.read`."""
        place = f"{name_of(self.path)}/{self.name}"
        with opened(self.path) as whole, _naming_faults(place):
            whole.seek(self.start)
            with tarfile.open(fileobj=whole, mode="r:") as archive:
                member = archive.next()
                file = member and archive.extractfile(member)
                if not file:
                    raise ValueError(f"cannot read {place}: the tar file has changed")
                stored = size_of(self.path)
                return read_opened(file, place, max_pixels, stored)


@dataclass(frozen=True)
class ZipMember:
    """A member of a zip file.

    Attributes:
        path: The zip file.
        name: Name of the member, which several may have.
        index: Its place in the directory of the file, from 0.
    """

    path: str
    name: str
    index: int

    def read(self, max_pixels: int) -> bytes:
        """Reads the member, see `Content.read`."""
        place = f"{name_of(self.path)}/{self.name}"
        with _naming_faults(place):
            archive = _opened_zip(self.path)
            members = archive.infolist()
            if self.index >= len(members) or members[self.index].filename != self.name:
                raise ValueError(f"cannot read {place}: the zip file has changed")
            member = members[self.index]
            stored = min(member.compress_size, size_of(self.path))
            with archive.open(member) as file:
                return read_opened(file, place, max_pixels, stored)


@dataclass(frozen=True)
class Bytes:
    """Bytes that are read already, such as those of a compressed tar file."""

    content: bytes

    def read(self, max_pixels: int) -> bytes:
        """Returns the bytes, see `Content.read`."""
        return self.content


@dataclass(frozen=True)
class Unreadable:
    """Content that cannot be read, for a reason that is known already."""

    reason: str

    def read(self, max_pixels: int) -> bytes:
        """Raises ValueError with the reason."""
        raise ValueError(self.reason)


@dataclass(frozen=True, eq=False)
class FrameOf:
    """A frame of a video.

    Attributes:
        index: Index of the frame in the video.
        time: Its time in seconds.
        pixels: (H, W, 3) uint8 BGR.
    """

    index: int
    time: float
    pixels: Pixels


@dataclass(frozen=True, eq=False)
class Item:
    """Holds what one record is made of.

    Attributes:
        name: Path of the file; of a member of an archive, its path below that of the archive.
        content: Where its pixels come from.
    """

    name: str
    content: Content | FrameOf

    @property
    def key(self) -> str:
        """A name that also has the index of a frame."""
        return (
            f"{self.name}#{self.content.index}" if isinstance(self.content, FrameOf) else self.name
        )


@contextmanager
def _naming_faults(place: str) -> Iterator[None]:
    """Raises ValueError for what a broken archive causes, for which there is no common error.

    Among others a wrong checksum, a password, and a method of compression that is not known here.
    """
    try:
        yield
    except (OSError, ValueError, ImportError):
        raise
    except Exception as error:
        raise ValueError(f"cannot read {place}: {error}") from error


@lru_cache(maxsize=2)
def _opened_zip(path: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(opened(path) if is_address(path) else path)
