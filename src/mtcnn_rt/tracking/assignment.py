"""Pairs faces with the tracks that expect them."""

from __future__ import annotations

import numpy as np

from mtcnn_rt import _native
from mtcnn_rt._arrays import Float32, Indices
from mtcnn_rt._boxes import overlaps

MIN_IOU = 0.2
"""Least IoU of a face with the expected box of its track."""


def match(expected: Float32, found: Float32, reach: float = 1) -> tuple[Indices, Indices]:
    """Pairs boxes one to one so that the sum of their IoU is greatest (the assignment problem).

    Args:
        expected: Boxes (N, 4), in pixels.
        found: Boxes (M, 4), in pixels.
        reach: Factor by which the boxes grow about their centers before they are compared. With 2,
            boxes side by side overlap.

    Returns:
        The indices (K,) of the paired boxes in `expected` and in `found`. No pair has an IoU below
        `MIN_IOU`.
    """
    overlap = overlaps(_grown(expected, reach), _grown(found, reach))
    overlap[overlap < MIN_IOU] = 0  # before the assignment, so that these pairs influence no other
    rows, columns = _native.assign(overlap)
    paired = overlap[rows, columns] > 0
    return rows[paired], columns[paired]


def _grown(boxes: Float32, factor: float) -> Float32:
    """Returns the boxes with their sides multiplied, about the same centers."""
    margins = (boxes[:, 2:] - boxes[:, :2]) * np.float32((factor - 1) / 2)
    return boxes + np.hstack([-margins, margins])
