"""Measures how much boxes overlap, and resizes them."""

from __future__ import annotations

from typing import Literal

import numpy as np

from mtcnn_rt._arrays import Boxes, Float64

_LEAST = float(np.finfo(np.float64).tiny)
"""Divisor in place of an area of 0."""


def overlaps(first: Boxes, second: Boxes, over: Literal["union", "smaller"] = "union") -> Float64:
    """Returns the overlaps of each box with each other box.

    Args:
        first: Boxes (N, 4).
        second: Boxes (M, 4).
        over: Area by which an intersection is divided: the union of the two boxes, which is the
            IoU, or the smaller of the two.

    Returns:
        (N, M), 0 to 1. The overlap of a box without area is 0.

    Example:
        >>> box = np.array([(0, 0, 100, 100)])
        >>> overlaps(box, np.array([(0, 0, 50, 100), (100, 0, 200, 100)])).tolist()
        [[0.5, 0.0]]
    """
    if len(first) == 0 or len(second) == 0:
        return np.zeros((len(first), len(second)))
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    low = np.maximum(a[:, np.newaxis, :2], b[:, :2])
    high = np.minimum(a[:, np.newaxis, 2:], b[:, 2:])
    sides = np.maximum(high - low, 0)
    common = sides[..., 0] * sides[..., 1]
    areas_a, areas_b = _areas(a)[:, np.newaxis], _areas(b)
    whole = np.minimum(areas_a, areas_b) if over == "smaller" else areas_a + areas_b - common
    ratios: Float64 = common / np.maximum(whole, _LEAST)
    return ratios


def _areas(boxes: Float64) -> Float64:
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 0)
    areas: Float64 = sides[:, 0] * sides[:, 1]
    return areas
