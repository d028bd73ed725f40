"""Crops of several images in common batches, for R-Net and O-Net."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from mtcnn_rt.engines import Floats
from mtcnn_rt.images import Image

BATCH_PIXELS = 1 << 14
"""Pixels of the crops of one call: bounds the memory whatever the number of boxes."""


def classify(
    network: Callable[[Floats], Floats],
    size: int,
    columns: int,
    images: Sequence[Image],
    boxes: Sequence[Floats],
    native: Any,
) -> list[Floats]:
    """What `network` says of each image's boxes: for N boxes (N, columns).

    Its input is (M, 3, size, size); a batch may hold crops of several images."""
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
                native.crops(image.pixels, image.bgr, ours, crops[begin - first : end - first])
        outputs[first:last] = network(crops)
    return [outputs[start:end] for start, end in pairwise(starts)]
