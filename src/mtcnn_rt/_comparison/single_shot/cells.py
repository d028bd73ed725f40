"""Places the cells of single-shot networks."""

from __future__ import annotations

import numpy as np

from mtcnn_rt._arrays import Float32

STRIDES = (8, 16, 32)
"""Pixels from one cell to the next in the three outputs that most of these networks have."""


def cells(size: tuple[int, int], stride: int, anchors: int = 1) -> Float32:
    """Returns the upper left corners of a stride's cells, row by row.

    Args:
        size: The height and width of the input in pixels, multiples of the stride.
        stride: Pixels from one cell to the next.
        anchors: The number of times that each cell is repeated.

    Returns:
        The corners x y in pixels, (N, 2).
    """
    rows, columns = size[0] // stride, size[1] // stride
    y, x = np.divmod(np.arange(rows * columns), columns)
    return np.repeat(np.stack([x, y], axis=1), anchors, axis=0).astype(np.float32) * stride
