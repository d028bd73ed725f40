"""Reads WIDER FACE's ground truth, such as wider_face_train_bbx_gt.txt.

An image is its name, the number of its faces, and a line for each: x y width height, then blur,
expression, illumination, invalid, occlusion, pose. An image without faces has a line of zeros, or
none. Detections, x y width height score, are read, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from mtcnn_rt._files.extensions import EXTENSIONS
from mtcnn_rt.annotations.annotated import Entry, make_entry
from mtcnn_rt.annotations.lines import (
    MOST_DIGITS,
    BrokenLineError,
    Line,
    grouped,
    is_row,
    numbers,
    parse_each,
    refuse_broken_box,
)

_SUFFIXES = tuple(EXTENSIONS)
INVALID = 7  # column of the flag of boxes that must not be used
DETECTION = 5  # columns of a face with a score


def recognizes(lines: Sequence[Line]) -> bool:
    """Returns whether the first lines of a file are in this format."""
    if len(lines) < 2 or is_row(lines[0].text) or not lines[1].text.isdecimal():
        return False
    face_follows = len(lines) > 2 and is_row(lines[2].text)
    return _is_image(lines[0]) or lines[1].text == "0" or face_follows


def read(lines: Sequence[Line], problems: list[str]) -> Iterator[Entry]:
    """Yields the entries; broken lines are skipped and reported in `problems`."""
    names = _names(lines)
    return parse_each(grouped(lines, lambda line: line.number in names), _parse, problems)


def image_places(folder: Path) -> list[Path]:
    """Returns the places in the official archives, whose folders lie side by side."""
    return [folder.parent / f"WIDER_{split}" / "images" for split in ("train", "val")]


def _names(lines: Sequence[Line]) -> set[int]:
    """Returns the numbers of the lines that are names of images.

    A name may have any extension or none, and may be a number: then it comes before a number of
    faces, and is not one itself. Other lines belong to the image before them.
    """
    names: set[int] = set()
    name = -2  # index of the last one
    for index, line in enumerate(lines):
        after = lines[index + 1].text if index + 1 < len(lines) else ""
        if _is_image(line) or _is_other_name(line.text, after, index - name):
            names.add(line.number)
            name = index
    return names


def _is_other_name(text: str, after: str, since: int) -> bool:
    """Returns whether a line is a name that does not show it by an extension.

    Args:
        text: The line.
        after: The next line.
        since: Number of lines from the last name to this one.
    """
    if is_row(text) or (since == 1 and text.isdecimal()):
        return False
    return after.isdecimal() or (since > 1 and not text.isdecimal())


def _is_image(line: Line) -> bool:
    return line.text.lower().endswith(_SUFFIXES)


def _parse(record: list[Line]) -> Entry:
    """Parses one image.

    A broken line skips the whole image: otherwise a face without its box would be background.
    """
    name, *rows = record
    if is_row(name.text):  # lines before the first name
        raise BrokenLineError(name, "expected the name of an image")
    if not rows or not rows[0].text.isdecimal():
        raise BrokenLineError(rows[0] if rows else name, "expected the number of faces")
    if len(rows[0].text) > MOST_DIGITS:
        raise BrokenLineError(rows[0], f"a number of {len(rows[0].text)} digits")
    count, rows = int(rows[0].text), rows[1:]
    if len(rows) != max(count, 1) and not (count == len(rows) == 0):
        raise BrokenLineError(name, f"expected {count} faces, {len(rows)} follow")
    for row in rows[count:]:  # the line after the number 0
        if any(numbers(row, row.text.split(), range(1, 100))):
            raise BrokenLineError(row, "expected zeros, or no line, where the number of faces is 0")
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
