"""Measures the overlap of ellipses and rectangles as FDDB does.

FDDB draws the regions into masks of the image's size and counts pixels. So does this module, with
the same rounding: corners and centers to the nearest pixel, radii down, the last row and column
included.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Float64

Mask: TypeAlias = NDArray[np.uint8]
"""Pixels of a region, (H, W): 1 inside, 0 outside."""

RECTANGLE, ELLIPSE = 4, 5
"""Lengths of a region. A rectangle is x, y, width, height. An ellipse is its two radii, the angle
of the first with the x axis in radians (clockwise on the screen), and the center x, y."""


def draw_region(region: Float64, size: tuple[int, int]) -> Mask:
    """Draws a region as a mask.

    Args:
        region: The 4 numbers of a rectangle or the 5 numbers of an ellipse; see `RECTANGLE`.
        size: Height and width of the image in pixels.

    Returns:
        The mask, (height, width).

    Raises:
        ValueError: `region` has another number of values.
    """
    mask = np.zeros(size, np.uint8)
    if len(region) == RECTANGLE:
        x, y, width, height = region.tolist()
        cv2.rectangle(mask, _pixel(x, y), _pixel(x + width, y + height), 1, cv2.FILLED)
    elif len(region) == ELLIPSE:
        first, second, angle, x, y = region.tolist()
        radii = (int(first), int(second))
        cv2.ellipse(mask, _pixel(x, y), radii, math.degrees(angle), 0, 360, 1, cv2.FILLED)
    else:
        raise ValueError(f"a region has 4 or 5 numbers, not {len(region)}")
    return mask


def region_overlaps(found: Float64, annotated: Float64, size: tuple[int, int]) -> Float64:
    """Computes the intersection over union of regions.

    Args:
        found: Regions that are found, (M, 4 or 5).
        annotated: Annotated regions, (N, 4 or 5).
        size: Height and width of the image in pixels.

    Returns:
        The overlaps, (M, N), 0 to 1.
    """
    masks = [draw_region(region, size) for region in annotated]
    areas = [cv2.countNonZero(mask) for mask in masks]
    overlaps = np.zeros((len(found), len(masks)))
    for row, region in enumerate(found):
        mask = draw_region(region, size)
        mask_area = cv2.countNonZero(mask)
        for column, (other, other_area) in enumerate(zip(masks, areas, strict=True)):
            common = cv2.countNonZero(cv2.bitwise_and(mask, other))
            overlaps[row, column] = common / max(1, mask_area + other_area - common)
    return overlaps


def _pixel(x: float, y: float) -> tuple[int, int]:
    # In single precision, and halves to even, as OpenCV rounds.
    return round(float(np.float32(x))), round(float(np.float32(y)))
