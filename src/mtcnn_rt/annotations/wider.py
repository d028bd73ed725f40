"""Reads WIDER FACE's ground truth, such as wider_face_train_bbx_gt.txt.

An image is its name, the number of its faces, and a line for each: x y width height, then blur,
expression, illumination, invalid, occlusion, pose. An image without faces has a line of zeros.
Detections, x y width height score, are read, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from mtcnn_rt._extensions import EXTENSIONS
from mtcnn_rt.annotations.annotated import Entry, make_entry
from mtcnn_rt.annotations.lines import (
    MOST_DIGITS,
    BrokenLineError,
    Line,
    grouped,
    numbers,
    parse_each,
    refuse_broken_box,
)

_SUFFIXES = tuple(EXTENSIONS)
INVALID = 7  # column of the flag of boxes that must not be used
DETECTION = 5  # columns of a face with a score


def recognizes(lines: Sequence[Line]) -> bool:
    """Returns whether the first lines of a file are in this format."""
    return len(lines) > 1 and _is_name(lines[0]) and lines[1].text.isdecimal()


def read(lines: Sequence[Line], problems: list[str]) -> Iterator[Entry]:
    """Yields the entries; broken lines are skipped and reported in `problems`."""
    return parse_each(grouped(lines, _is_name), _parse, problems)


def image_places(folder: Path) -> list[Path]:
    """Returns the places in the official archives, whose folders lie side by side."""
    return [folder.parent / f"WIDER_{split}" / "images" for split in ("train", "val")]


def _is_name(line: Line) -> bool:
    return line.text.lower().endswith(_SUFFIXES)


def _parse(record: list[Line]) -> Entry:
    """Parses one image.

    A broken line skips the whole image: otherwise a face without its box would be background.
    """
    name, *rows = record
    if not _is_name(name):
        raise BrokenLineError(name, "expected the name of an image")
    if not rows or not rows[0].text.isdecimal():
        raise BrokenLineError(rows[0] if rows else name, "expected the number of faces")
    if len(rows[0].text) > MOST_DIGITS:
        raise BrokenLineError(rows[0], f"a number of {len(rows[0].text)} digits")
    count, rows = int(rows[0].text), rows[1:]
    if len(rows) != max(count, 1) and not (count == len(rows) == 0):
        raise BrokenLineError(name, f"expected {count} faces, {len(rows)} follow")
    boxes = [_face(row) for row in rows[:count]]
    return make_entry(
        name.text,
        sides=[box[:4] for box in boxes],
        ignored=[len(box) > INVALID and box[INVALID] != 0 for box in boxes],
    )


def _face(row: Line) -> list[float]:
    fields = row.text.split()
    values = numbers(row, fields, (DETECTION,) if len(fields) == DETECTION else (10,))
    refuse_broken_box(row, values, may_be_empty=True)  # the official files have such boxes
    return values
