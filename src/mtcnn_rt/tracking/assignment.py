"""Which face is which track's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._boxes import overlaps

Boxes = NDArray[np.float32]
Indices = NDArray[np.int64]

MIN_IOU = 0.2
"""Of a face with the box where it was expected."""


def match(expected: Boxes, found: Boxes, reach: float = 1) -> tuple[Indices, Indices]:
    """Pairs of boxes (N, 4) and (M, 4), one to one, with the greatest sum of IoU, none below
    `MIN_IOU` (the assignment problem). The indices of the paired in `expected` and in `found`.

    reach: how many times their size the boxes count; with 2, boxes side by side overlap."""
    from scipy.optimize import linear_sum_assignment  # 40 MB that detection alone can do without

    overlap = overlaps(_grown(expected, reach), _grown(found, reach))
    overlap[overlap < MIN_IOU] = 0  # first: a pair that is out of the question sways no other
    rows, columns = linear_sum_assignment(overlap, maximize=True)
    paired = overlap[rows, columns] > 0
    return rows[paired].astype(np.int64), columns[paired].astype(np.int64)


def _grown(boxes: Boxes, factor: float) -> Boxes:
    margins = (boxes[:, 2:] - boxes[:, :2]) * np.float32((factor - 1) / 2)
    return boxes + np.hstack([-margins, margins])
