"""Random squares: where P-Net's samples are cut, and around faces those of every network."""

from __future__ import annotations

import numpy as np

from mtcnn_rt._arrays import Float32

SHIFT = 0.2
"""Of a jittered square's center, in sides; farther away it would be no part of the face."""
ZOOM = 1.25


def anywhere(
    height: int, width: int, count: int, smallest: float, rng: np.random.Generator
) -> Float32:
    """Squares (count, 4) inside an image, of sides from `smallest` up to its shorter side, each
    octave as often; none where the image is smaller than that."""
    largest = min(height, width)
    if largest < smallest:
        return np.zeros((0, 4), np.float32)
    sides = np.exp(rng.uniform(np.log(smallest), np.log(largest), count))
    left, top = rng.uniform(0, width - sides), rng.uniform(0, height - sides)
    return np.stack([left, top, left + sides, top + sides], axis=1).astype(np.float32)


def jittered(
    boxes: Float32,
    count: int,
    rng: np.random.Generator,
    shift: float = SHIFT,
    zoom: float = ZOOM,
) -> Float32:
    """`count` squares about each box (N, 4): that of its longer side, moved by up to `shift` sides
    and its side multiplied by up to `zoom` or divided by it. (N * count, 4)."""
    boxes = np.repeat(boxes, count, axis=0)
    sides = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0)
    centers = (boxes[:, :2] + boxes[:, 2:]) / 2
    centers = centers + rng.uniform(-shift, shift, centers.shape) * sides[:, np.newaxis]
    halves = (sides / 2 * np.exp(rng.uniform(-np.log(zoom), np.log(zoom), len(sides))))[:, None]
    return np.hstack([centers - halves, centers + halves]).astype(np.float32)
