"""Reads detections in the text format that WIDER FACE and FDDB share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Boxes, Float64
from mtcnn_rt.annotations.lines import LARGEST, is_count, is_row, with_slashes


@dataclass(frozen=True, eq=False)
class Detections:
    """Holds the boxes that a detector found in one image.

    Attributes:
        boxes: The boxes, (M, 4) x1 y1 x2 y2 in pixels.
        scores: Their scores, (M,), highest first.
    """

    boxes: Boxes
    scores: NDArray[np.floating[Any]]

    @staticmethod
    def empty() -> Detections:
        """Returns the detections of an image in which nothing is found."""
        return Detections(np.zeros((0, 4)), np.zeros(0))


def parse_blocks(
    path: Path, columns: tuple[int, ...], problems: list[str] | None = None
) -> list[tuple[str, Float64]]:
    """Reads the blocks of a file, one an image.

    A block is a line with the image's name, a line with the number of its faces, and as many lines
    of numbers.

    Args:
        path: The file.
        columns: The numbers of columns that a line may have.
        problems: Receives a line about each block that is broken, and is skipped; None raises an
            error.

    Returns:
        The name and the numbers (N, C) of each image, C one of `columns`.

    Raises:
        OSError: The file cannot be read.
        ValueError: A line has the wrong format, and `problems` is None. The message names the
            line.
    """
    lines = path.read_text(encoding="utf-8-sig", errors="surrogateescape").splitlines()
    while lines and not lines[-1].strip():
        lines.pop()
    blocks: list[tuple[str, Float64]] = []
    at = 0
    while at < len(lines):
        try:
            rows = _rows(path, lines, at, columns)
        except ValueError as error:
            if problems is None:
                raise
            name = lines[at].strip()
            if is_row(name) and blocks:  # of the image before, which has more than its number
                name, _ = blocks.pop()
            problems.append(f"{error}; the detections of {name[:200]} are left out")
            at = _next_block(lines, at)
        else:
            of_image = np.array(rows or np.zeros((0, columns[0])), np.float64)
            blocks.append((with_slashes(lines[at].strip()), of_image))
            at += 2 + len(rows)
    return blocks


def corners(boxes: Float64) -> Float64:
    """Converts boxes x y width height to x1 y1 x2 y2.

    Args:
        boxes: The boxes, (N, 4) or empty.

    Returns:
        The converted boxes, (N, 4).
    """
    boxes = boxes.reshape(-1, 4)
    return np.hstack([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]])


def _rows(path: Path, lines: list[str], at: int, columns: tuple[int, ...]) -> list[list[float]]:
    """Returns the numbers of the block that begins at a line. Raises ValueError if it is broken."""
    count = _count(path, lines, at + 1)
    rows = [_numbers(path, lines, i, columns) for i in range(at + 2, at + 2 + count)]
    if len({len(row) for row in rows}) > 1:
        raise ValueError(f"{path}:{at + 1}: faces of different formats in one image")
    return rows


def _next_block(lines: list[str], at: int) -> int:
    """Returns where the block after a broken one begins: at a word before a number of faces."""
    begin = at + 2 if at + 1 < len(lines) and is_count(lines[at + 1].strip()) else at + 1
    for index in range(begin, len(lines) - 1):
        if is_count(lines[index + 1].strip()) and lines[index].strip() and not is_row(lines[index]):
            return index
    return len(lines)


def _count(path: Path, lines: list[str], at: int) -> int:
    text = lines[at].strip() if at < len(lines) else ""
    if not is_count(text):
        raise ValueError(f"{path}:{at + 1}: expected the number of faces, not {text[:50]!r}")
    return int(text)


def _numbers(path: Path, lines: list[str], at: int, columns: tuple[int, ...]) -> list[float]:
    text = lines[at].strip() if at < len(lines) else ""
    try:
        numbers = [float(word) for word in text.split()]
    except ValueError:
        numbers = []
    single = np.finfo(np.float32).max  # scores are compared in single precision
    if len(numbers) not in columns or not (np.abs(numbers) <= single).all():  # false for NaN, too
        wanted = " or ".join(map(str, columns))
        raise ValueError(f"{path}:{at + 1}: expected {wanted} numbers, not {text!r}")
    if np.abs(numbers[:-1]).max() > LARGEST:  # all but the score
        raise ValueError(f"{path}:{at + 1}: expected numbers up to {LARGEST:g}, not {text!r}")
    return numbers
