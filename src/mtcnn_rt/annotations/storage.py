"""Finds the pixels of annotated images: files of a folder, or members of a tar."""

from __future__ import annotations

import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._defaults import MAX_PIXELS
from mtcnn_rt.images import decode_image


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

    def read(self) -> Pixels:
        """Reads and decodes the image.

        Returns:
            (H, W, 3) uint8 BGR; an EXIF orientation is not applied.

        Raises:
            ValueError: The image cannot be read.
        """
        try:
            with self.path.open("rb") as file:
                file.seek(self.offset)
                content = file.read(self.length)
        except OSError as error:
            raise ValueError(f"cannot read {self.name}: {error.strerror or error}") from error
        return decode_image(content, self.name, upright=False, max_pixels=self.max_pixels)


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
        if place.exists():
            storage = Folder(place) if place.is_dir() else Tar(place)
            if any(storage.find(name) for name in names):
                return storage
    tried = ", ".join(str(place) for place in places)
    raise ValueError(f"the images are not found: no {names[0]} in {tried}")
