"""Writes numbers into images, and reads them from what became of the images."""

from __future__ import annotations

import numpy as np

from mtcnn_rt._arrays import Pixels

BITS = 16
SIDE = 16
"""Pixels of a side of the square, black or white, that stands for a bit: it survives JPEG."""


def write_stamp(image: Pixels, number: int) -> None:
    """Writes a number below 2**16 into the upper left corner, in a row of 16 squares."""
    bits = (number >> np.arange(BITS)) & 1
    image[:SIDE, : BITS * SIDE] = np.repeat(255 * bits, SIDE)[:, np.newaxis]


def read_stamp(image: Pixels) -> int:
    """Returns the number that `write_stamp` wrote."""
    middle = image[SIDE // 2, SIDE // 2 : BITS * SIDE : SIDE].mean(axis=1)
    return int(((middle > 127) << np.arange(BITS)).sum())
