"""Parses the lines of labels in YOLO data sets, see `yolo`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mtcnn_rt._arrays import Float64
from mtcnn_rt.annotations.lines import BrokenLineError, Line, numbers

LARGEST = 1.01
"""The largest share of a side, which is 1 but for rounding, as Ultralytics accepts it."""
POLYGON = 7
"""Least numbers of a line with a polygon, whose number is odd: a class and three points."""
UNTOLD = "a polygon or keypoints, which only a data.yaml can tell, by its kpt_shape; write one"


def parse_row(line: Line, shape: tuple[int, int] | None, has_description: bool) -> list[float]:
    """Parses a line of labels.

    Args:
        line: The line.
        shape: Number of keypoints and of their values, as the description has it; None without.
        has_description: Whether there is a description. Without one a polygon cannot be told from
            keypoints, and is broken.

    Returns:
        The class, the center x y, width and height of the box, and what follows.

    Raises:
        BrokenLineError: It is not a line of labels.
    """
    fields = line.text.split()
    if shape is None and len(fields) >= POLYGON and len(fields) % 2:
        if not has_description:
            raise BrokenLineError(line, f"{len(fields)} numbers: {UNTOLD}")
        row = _box_of_polygon(numbers(line, fields, (len(fields),)))
    else:
        counts = (5, 6, 20) if shape is None else (5, 5 + shape[0] * shape[1])  # 6: with a score
        row = numbers(line, fields, counts)
    if row[0] < 0 or row[0] != int(row[0]):
        raise BrokenLineError(line, "expected the number of a class")
    if not all(0 <= value <= LARGEST for value in row[1:5]):
        raise BrokenLineError(line, "expected a box in shares of the image's sides, 0 to 1")
    return row


def _box_of_polygon(row: list[float]) -> list[float]:
    """Returns a class and the box, center x y width height, about its polygon x y x y ..."""
    xs, ys = row[1::2], row[2::2]
    x1, y1, x2, y2 = min(xs), min(ys), max(xs), max(ys)
    return [row[0], (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1]


def landmarks_of(values: Sequence[float], shape: tuple[int, int] | None) -> Float64:
    """Returns landmarks (5, 2) in shares, NaN for those without visibility.

    Args:
        values: What follows the box, see `parse_row`.
        shape: As of `parse_row`.
    """
    columns = 3 if shape is None else shape[1]
    if len(values) != 5 * columns:
        return np.full((5, 2), np.nan)
    points = np.array(values, np.float64).reshape(5, columns)
    missing = points[:, 2] <= 0 if columns == 3 else (points <= 0).all(axis=1)
    points[missing] = np.nan
    return points[:, :2]
