"""Reads CelebA's landmarks: list_landmarks_align_celeba.txt, or list_landmarks_celeba.txt.

The second is for the images in the wild. A file has the number of images, a line of column names,
and for each image its name and x y of the eyes, the nose and the mouth corners. Two files beside it
are read, too: list_bbox_celeba.txt (x y width height), whose boxes are those of the images in the
wild, and list_eval_partition.txt (0, 1, 2), which the official folders have in Eval beside Anno.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from mtcnn_rt._files.paths import is_there
from mtcnn_rt.annotations.annotated import Entry, make_entry
from mtcnn_rt.annotations.lines import (
    BrokenLineError,
    Line,
    name_and_numbers,
    parse_each,
    read_lines,
    refuse_broken_box,
)

SPLITS = ("train", "val", "test")
HEADER = 2  # lines
BOXES, PARTITION = "list_bbox_celeba.txt", "list_eval_partition.txt"


def recognizes(lines: Sequence[Line]) -> bool:
    """Returns whether the first lines of a file are in this format."""
    return len(lines) > 1 and lines[1].text.split()[:2] == ["lefteye_x", "lefteye_y"]


def read(lines: Sequence[Line], problems: list[str]) -> Iterator[Entry]:
    """Yields the entries; broken lines are skipped and reported in `problems`."""
    if not lines:
        return
    listed = lines[0].path
    aligned = "align" in listed.name
    boxes = {} if aligned else _read_boxes(listed.with_name(BOXES), problems)
    splits = _read_splits(_partition(listed), problems)

    def parse(line: Line) -> Entry:
        name, values = name_and_numbers(line, (10,))
        return make_entry(name, boxes.get(name), values, split=splits.get(name, ""))

    yield from parse_each(lines[HEADER:], parse, problems)


def side_files(listed: Path) -> list[Path]:
    """Returns the files that are read besides the landmarks, where they exist."""
    return [listed.with_name(BOXES), _partition(listed)]


def image_places(folder: Path) -> list[Path]:
    """Returns the places of the official folders Anno and Img, or of all files in one folder."""
    names = ("img_align_celeba", "img_celeba")
    return [place / name for place in (folder, folder.parent / "Img") for name in names]


def _partition(listed: Path) -> Path:
    """Returns the file of the splits, which need not exist: beside the landmarks, or in Eval."""
    beside = listed.with_name(PARTITION)
    return beside if is_there(beside) else listed.parent.parent / "Eval" / PARTITION


def _read_boxes(path: Path, problems: list[str]) -> dict[str, list[float]]:
    """Returns x y width height for each image; nothing without the file."""
    if not is_there(path):
        return {}
    lines = read_lines(path)[HEADER:]
    return dict(parse_each(lines, _parse_box, problems))


def _parse_box(line: Line) -> tuple[str, list[float]]:
    name, box = name_and_numbers(line, (4,))
    refuse_broken_box(line, box)
    return name, box


def _read_splits(path: Path, problems: list[str]) -> dict[str, str]:
    """Returns the split of each image; nothing without the file."""
    if not is_there(path):
        return {}
    return dict(parse_each(read_lines(path), _parse_split, problems))


def _parse_split(line: Line) -> tuple[str, str]:
    name, [number] = name_and_numbers(line, (1,))
    if number not in range(len(SPLITS)):
        raise BrokenLineError(line, "expected 0, 1 or 2")
    return name, SPLITS[int(number)]
