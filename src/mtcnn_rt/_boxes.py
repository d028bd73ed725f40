"""Measures how much boxes overlap."""

from __future__ import annotations

from typing import Literal

import numpy as np

from mtcnn_rt import _native
from mtcnn_rt._arrays import Boxes, Float64


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
    return _native.overlaps(first, second, over)
