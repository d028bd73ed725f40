"""Reads detections in the text format that WIDER FACE and FDDB share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Boxes, Float64
from mtcnn_rt.annotations.lines import MOST_DIGITS


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


def parse_blocks(path: Path, columns: tuple[int, ...]) -> list[tuple[str, Float64]]:
    """Reads the blocks of a file, one an image.

    A block is a line with the image's name, a line with the number of its faces, and as many lines
    of numbers.

    Args:
        path: The file.
        columns: The numbers of columns that a line may have.

    Returns:
        The name and the numbers (N, C) of each image, C one of `columns`.

    Raises:
        OSError: The file cannot be read.
        ValueError: A line has the wrong format. The message names the line.
    """
    lines = path.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    while lines and not lines[-1].strip():
        lines.pop()
    blocks, at = [], 0
    while at < len(lines):
        count = _count(path, lines, at + 1)
        rows = [_numbers(path, lines, i, columns) for i in range(at + 2, at + 2 + count)]
        if len({len(row) for row in rows}) > 1:
            raise ValueError(f"{path}:{at + 1}: faces of different formats in one image")
        blocks.append((lines[at].strip(), np.array(rows or np.zeros((0, columns[0])), np.float64)))
        at += 2 + count
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


def _count(path: Path, lines: list[str], at: int) -> int:
    text = lines[at].strip() if at < len(lines) else ""
    if not text.isdecimal() or len(text) > MOST_DIGITS:
        raise ValueError(f"{path}:{at + 1}: expected the number of faces, not {text[:50]!r}")
    return int(text)


def _numbers(path: Path, lines: list[str], at: int, columns: tuple[int, ...]) -> list[float]:
    text = lines[at].strip() if at < len(lines) else ""
    try:
        numbers = [float(word) for word in text.split()]
    except ValueError:
        numbers = []
    if len(numbers) not in columns or not np.isfinite(numbers).all():
        wanted = " or ".join(map(str, columns))
        raise ValueError(f"{path}:{at + 1}: expected {wanted} numbers, not {text!r}")
    return numbers
