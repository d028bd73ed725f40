"""Reads RetinaFace's label.txt: WIDER FACE with five landmarks for most of its larger faces.

An image is "# name" and a line for each face: x y width height, then five times x y and a flag, and
a last number for its quality. Landmarks that are not annotated are -1. Files without landmarks have
only x y width height.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mtcnn_rt._arrays import Float32
from mtcnn_rt.annotations.annotated import Entry, make_entry
from mtcnn_rt.annotations.lines import (
    BrokenLineError,
    Line,
    grouped,
    numbers,
    parse_each,
    refuse_broken_box,
)

MARK = "#"
COLUMNS = (4, 19, 20)


def recognizes(lines: Sequence[Line]) -> bool:
    """Returns whether the first lines of a file are in this format."""
    return bool(lines) and _is_name(lines[0]) and any(map(_is_face, lines))


def read(lines: Sequence[Line], problems: list[str]) -> Iterator[Entry]:
    """Yields the entries; broken lines are skipped and reported in `problems`."""
    return parse_each(grouped(lines, _is_name), _parse, problems)


def _is_name(line: Line) -> bool:
    return line.text.startswith(MARK)


def _is_face(line: Line) -> bool:
    try:
        return bool(numbers(line, line.text.split(), COLUMNS))
    except BrokenLineError:
        return False


def _parse(record: list[Line]) -> Entry:
    """Parses one image.

    A broken line skips the whole image: otherwise a face without its box would be background.
    """
    name, *rows = record
    if not _is_name(name):
        raise BrokenLineError(name, "expected # and the name of an image")
    faces = [_face(row) for row in rows]
    return make_entry(
        name.text.removeprefix(MARK).strip(),
        sides=[face[:4] for face in faces],
        landmarks=[_landmarks(face[4:19]) for face in faces],
    )


def _face(row: Line) -> list[float]:
    values = numbers(row, row.text.split(), COLUMNS)
    refuse_broken_box(row, values, may_be_empty=True)  # as in WIDER FACE, whose boxes these are
    return values


def _landmarks(values: list[float]) -> Float32:
    """Returns landmarks (5, 2), NaN for those that are not annotated."""
    if not values:
        return np.full((5, 2), np.nan, np.float32)
    points = np.array(values, np.float32).reshape(5, 3)[:, :2]
    missing = (points == -1).all(axis=1)
    points[missing] = np.nan
    return points
