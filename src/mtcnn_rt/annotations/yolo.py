"""Reads YOLO data sets: a text file of labels for each image, in shares of the image's sides.

A line is a class and the center x y and size of a box; of a pose data set, x y and visibility of
five keypoints follow. Images are in folders called images, labels in folders called labels beside
them; an image without labels has no faces. A description, such as data.yaml, names the classes and
the folders of the splits; with one, a line may have a polygon, x y x y ..., in place of a box.
classes.txt names the classes alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

import numpy as np

from mtcnn_rt._files.extensions import EXTENSIONS, UNREADABLE, WITH_PILLOW
from mtcnn_rt._files.first_bytes import kind_of
from mtcnn_rt._files.walking import walk
from mtcnn_rt.annotations.annotated import Entry, make_entry
from mtcnn_rt.annotations.classes import face_classes
from mtcnn_rt.annotations.lines import (
    BrokenLineError,
    is_row,
    read_lines,
    refuse_broken_box,
    with_slashes,
)
from mtcnn_rt.annotations.storage import Stored
from mtcnn_rt.annotations.yolo_data_set import DESCRIPTIONS, IMAGES, LABELS, DataSet, description_in
from mtcnn_rt.annotations.yolo_rows import landmarks_of, parse_row

_RARE = WITH_PILLOW | UNREADABLE
"""Further extensions of images; one that cannot be decoded is named when it is read."""


def is_data_set(path: Path) -> bool:
    """Returns whether a path is a description, or a folder with one or with labels."""
    if path.is_dir():
        return description_in(path) is not None or (path / LABELS).is_dir()
    return path.suffix.lower() in DESCRIPTIONS


def files_of(path: Path) -> list[Path]:
    """Returns the description and the folders of labels."""
    try:
        data = DataSet.at(path, None)
        places = [data.labels_in(place) for place, _ in data.places()]
    except (OSError, ValueError):  # reading it will raise the error again
        places = []
    return [path if not path.is_dir() else path / "data.yaml", *places]


def image_places(path: Path) -> list[Path]:
    """Returns the folders that the names of entries are relative to."""
    root = DataSet.at(path, None).description.root
    return [root / IMAGES, root]


def read(path: Path, images: Path | None, problems: list[str]) -> Iterator[Entry]:
    """Yields the entries; an image with a broken line is skipped and reported in `problems`.

    Args:
        path: A description, or a folder with one or with labels/.
        images: Folder of the images; None: as the description says, or images/.
        problems: Receives the reports.

    Raises:
        OSError: A file cannot be read.
        ValueError: There is no image, or no class of faces.
    """
    if images is not None and not images.is_dir():
        raise ValueError(f"{images}: not a folder, in which images of YOLO data sets are")
    data = DataSet.at(path, images)
    labels = _face_labels(data)
    splits, missing = _splits_of_images(data)
    if not splits:
        tried = ", ".join(str(place) for place, _ in data.places())
        raise ValueError(f"{path}: the images are not found: there is none in {tried}")
    alone = _labels_alone(data, splits, missing)
    problems += [*dict.fromkeys(missing), *(f"{file} has no image" for file in alone)]
    base = _common_folder(data, splits)
    of_labels: dict[Path, Path] = {}
    for image, of in splits.items():
        name, file = _name_of(image, base), data.labels_of(image)
        if not os.path.isfile(image):  # a line of a list
            problems.append(f"{path}: {name} has no image")
            continue
        first = of_labels.setdefault(file, image)
        if first != image and os.path.isfile(file):
            problems.append(f"{path}: {name} has the labels of {_name_of(first, base)}; rename one")
            continue
        try:
            yield _read_labels(data, image, labels, name, next(iter(of)) if len(of) == 1 else "")
        except (ValueError, OSError) as error:  # BrokenLineError is one
            problems.append(_naming(path, str(error)))


def _face_labels(data: DataSet) -> dict[int, str] | None:
    """Returns the label of each class of faces; None if classes have no names."""
    names = data.description.names
    if not names:
        return None
    try:
        return face_classes(names)
    except ValueError as error:
        raise ValueError(f"{data.path}: {error}") from error


def _splits_of_images(data: DataSet) -> tuple[dict[Path, set[str]], list[str]]:
    """Returns the splits of each image, and a line about each place that is missing."""
    splits: dict[Path, set[str]] = {}
    missing: list[str] = []
    for place, split in data.places():
        images = _images_of(data, place, missing)
        if images is None:
            missing.append(f"{data.path}: {split}: {place} is no folder and no list of images")
        for image in images or ():
            splits.setdefault(image, set()).add(split)
    return splits, missing


def _images_of(data: DataSet, place: Path, closed: list[str]) -> list[Path] | None:
    """Returns the images of a folder, sorted, or of a text file that lists them; None for neither.

    Files of rarer formats, and photos without an extension, count if they have labels of their own:
    a camera's raw file may lie beside its photo.

    Args:
        data: The data set.
        place: The folder or the text file.
        closed: Receives a line about each folder that cannot be opened.
    """
    if os.path.isdir(place):
        files = _files_in(place, closed)
        usual = [file for file in files if file.suffix.lower() in EXTENSIONS]
        taken = {data.labels_of(image) for image in usual}
        others = (file for file in files if data.labels_of(file) not in taken)
        return sorted([*usual, *(one for one in others if _is_labeled(data, one))])
    if place.suffix.lower() == ".txt" and os.path.isfile(place):
        return _listed(place)
    return None


def _files_in(folder: Path, closed: list[str]) -> list[Path]:
    """Returns the files in a folder and below, also where links lead, without hidden ones.

    Args:
        folder: The folder.
        closed: Receives a line about each folder that cannot be opened.
    """
    found = list(walk(str(folder)))
    closed += [
        f"cannot read {one.path}: the folder cannot be opened" for one in found if not one.is_open
    ]
    return [Path(one.path) for one in found if not one.is_folder and os.path.isfile(one.path)]


def _listed(file: Path) -> list[Path]:
    """Returns the images of a list, relative to its folder.

    Lists of other machines, and such as begin with a folder that an archive does not have, lead
    nowhere: of these the first folders are dropped, as few as let an image be found.
    """
    names = [PurePosixPath(with_slashes(line.text)).parts for line in read_lines(file)]
    for dropped in range(max(map(len, names), default=0)):
        images = [file.parent.joinpath(*parts[min(dropped, len(parts) - 1) :]) for parts in names]
        if any(map(os.path.isfile, images)):
            return images
    return [file.parent.joinpath(*parts) for parts in names]


def _is_labeled(data: DataSet, file: Path) -> bool:
    """Returns whether a file is an image, by its name or its first bytes, and has labels."""
    if not os.path.isfile(data.labels_of(file)):
        return False
    return file.suffix.lower() in _RARE or kind_of(file) == "photo"


def _labels_alone(data: DataSet, images: Iterable[Path], closed: list[str]) -> list[Path]:
    """Returns the files of labels, in the folders of the data set, whose image is not there.

    Args:
        data: The data set.
        images: All images.
        closed: Receives a line about each folder that cannot be opened.
    """
    taken = {data.labels_of(image) for image in images}
    folders = [data.labels_in(place) for place, _ in data.places() if os.path.isdir(place)]
    there = [folder for folder in folders if os.path.isdir(folder)]
    files = {file for folder in there for file in _files_in(folder, closed)} - taken
    return sorted(file for file in files if file.suffix == ".txt" and _has_labels(file))


def _has_labels(file: Path) -> bool:
    """Returns whether a text file is one of labels: it may be a list, such as classes.txt."""
    lines = read_lines(file)
    return not lines or is_row(lines[0].text)


def _read_labels(
    data: DataSet, image: Path, labels: dict[int, str] | None, name: str, split: str
) -> Entry:
    """Returns the entry of an image. Raises BrokenLineError, ValueError or OSError."""
    file = data.labels_of(image)
    lines = read_lines(file) if os.path.isfile(file) else []
    shape = data.description.keypoints
    rows = []
    for line in lines:
        row = parse_row(line, shape, bool(data.description.places))
        if labels is not None and int(row[0]) not in data.description.names:
            raise BrokenLineError(line, f"there is no class {int(row[0])} among the names")
        if labels is None or int(row[0]) in labels:
            refuse_broken_box(line, row[1:5])
            rows.append(row)
    size = np.array(_size_of(image) if rows else (1, 1), np.float64)
    boxes = np.array([row[1:5] for row in rows], np.float64).reshape(-1, 4)
    sides = np.hstack([boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, 2:]]) * np.tile(size, 2)
    points = np.array([landmarks_of(row[5:], shape) for row in rows]).reshape(-1, 5, 2) * size
    texts = ["" if labels is None else labels[int(row[0])] for row in rows]
    return make_entry(name, sides, points.astype(np.float32), None, texts, split)


def _size_of(image: Path) -> tuple[int, int]:
    """Returns the size of an image. Raises ValueError if it cannot be read, or is turned."""
    stored = Stored(image, str(image))
    if stored.is_turned():
        raise ValueError(
            f"{image}: its EXIF orientation turns it: its labels are of other pixels than are "
            "stored; write it upright"
        )
    return stored.size()


def _common_folder(data: DataSet, images: Iterable[Path]) -> Path:
    """Returns the folder that names become relative to."""
    if data.images is not None:
        return data.images
    usual = data.description.root / IMAGES
    is_usual = all(image.is_relative_to(usual) for image in images)
    return usual if is_usual else data.description.root


def _name_of(image: Path, base: Path) -> str:
    """Returns the name of an image relative to a folder; its path if it is elsewhere."""
    if image.is_relative_to(base):
        return image.relative_to(base).as_posix()
    return str(image.absolute())


def _naming(path: Path, error: str) -> str:
    return error if str(path) in error else f"{path}: {error}"
