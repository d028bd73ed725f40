"""Says where the images of a YOLO data set and their labels are, see `yolo`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mtcnn_rt.annotations.lines import read_lines
from mtcnn_rt.annotations.yolo_description import Description, read_description

DESCRIPTIONS = (".yaml", ".yml")
IMAGES, LABELS = "images", "labels"


def description_in(folder: Path) -> Path | None:
    """Returns the description in a folder: data.yaml, or the only file of YAML."""
    found = sorted(file for file in folder.glob("*.y*ml") if file.suffix.lower() in DESCRIPTIONS)
    usual = [file for file in found if file.stem == "data"]
    return next(iter(usual or (found if len(found) == 1 else [])), None)


@dataclass(frozen=True)
class DataSet:
    """A data set.

    Attributes:
        path: The folder, or the description, as given.
        description: The description; one without places if there is none.
        images: The folder of all images, if it is given.
    """

    path: Path
    description: Description
    images: Path | None

    @staticmethod
    def at(path: Path, images: Path | None) -> DataSet:
        """Returns the data set of a folder or description.

        Args:
            path: The folder or the description.
            images: Folder of the images; None: as the description says, or images/.

        Raises:
            OSError: The description cannot be read.
            ValueError: It is broken.
        """
        file = description_in(path) if path.is_dir() else path
        described = _undescribed(path) if file is None else read_description(file)
        return DataSet(path, described, images)

    def places(self) -> Iterator[tuple[Path, str]]:
        """Yields each folder of images, or list of images, with its split."""
        root = self.description.root
        if self.images is not None:
            yield self.images, ""
        elif not self.description.places:
            yield root / IMAGES, ""
        for split, names in self.description.places.items() if self.images is None else ():
            for name in names:
                yield _existing(root, name), split

    def labels_of(self, image: Path) -> Path:
        """Returns the file of labels of an image, which need not exist."""
        if self.images is not None:
            folder = self.description.root / LABELS
            return (folder / image.relative_to(self.images)).with_suffix(".txt")
        return _labels_of(image).with_suffix(".txt")

    def labels_in(self, place: Path) -> Path:
        """Returns the folder of the labels of a folder of images."""
        return self.description.root / LABELS if self.images is not None else _labels_of(place)


def _undescribed(folder: Path) -> Description:
    """Returns the description of a folder without one; Label Studio writes classes.txt."""
    classes = folder / "classes.txt"
    lines = read_lines(classes) if os.path.isfile(classes) else []
    return Description(folder, names={index: line.text for index, line in enumerate(lines)})


def _labels_of(image: Path) -> Path:
    """Returns a path with its last folder "images" replaced by "labels", as Ultralytics does."""
    parts = list(image.parts)
    for index in range(len(parts) - 1, -1, -1):
        if parts[index] == IMAGES:
            parts[index] = LABELS
            break
    return Path(*parts)


def _existing(root: Path, name: str) -> Path:
    """Returns a place of the description; exporters write ../ where there is nothing above."""
    place = root / name
    if not os.path.exists(place) and name.startswith("../"):
        return root / name[3:]
    return place
