"""Detections in the text format that WIDER FACE and FDDB share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Boxes


@dataclass(frozen=True, eq=False)
class Detections:
    """What a detector found in one image: boxes (M, 4) x1 y1 x2 y2, scores (M,), highest first."""

    boxes: Boxes
    scores: NDArray[np.floating]

    @staticmethod
    def empty() -> Detections:
        return Detections(np.zeros((0, 4)), np.zeros(0))


Rows = NDArray[np.float64]


def parse_blocks(path: Path, columns: tuple[int, ...]) -> list[tuple[str, Rows]]:
    """The blocks of a file, one an image: a line with its name, one with the number of its faces,
    and as many lines of numbers. Name and numbers (N, C), C one of `columns`.

    Raises OSError, ValueError that names the line."""
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


def corners(boxes: Rows) -> Rows:
    """x y width height, (N, 4), as x1 y1 x2 y2."""
    boxes = boxes.reshape(-1, 4)
    return np.hstack([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]])


def _count(path: Path, lines: list[str], at: int) -> int:
    text = lines[at].strip() if at < len(lines) else ""
    if not text.isdecimal():
        raise ValueError(f"{path}:{at + 1}: expected the number of faces, not {text!r}")
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
