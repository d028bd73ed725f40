"""How much boxes have in common."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.floating]
"""Corners x1 y1 x2 y2 in continuous pixel coordinates, (N, 4), a row a box."""


def overlaps(
    first: Boxes, second: Boxes, over: Literal["union", "smaller"] = "union"
) -> NDArray[np.float64]:
    """Intersections of boxes (N, 4) with boxes (M, 4) over their union (IoU) or over the smaller of
    the two: (N, M), 0 to 1. A box without area overlaps nothing."""
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    low = np.maximum(a[:, np.newaxis, :2], b[:, :2])
    high = np.minimum(a[:, np.newaxis, 2:], b[:, 2:])
    sides = np.maximum(high - low, 0)
    common = sides[..., 0] * sides[..., 1]
    areas_a, areas_b = _areas(a)[:, np.newaxis], _areas(b)
    whole = np.minimum(areas_a, areas_b) if over == "smaller" else areas_a + areas_b - common
    shares: NDArray[np.float64] = common / np.maximum(whole, np.finfo(np.float64).tiny)
    return shares


def _areas(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 0)
    areas: NDArray[np.float64] = sides[:, 0] * sides[:, 1]
    return areas
