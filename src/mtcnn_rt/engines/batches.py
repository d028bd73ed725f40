"""Splits an engine's work into calls of bounded memory: levels into strips, crops into batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np

from mtcnn_rt import _native
from mtcnn_rt._arrays import Float32
from mtcnn_rt._native import CELL, STRIDE
from mtcnn_rt._stage_timer import Timer
from mtcnn_rt.images import Image

BATCH_PIXELS = 1 << 14
"""Pixels of the crops of one call, which bound the memory for any number of boxes."""


def classify(
    network: Callable[[Float32], Float32],
    size: int,
    columns: int,
    images: Sequence[Image],
    boxes: Sequence[Float32],
    timer: Timer,
) -> list[Float32]:
    """Runs a network on the crops of several images, in batches.

    A batch may have crops of several images.

    Args:
        network: Takes crops (M, 3, size, size), returns (M, columns).
        size: Side of the crops in pixels.
        columns: Number of values in an output.
        images: The images.
        boxes: Squares (N, 4) of each image.
        timer: Measures the stage "crops".

    Returns:
        The outputs (N, columns) of each image.
    """
    starts = np.cumsum([0, *map(len, boxes)])
    outputs = np.empty((starts[-1], columns), np.float32)
    batch = BATCH_PIXELS // size**2
    for first in range(0, len(outputs), batch):
        last = min(first + batch, len(outputs))
        crops = np.empty((last - first, 3, size, size), np.float32)
        for image, image_boxes, start in zip(images, boxes, starts[:-1], strict=True):
            begin, end = np.clip([first, last], start, start + len(image_boxes))
            if begin < end:
                ours = image_boxes[begin - start : end - start]
                with timer("crops"):
                    _native.crops(image.pixels, image.bgr, ours, crops[begin - first : end - first])
        outputs[first:last] = network(crops)
    return [outputs[start:end] for start, end in pairwise(starts)]


STRIP_PIXELS = 1 << 17
"""Pixels of a level in one call of P-Net."""


def strips(level: tuple[int, int], pixels: int = STRIP_PIXELS) -> Iterator[tuple[int, int]]:
    """Splits a level into strips whose cells together are those of the whole level.

    Rows of cells are 2 pixels apart and 12 high, so n of them need 2 n + 10 rows and neighboring
    strips share 10. P-Net has no padding: the cells are those of the whole level.

    Args:
        level: Height and width of the level in pixels.
        pixels: Pixels that a strip has, about.

    Yields:
        The first row of a strip, and its number of rows.
    """
    height, width = level
    # An odd last row makes a row of cells: P-Net's pooling rounds up.
    total = (height - CELL + STRIDE - 1) // STRIDE + 1
    per_strip = max(1, pixels // (STRIDE * width))
    for first in range(0, total, per_strip):
        first_row = STRIDE * first
        rows = STRIDE * per_strip + CELL - STRIDE
        yield first_row, height - first_row if first + per_strip >= total else rows
