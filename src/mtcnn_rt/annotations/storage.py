"""Finds the pixels of annotated images: files of a folder, or members of a tar."""

from __future__ import annotations

import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._defaults import MAX_PIXELS
from mtcnn_rt._files.paths import is_there
from mtcnn_rt._images.decoding import decode
from mtcnn_rt._images.headers import ORIENTATIONS, HeaderError, ImageHeader, read_header
from mtcnn_rt._images.library_lines import UNHEARD, LibraryLines

TURNED = (
    "its EXIF orientation turns it: its labels may be of other pixels than are stored; write it "
    "upright"
)
_HEAD = 1 << 18
"""Bytes of an image in which its header should be."""


@dataclass(frozen=True)
class Stored:
    """An encoded image: a file, or a part of one.

    Attributes:
        path: The file.
        name: Name of the image in error messages.
        offset: The first byte.
        length: Number of bytes; -1: all.
        max_pixels: Most pixels to decode.
    """

    path: Path
    name: str
    offset: int = 0
    length: int = -1
    max_pixels: int = MAX_PIXELS

    def read(self, size: tuple[int, int] | None = None, lines: LibraryLines = UNHEARD) -> Pixels:
        """Reads and decodes the image.

        Args:
            size: Width and height that the pixels are to have, of the image as stored or upright;
                None takes them as stored.
            lines: Holds what libraries write to standard error meanwhile, see `decode`.

        Returns:
            (H, W, 3) uint8 BGR. An EXIF orientation is applied if only the upright image has the
            size.

        Raises:
            ValueError: The image cannot be read, its end is missing, or it has not the size; or it
                has it both as stored and upright, which are different.
        """
        content = self._read_bytes(self.length)
        decoded = decode(content, self.name, upright=False, max_pixels=self.max_pixels, lines=lines)
        if decoded.note:
            raise ValueError(f"cannot read {decoded.note}")
        return decoded.pixels if size is None else self._of_size(decoded.pixels, content, size)

    def _of_size(self, pixels: Pixels, content: bytes, size: tuple[int, int]) -> Pixels:
        """Returns the pixels as stored or upright, whichever has the size. Raises ValueError."""
        header = read_header(content)
        orientation = 1 if header is None or header.turns else header.orientation
        stored = (pixels.shape[1], pixels.shape[0])
        turned = ORIENTATIONS[orientation](pixels)
        upright = (turned.shape[1], turned.shape[0])
        if size == stored == upright and orientation != 1:
            raise ValueError(f"{self.name}: {TURNED}")
        if size == stored:
            return pixels
        if size == upright:
            return np.ascontiguousarray(turned)
        raise ValueError(
            f"{self.name}: has {stored[0]} x {stored[1]} pixels, but its annotations are of "
            f"{size[0]} x {size[1]}; annotate the image as it is, or resize it"
        )

    def size(self) -> tuple[int, int]:
        """Reads the width and height of the stored pixels, from the header where it has them.

        Raises:
            ValueError: The image cannot be read.
        """
        header = self._read_header()
        if header is None or header.turns:  # AVIF may be turned
            height, width = self.read().shape[:2]
            return width, height
        return header.size

    def is_turned(self) -> bool:
        """Returns whether an EXIF orientation turns or mirrors the image for viewers.

        Raises:
            ValueError: The image cannot be read.
        """
        header = self._read_header()
        return header is not None and header.orientation != 1

    def _read_header(self) -> ImageHeader | None:
        """Returns the header, of a part of the file if possible."""
        try:
            return read_header(
                self._read_bytes(min(_HEAD, self.length) if self.length >= 0 else _HEAD)
            )
        except HeaderError:
            pass
        try:
            return read_header(self._read_bytes(self.length))
        except HeaderError as error:
            raise ValueError(f"cannot read {self.name}: its header is broken: {error}") from error

    def _read_bytes(self, length: int) -> bytes:
        try:
            with self.path.open("rb") as file:
                file.seek(self.offset)
                return file.read(length)
        except (OSError, ValueError) as error:  # ValueError: a null character in the name
            reason = getattr(error, "strerror", None) or error
            raise ValueError(f"cannot read {self.name}: {reason}") from error


class Storage(Protocol):
    """Finds images by the names that annotations give them."""

    def find(self, name: str) -> Stored | None:
        """Returns the image of this name; None if there is none."""


@dataclass(frozen=True)
class Folder:
    """A folder of image files.

    Attributes:
        path: The folder that names are relative to.
    """

    path: Path

    def find(self, name: str) -> Stored | None:
        """Returns the image of this name; None if there is none."""
        file = self.path / name
        try:
            found = file.is_file()
        except (OSError, ValueError):  # a name that no file can have: too long, or with a zero
            return None
        return Stored(file, str(file)) if found else None


class Tar:
    """An uncompressed tar, whose members are read in place, in any order and by any process."""

    def __init__(self, path: Path) -> None:
        """Reads the tar's index.

        Raises:
            ValueError: The file is not an uncompressed tar.
        """
        try:
            with tarfile.open(path, "r:") as tar:
                self._members = {
                    member.name.removeprefix("./"): Stored(
                        path, f"{path}/{member.name}", member.offset_data, member.size
                    )
                    for member in tar
                    if member.isreg() and not member.issparse()
                }
        except (OSError, tarfile.TarError) as error:
            raise ValueError(f"{path}: not an uncompressed tar: {error}") from error

    def find(self, name: str) -> Stored | None:
        """Returns the image of this name; None if there is none."""
        return self._members.get(name)


def find_storage(places: Sequence[Path], names: Sequence[str]) -> Storage:
    """Finds the first folder or tar that has one of the images.

    Args:
        places: Folders and tars, which need not exist.
        names: Names of the images.

    Raises:
        ValueError: None of the places has any image.
    """
    for place in places:
        if is_there(place):
            storage = Folder(place) if place.is_dir() else Tar(place)
            if any(storage.find(name) for name in names):
                return storage
    tried = ", ".join(str(place) for place in places)
    raise ValueError(f"the images are not found: no {names[0]} in {tried}")
