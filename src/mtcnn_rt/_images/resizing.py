"""Resizes images, and detects in resized ones."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from mtcnn_rt._arrays import Pixels
from mtcnn_rt.faces import Faces, scaled


def resize_by(image: Pixels, factor: float, enlarging: int = cv2.INTER_CUBIC) -> Pixels:
    """Resizes an image by a factor, but to no side below 1 pixel.

    Args:
        image: The image (H, W, 3).
        factor: The factor of both sides.
        enlarging: OpenCV's interpolation where the factor is not below 1. Below, each pixel is the
            mean of an area.

    Returns:
        A new array. Its sides are rounded, half to even.
    """
    how = cv2.INTER_AREA if factor < 1 else enlarging
    height, width = (round(side * factor) for side in image.shape[:2])
    if height and width:  # from the factors: the rounded sizes give slightly other pixels
        resized = cv2.resize(image, None, fx=factor, fy=factor, interpolation=how)
    else:  # long and thin: OpenCV refuses to leave nothing
        resized = cv2.resize(image, (max(1, width), max(1, height)), interpolation=how)
    return np.asarray(resized, np.uint8)


def detect_resized(
    image: Pixels, side: int, detect: Callable[[Pixels], Faces], enlarging: int
) -> Faces:
    """Detects in an image that is resized to a length of its longer side.

    Args:
        image: The image (H, W, 3).
        side: The pixels of the longer side.
        detect: The detector.
        enlarging: As for `resize_by`.

    Returns:
        The faces, in pixels of the image before it is resized.
    """
    height, width = image.shape[:2]
    factor = side / max(height, width)
    size = max(1, round(width * factor)), max(1, round(height * factor))
    how = cv2.INTER_AREA if factor < 1 else enlarging
    found = detect(np.asarray(cv2.resize(image, size, interpolation=how), np.uint8))
    return scaled(found, width / size[0], height / size[1])
