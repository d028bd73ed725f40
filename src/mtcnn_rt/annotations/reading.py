"""Reads annotations, in whatever of the known formats they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mtcnn_rt.annotations import celeba, jsonl, mtfl, retinaface, wider
from mtcnn_rt.annotations.annotated import Annotated, Annotations, Entry
from mtcnn_rt.annotations.lines import Line, read_lines
from mtcnn_rt.annotations.storage import find_storage

HEAD = 10  # lines that are looked at to recognize a format


@dataclass(frozen=True)
class Format:
    """What a module here says of one format.

    recognizes    whether these are the first lines of such a file.
    read          what the lines say; what is broken is skipped and told in the list.
    image_places  where, besides the usual places, the images may be, for the file's folder."""

    recognizes: Callable[[Sequence[Line]], bool]
    read: Callable[[Sequence[Line], list[str]], Iterator[Entry]]
    image_places: Callable[[Path], list[Path]]


FORMATS = {
    "jsonl": Format(jsonl.recognizes, jsonl.read, jsonl.image_places),
    "retinaface": Format(retinaface.recognizes, retinaface.read, retinaface.image_places),
    "celeba": Format(celeba.recognizes, celeba.read, celeba.image_places),
    "wider": Format(wider.recognizes, wider.read, wider.image_places),
    "mtfl": Format(mtfl.recognizes, mtfl.read, mtfl.image_places),
}


def read_annotations(
    path: Path,
    *,
    images: Path | None = None,
    format: str | None = None,
    split: str | None = None,
) -> Annotations:
    """Reads annotated images.

    path: a file in one of `FORMATS`, or a folder with annotations.jsonl.
    images: the folder, or uncompressed tar, that names are relative to; None looks for images/,
    images.tar and what the format's archives unpack to, beside the annotations.
    format: of `FORMATS`; None recognizes it. split: only images of this split.

    A broken line, or a name without image, is skipped and told in `problems`. Raises ValueError
    for an unknown format, for images that are not found and where there is not one usable face;
    OSError for a file that cannot be read."""
    file = _file(path)
    lines = read_lines(file)
    chosen = FORMATS[_recognize(file, lines) if format is None else _known(format)]
    problems: list[str] = []
    entries = list(chosen.read(lines, problems))
    _refuse_unusable(file, entries, problems)
    if split is not None:
        entries = _of_split(file, entries, split)
    places = _usual_places(file.parent) + chosen.image_places(file.parent)
    found = _with_images(file, entries, [images] if images else places, problems)
    _refuse_unusable(file, found, problems)
    return Annotations(found, problems)


def _file(path: Path) -> Path:
    if not path.is_dir():
        return path
    file = path / "annotations.jsonl"
    if file.exists():
        return file
    others = sorted(other.name for other in path.glob("*.jsonl"))
    there_is = f"; there is {', '.join(others)}" if others else ""
    raise ValueError(f"{path}: has no annotations.jsonl: name a file{there_is}")


def _known(name: str) -> str:
    if name not in FORMATS:
        raise ValueError(f"format: expected one of {', '.join(FORMATS)}, not {name!r}")
    return name


def _recognize(file: Path, lines: Sequence[Line]) -> str:
    for name, format in FORMATS.items():
        if format.recognizes(lines[:HEAD]):
            return name
    raise ValueError(f"{file}: not annotations in a known format ({', '.join(FORMATS)})")


def _of_split(file: Path, entries: list[Entry], split: str) -> list[Entry]:
    chosen = [entry for entry in entries if entry.split == split]
    if chosen:
        return chosen
    splits = sorted({entry.split for entry in entries} - {""})
    there_is = f"there is {', '.join(splits)}" if splits else "it has no splits"
    raise ValueError(f"{file}: has no split {split!r}; {there_is}")


def _usual_places(folder: Path) -> list[Path]:
    return [folder / "images", folder / "images.tar", folder]


def _with_images(
    file: Path, entries: list[Entry], places: list[Path], problems: list[str]
) -> list[Annotated]:
    storage = find_storage(places, [entry.name for entry in entries])
    found = []
    for entry in entries:
        image = storage.find(entry.name)
        if image is None:
            problems.append(f"{file}: {entry.name} has no image")
        else:
            found.append(Annotated(**vars(entry), image=image))
    return found


def _refuse_unusable(file: Path, entries: Sequence[Entry], problems: list[str]) -> None:
    if not any(entry.usable_faces() for entry in entries):
        why = f"; {problems[0]}" if problems else ""
        raise ValueError(f"{file}: has not one usable face{why}")
