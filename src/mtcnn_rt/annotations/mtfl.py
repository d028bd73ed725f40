"""MTFL's training.txt and testing.txt: landmarks, no boxes.

A line an image: its name, x of the eyes, the nose and the mouth corners, their y, then gender,
smile, glasses and head pose.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from mtcnn_rt.annotations.annotated import Entry, entry
from mtcnn_rt.annotations.lines import BrokenLineError, Line, name_and_numbers, parse_each

COLUMNS = (14,)


def recognizes(lines: Sequence[Line]) -> bool:
    try:
        return bool(lines) and bool(name_and_numbers(lines[0], COLUMNS))
    except BrokenLineError:
        return False


def read(lines: Sequence[Line], problems: list[str]) -> Iterator[Entry]:
    return parse_each(lines, _parse, problems)


def image_places(folder: Path) -> list[Path]:
    return []


def _parse(line: Line) -> Entry:
    name, values = name_and_numbers(line, COLUMNS)
    landmarks = np.array(values[:10]).reshape(2, 5).T
    return entry(name.replace("\\", "/"), landmarks=landmarks)
