"""Resizes images by a factor."""

from __future__ import annotations

import cv2
import numpy as np

from mtcnn_rt._arrays import Pixels


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
