"""Lays transparent images on white."""

from __future__ import annotations

import numpy as np

from mtcnn_rt._arrays import Pixels

WHITE = 255
ROWS = 256  # that are laid on white at a time, to need little memory


def on_white(colors: Pixels, alpha: Pixels, premultiplied: bool = False) -> Pixels:
    """Lays an image on white.

    Args:
        colors: (H, W, 3) uint8.
        alpha: (H, W) uint8; 0 is transparent.
        premultiplied: The colors are multiplied by alpha already.

    Returns:
        (H, W, 3) uint8.
    """
    if alpha.size == 0 or alpha.min() == WHITE:
        return colors
    laid = np.empty(colors.shape, np.uint8)
    for first in range(0, len(colors), ROWS):
        rows = slice(first, first + ROWS)
        cover = alpha[rows, :, np.newaxis].astype(np.uint32)
        part = colors[rows].astype(np.uint32)
        if premultiplied:
            laid[rows] = np.minimum(part + (WHITE - cover), WHITE)
        else:
            laid[rows] = (part * cover + WHITE * (WHITE - cover) + WHITE // 2) // WHITE
    return laid
