"""Where the pixels of annotated images are: files of a folder, or members of a tar."""

from __future__ import annotations

import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt.images import decode_image


@dataclass(frozen=True)
class Stored:
    """An encoded image: all of the file `path`, or `length` bytes of it from `offset` on."""

    path: Path
    name: str
    offset: int = 0
    length: int = -1

    def read(self) -> NDArray[np.uint8]:
        """(H, W, 3) uint8 BGR, EXIF orientation not applied. Raises ValueError."""
        try:
            with self.path.open("rb") as file:
                file.seek(self.offset)
                content = file.read(self.length)
        except OSError as error:
            raise ValueError(f"cannot read {self.name}: {error.strerror or error}") from error
        return decode_image(content, self.name, upright=False)


class Storage(Protocol):
    """Images by the names that annotations give them."""

    def find(self, name: str) -> Stored | None: ...


@dataclass(frozen=True)
class Folder:
    path: Path

    def find(self, name: str) -> Stored | None:
        file = self.path / name
        return Stored(file, str(file)) if file.is_file() else None


class Tar:
    """An uncompressed tar; its members are read in place, in any order and by any process.

    Raises ValueError where it is none."""

    def __init__(self, path: Path) -> None:
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
        return self._members.get(name)


def find_storage(places: Sequence[Path], names: Sequence[str]) -> Storage:
    """The first folder or tar of `places` that has one of the images `names`.

    Raises ValueError where none has."""
    for place in places:
        if place.exists():
            storage = Folder(place) if place.is_dir() else Tar(place)
            if any(storage.find(name) for name in names):
                return storage
    looked = ", ".join(str(place) for place in places)
    raise ValueError(f"the images are not found: no {names[0]} in {looked}")
