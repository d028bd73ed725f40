"""Chooses what is exported: names relative to a folder, scores, each image once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

from mtcnn_rt.exports.results import Face, FoundImage, read_results

Box = tuple[float, float, float, float]


@dataclass
class ExportedImages:
    """The images of a file of results that are exported. May be iterated several times.

    Attributes:
        results: The file of results.
        folder: The folder that names become relative to; None keeps the names.
        min_score: Faces below this score are left out.
        place_of: Returns a name's place in the output, which only one image can have; raises
            ValueError for a name that the format cannot hold.
        problems: After an iteration: a line for each image that is left out.
        images: After an iteration: number of images.
        faces: After an iteration: number of faces.
    """

    results: Path
    folder: Path | None = None
    min_score: float = 0.0
    place_of: Callable[[str], str] = str
    problems: list[str] = field(default_factory=list)
    images: int = 0
    faces: int = 0

    def __iter__(self) -> Iterator[FoundImage]:
        """Yields the images.

        Raises:
            OSError: The results cannot be read.
            ValueError: They are broken.
        """
        self.problems, self.images, self.faces = [], 0, 0
        frames = 0
        taken: set[str] = set()
        for image in read_results(self.results):
            if image.frame is not None:
                frames += 1
                continue
            try:
                chosen = self._chosen(image, taken)
            except ValueError as error:
                self.problems.append(str(error))
                continue
            self.images += 1
            self.faces += len(chosen.faces)
            yield chosen
        if frames:
            self.problems.append(f"{frames} frames of videos left out: annotations are of images")

    def _chosen(self, image: FoundImage, taken: set[str]) -> FoundImage:
        """Returns the image as it is exported. Raises ValueError if it is left out."""
        if image.error:
            raise ValueError(f"{image.name} left out: {image.error}")
        name = PurePath(image.name).as_posix()
        if self.folder is not None:
            name = _relative(name, self.folder)
        try:
            place = self.place_of(name)
        except ValueError as error:
            raise ValueError(f"{name} left out: {error}") from error
        if place in taken:
            raise ValueError(f"{name} left out: another image has its place, {place}")
        taken.add(place)
        faces = [face for face in image.faces if face["score"] >= self.min_score]
        return replace(image, name=name, faces=faces)


def inside(box: list[float], image: FoundImage) -> Box | None:
    """Returns the part of a box that is inside of the image, None if there is none.

    Detected boxes may reach over the edges, which annotation tools refuse.
    """
    x1, x2 = (min(max(x, 0.0), image.width) for x in box[::2])
    y1, y2 = (min(max(y, 0.0), image.height) for y in box[1::2])
    return (x1, y1, x2, y2) if x2 > x1 and y2 > y1 else None


def faces_inside(image: FoundImage) -> Iterator[Face]:
    """Yields the faces, their boxes cut at the edges; a face outside of the image is left out."""
    for face in image.faces:
        if box := inside(face["box"], image):
            yield {**face, "box": list(box)}


def is_inside(point: list[float], image: FoundImage) -> bool:
    """Returns true for a point in the image."""
    x, y = point
    return 0 <= x <= image.width and 0 <= y <= image.height


def relative_place(name: str) -> str:
    """Returns a name without its extension, below the folder of the output.

    Raises:
        ValueError: The name leads out of it.
    """
    path = PurePath(name)
    if path.is_absolute() or ".." in path.parts or path.drive:
        raise ValueError("its name is no relative path; --images FOLDER makes it relative")
    return path.with_suffix("").as_posix()


def one_line(name: str) -> str:
    """Returns a name that a line of text can hold.

    Raises:
        ValueError: It has a line break.
    """
    if len(name.splitlines()) != 1:
        raise ValueError("its name has a line break")
    return name


def _relative(name: str, folder: Path) -> str:
    """Returns the name relative to the folder. Raises ValueError if it is not below it."""
    try:
        relative = PurePath(os.path.relpath(name, folder)).as_posix()
    except ValueError:  # another drive
        relative = ".."
    if relative.split("/")[0] == "..":
        raise ValueError(f"{name} left out: it is not in {folder}")
    return relative
