"""Which face is which track's."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Boxes = NDArray[np.float32]
Indices = NDArray[np.int64]

MIN_IOU = 0.2
"""Of a face with the box where it was expected."""


def match(expected: Boxes, found: Boxes, reach: float = 1) -> tuple[Indices, Indices]:
    """Pairs of boxes (N, 4) and (M, 4), one to one, with the greatest sum of IoU, none below
    `MIN_IOU` (the assignment problem). The indices of the paired in `expected` and in `found`.

    reach: how many times their size the boxes count; with 2, boxes side by side overlap."""
    overlap = overlaps(_grown(expected, reach), _grown(found, reach))
    overlap[overlap < MIN_IOU] = 0  # first: a pair that is out of the question sways no other
    rows, columns = linear_sum_assignment(overlap, maximize=True)
    paired = overlap[rows, columns] > 0
    return rows[paired].astype(np.int64), columns[paired].astype(np.int64)


def overlaps(
    first: Boxes, second: Boxes, over: Literal["union", "smaller"] = "union"
) -> NDArray[np.float64]:
    """Intersections of boxes (N, 4) with boxes (M, 4) over their union (IoU) or over the smaller of
    the two: (N, M), 0 to 1. A box without area overlaps nothing."""
    a, b = first.astype(np.float64), second.astype(np.float64)
    low = np.maximum(a[:, np.newaxis, :2], b[:, :2])
    high = np.minimum(a[:, np.newaxis, 2:], b[:, 2:])
    common = np.maximum(high - low, 0).prod(axis=2)
    areas_a, areas_b = _areas(a)[:, np.newaxis], _areas(b)
    whole = np.minimum(areas_a, areas_b) if over == "smaller" else areas_a + areas_b - common
    shares: NDArray[np.float64] = common / np.maximum(whole, np.finfo(np.float64).tiny)
    return shares


def _areas(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    areas: NDArray[np.float64] = np.maximum(boxes[:, 2:] - boxes[:, :2], 0).prod(axis=1)
    return areas


def _grown(boxes: Boxes, factor: float) -> Boxes:
    margins = (boxes[:, 2:] - boxes[:, :2]) * np.float32((factor - 1) / 2)
    return boxes + np.hstack([-margins, margins])
