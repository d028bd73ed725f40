"""Draws random squares: anywhere in an image for P-Net, around faces for every network."""

from __future__ import annotations

import numpy as np

from mtcnn_rt._arrays import Float32

SHIFT = 0.2
"""The largest shift of a jittered square, in sides; any farther it would be no part of the face."""

ZOOM = 1.25
"""The largest factor between the sides of a jittered square and of its box."""


def random_squares(
    height: int, width: int, count: int, smallest: float, rng: np.random.Generator
) -> Float32:
    """Draws squares inside an image, of which every octave of sizes gets the same number.

    Args:
        height: Height of the image in pixels.
        width: Width of the image in pixels.
        count: Number of squares.
        smallest: The smallest side in pixels; the largest is the image's shorter side.
        rng: Source of the random numbers.

    Returns:
        Squares (count, 4), x1 y1 x2 y2 in pixels; (0, 4) for an image smaller than `smallest`.
    """
    largest = min(height, width)
    if largest < smallest:
        return np.zeros((0, 4), np.float32)
    sides = np.exp(rng.uniform(np.log(smallest), np.log(largest), count))
    left, top = rng.uniform(0, width - sides), rng.uniform(0, height - sides)
    return np.stack([left, top, left + sides, top + sides], axis=1).astype(np.float32)


def jittered_squares(
    boxes: Float32,
    count: int,
    rng: np.random.Generator,
    shift: float = SHIFT,
    zoom: float = ZOOM,
) -> Float32:
    """Draws squares around boxes: those of their longer sides, shifted and resized at random.

    Args:
        boxes: Boxes (N, 4), x1 y1 x2 y2.
        count: Number of squares for each box.
        rng: Source of the random numbers.
        shift: The largest shift in each direction, in sides.
        zoom: The largest factor by which a side grows or shrinks.

    Returns:
        Squares (N * count, 4) in the order of the boxes.
    """
    boxes = np.repeat(boxes, count, axis=0)
    sides = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0)
    centers = (boxes[:, :2] + boxes[:, 2:]) / 2
    centers = centers + rng.uniform(-shift, shift, centers.shape) * sides[:, np.newaxis]
    halves = (sides / 2 * np.exp(rng.uniform(-np.log(zoom), np.log(zoom), len(sides))))[:, None]
    return np.hstack([centers - halves, centers + halves]).astype(np.float32)
