"""Reads MTFL's training.txt and testing.txt, which have landmarks and no boxes.

A line has the name of an image, x of the eyes, the nose and the mouth corners, their y, then
gender, smile, glasses and head pose.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mtcnn_rt.annotations.annotated import Entry, make_entry
from mtcnn_rt.annotations.lines import BrokenLineError, Line, name_and_numbers, parse_each

COLUMNS = (14,)


def recognizes(lines: Sequence[Line]) -> bool:
    """Returns whether the first lines of a file are in this format."""
    try:
        return bool(lines) and bool(name_and_numbers(lines[0], COLUMNS))
    except BrokenLineError:
        return False


def read(lines: Sequence[Line], problems: list[str]) -> Iterator[Entry]:
    """Yields the entries; broken lines are skipped and reported in `problems`."""
    return parse_each(lines, _parse, problems)


def _parse(line: Line) -> Entry:
    name, values = name_and_numbers(line, COLUMNS)
    landmarks = np.array(values[:10]).reshape(2, 5).T
    return make_entry(name, landmarks=landmarks)
