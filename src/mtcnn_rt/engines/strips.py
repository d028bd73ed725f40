"""Levels in strips, so that memory stays bounded at any image size."""

from __future__ import annotations

from collections.abc import Iterator

from mtcnn_rt._native import CELL, STRIDE

STRIP_PIXELS = 1 << 17
"""Pixels of a level in one P-Net call."""


def strips(level: tuple[int, int], pixels: int = STRIP_PIXELS) -> Iterator[tuple[int, int]]:
    """(first row, rows) of the P-Net inputs that together give the cells of a level
    (height, width), each of about `pixels`.

    Rows of cells are 2 pixels apart and 12 high, so n of them need 2 n + 10 rows and neighbouring
    strips share 10. P-Net pads nothing: the cells are those of the whole level."""
    height, width = level
    # An odd last row makes a row of cells of its own: P-Net's pooling rounds up.
    total = (height - CELL + STRIDE - 1) // STRIDE + 1
    per_strip = max(1, pixels // (STRIDE * width))
    for first in range(0, total, per_strip):
        first_row = STRIDE * first
        rows = STRIDE * per_strip + CELL - STRIDE
        yield first_row, height - first_row if first + per_strip >= total else rows
