"""Reads annotations in any of the known formats."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mtcnn_rt._defaults import MAX_PIXELS
from mtcnn_rt._files.paths import is_there, path_of
from mtcnn_rt.annotations import celeba, coco, jsonl, mtfl, retinaface, wider, yolo
from mtcnn_rt.annotations.annotated import Annotated, Annotations, Entry
from mtcnn_rt.annotations.lines import Line, read_lines, with_slashes
from mtcnn_rt.annotations.repeated import joined
from mtcnn_rt.annotations.storage import find_storage

HEAD = 10  # lines that decide the format


@dataclass(frozen=True)
class Format:
    """A format of annotations; each is a module here.

    Attributes:
        recognizes: Returns whether the first lines of a file are in this format.
        read: Yields the entries; broken lines are skipped and reported in the list.
        image_places: Returns where, besides the usual places, the images of a file in this folder
            may be; by default nowhere.
    """

    recognizes: Callable[[Sequence[Line]], bool]
    read: Callable[[Sequence[Line], list[str]], Iterator[Entry]]
    image_places: Callable[[Path], list[Path]] = lambda folder: []


FORMATS = {
    "coco": Format(coco.recognizes, coco.read, coco.image_places),
    "jsonl": Format(jsonl.recognizes, jsonl.read),
    "retinaface": Format(retinaface.recognizes, retinaface.read),
    "celeba": Format(celeba.recognizes, celeba.read, celeba.image_places),
    "wider": Format(wider.recognizes, wider.read, wider.image_places),
    "mtfl": Format(mtfl.recognizes, mtfl.read),
}
"""The formats of one file by their names, in the order in which they are tried."""

YOLO = "yolo"
"""The format of a folder."""
NAMES = ("jsonl", "coco", YOLO, "wider", "retinaface", "celeba", "mtfl")
"""The names of all formats, as messages list them."""


def read_annotations(
    path: str | os.PathLike[str],
    *,
    images: str | os.PathLike[str] | None = None,
    format: str | None = None,
    split: str | None = None,
    max_pixels: int = MAX_PIXELS,
    faceless: bool = False,
) -> Annotations:
    """Reads annotated images. A broken line, or a name without an image, is skipped.

    An image that is there several times is one with the faces of all its lines.

    Args:
        path: A file in one of `FORMATS`; a folder that has annotations.jsonl; or a YOLO data set:
            its folder or its description, such as data.yaml.
        images: The folder, or uncompressed tar, that names are relative to; None tries images/,
            images.tar and what the format's archives unpack to, beside the annotations. Of a YOLO
            data set, a folder.
        format: Name of the format; None recognizes it.
        split: Split whose images are kept; None keeps all.
        max_pixels: Most pixels of an image; reading a larger one is an error.
        faceless: True accepts annotations in which no image has a face.

    Returns:
        The images, and a line about everything that was skipped.

    Raises:
        ValueError: The format is unknown, the images are not found, or no face is usable; with
            `faceless`, there is no image.
        OSError: The file cannot be read.
    """
    problems: list[str] = []
    given, folder = path_of(path), None if images is None else path_of(images)
    if _is_yolo(given, format):
        file = given
        entries = list(yolo.read(given, folder, problems))
        places = yolo.image_places(given)
    else:
        file = _file(given)
        lines = read_lines(file)
        chosen = FORMATS[_recognize(file, lines) if format is None else _known(format)]
        read = chosen.read(lines, problems)
        entries = [replace(entry, name=with_slashes(entry.name)) for entry in read]
        places = _usual_places(file.parent) + chosen.image_places(file.parent)
    entries = joined(entries)
    _refuse_nothing(file, entries, problems, faceless)
    if split is not None:
        entries = _of_split(file, entries, split)
    found = _with_images(file, entries, [folder] if folder else places, max_pixels, problems)
    _refuse_nothing(file, found, problems, faceless)
    return Annotations(found, problems)


def files_of(path: Path) -> list[Path]:
    """Returns the files that `read_annotations` may read besides the images, which need not exist.

    Raises:
        ValueError: The path is a folder without annotations.jsonl, and no YOLO data set.
    """
    if _is_yolo(path, None):
        return yolo.files_of(path)
    file = _file(path)
    return [file, *celeba.side_files(file)]


def _is_yolo(path: Path, format: str | None) -> bool:
    """Returns whether a path is to be read as a YOLO data set."""
    if format is not None:
        return format == YOLO
    return not is_there(path / "annotations.jsonl") and yolo.is_data_set(path)


def _file(path: Path) -> Path:
    """Returns the annotation file of a path."""
    if not path.is_dir():
        return path
    file = path / "annotations.jsonl"
    if is_there(file):
        return file
    others = sorted(other.name for other in path.glob("*.json*"))
    there_is = f"; there is {', '.join(others)}" if others else ""
    raise ValueError(
        f"{path}: has no annotations.jsonl, and is no YOLO data set: name the file of annotations"
        f"{there_is}"
    )


def _known(name: str) -> str:
    """Returns the name if it is in `FORMATS`. Raises ValueError otherwise."""
    if name not in FORMATS:
        raise ValueError(f"format: expected one of {', '.join(NAMES)}, not {name!r}")
    return name


def _recognize(file: Path, lines: Sequence[Line]) -> str:
    for name, format in FORMATS.items():
        if format.recognizes(lines[:HEAD]):
            return name
    known = f"{file}: not annotations in a known format ({', '.join(NAMES)})"
    raise ValueError(f"{known}{_hint(lines)}")


def _hint(lines: Sequence[Line]) -> str:
    """Returns what may be wrong with a file of an unknown format, as the end of a message."""
    if not lines:
        return ": it is empty"
    begin = lines[0].text[:200]
    if "\0" in begin:
        return ": it is no text in UTF-8"
    if not begin.startswith("["):
        return ""
    if '"faces"' in begin or any('"faces"' in line.text[:400] for line in lines[1:HEAD]):
        return f": it is a JSON list of {jsonl.RESULTS}"
    return ": it is a JSON list; JSON lines have an object in each line, and no list around them"


def _of_split(file: Path, entries: list[Entry], split: str) -> list[Entry]:
    chosen = [entry for entry in entries if entry.split == split]
    if chosen:
        return chosen
    raise ValueError(f"{file}: has no split {split!r}; {splits_of(entries)}")


def splits_of(entries: Sequence[Entry]) -> str:
    """Returns which splits there are, as the end of a message."""
    splits = sorted({entry.split for entry in entries} - {""})
    return f"there is {', '.join(splits)}" if splits else "it has no splits"


def _usual_places(folder: Path) -> list[Path]:
    return [folder / "images", folder / "images.tar", folder]


def _with_images(
    file: Path, entries: list[Entry], places: list[Path], max_pixels: int, problems: list[str]
) -> list[Annotated]:
    """Adds the images to the entries; an entry without one is left out and reported."""
    storage = find_storage(places, [entry.name for entry in entries])
    found = []
    for entry in entries:
        image = storage.find(entry.name)
        if image is None:
            problems.append(f"{file}: {entry.name} has no image")
        else:
            limited = replace(image, max_pixels=max_pixels)
            found.append(Annotated(**vars(entry), image=limited))
    return found


def _refuse_nothing(
    file: Path, entries: Sequence[Entry], problems: list[str], faceless: bool
) -> None:
    """Raises ValueError if there is no entry, or none with a usable face, unless `faceless`."""
    if not (entries if faceless else any(entry.usable_faces() for entry in entries)):
        why = f"; {problems[0]}" if problems else ""
        raise ValueError(f"{file}: has no {'image' if faceless else 'usable face'}{why}")
