"""What the benchmarks mean by "the same face"."""

from __future__ import annotations

import numpy as np

from mtcnn_rt.boxes import Boxes, overlaps


def count_matches(a: Boxes, b: Boxes, min_iou: float = 0.5) -> int:
    """How many boxes of `a` pair up one to one with boxes of `b`, the largest overlap first."""
    overlap = overlaps(a, b)
    matches = 0
    while overlap.size and overlap.max() >= min_iou:
        row, column = np.unravel_index(overlap.argmax(), overlap.shape)
        overlap[row, :] = overlap[:, column] = -1.0
        matches += 1
    return matches
