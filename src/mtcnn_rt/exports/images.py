"""Chooses what is exported: names relative to a folder, scores, boxes, each image once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

from mtcnn_rt.exports.results import FoundImage, read_results


@dataclass
class ExportedImages:
    """The images of a file of results that are exported. May be iterated several times.

    Attributes:
        results: The file of results.
        folder: The folder that names become relative to; None keeps the names.
        min_score: Faces below this score are left out.
        place_of: Returns a name's place in the output, which only one image can have; raises
            ValueError for a name that the format cannot hold.
        cut: True cuts boxes at the edges of the image, which annotation tools ask for.
        problems: After an iteration: a line for each image that is left out, or has a face that is.
        images: After an iteration: number of images.
        faces: After an iteration: number of faces.
    """

    results: Path
    folder: Path | None = None
    min_score: float = 0.0
    place_of: Callable[[str], str] = str
    cut: bool = False
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
        chosen = [face for face in image.faces if face["score"] >= self.min_score]
        if self.cut:
            chosen = [{**face, "box": _cut(face["box"], image)} for face in chosen]
        faces = [face for face in chosen if _has_area(face["box"])]
        if len(faces) < len(chosen):
            where = " in the image" if self.cut else ""
            self.problems.append(
                f"{name}: {len(chosen) - len(faces)} of {len(chosen)} faces left out: their boxes "
                f"have no area{where}"
            )
        return replace(image, name=name, faces=faces)


def _cut(box: list[float], image: FoundImage) -> list[float]:
    """Returns the part of a box that is inside of the image, which may be empty."""
    x1, x2 = (min(max(x, 0.0), image.width) for x in box[::2])
    y1, y2 = (min(max(y, 0.0), image.height) for y in box[1::2])
    return [x1, y1, x2, y2]


def _has_area(box: list[float]) -> bool:
    """Returns whether the sides of a box are above 0, also as they are written."""
    x1, y1, x2, y2 = box
    return round(x2 - x1, 2) > 0 and round(y2 - y1, 2) > 0


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
