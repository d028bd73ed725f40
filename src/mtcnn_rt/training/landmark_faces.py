"""Faces of which only the landmarks are known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Float32
from mtcnn_rt._boxes import overlaps
from mtcnn_rt.images import Image
from mtcnn_rt.training.augment import turn
from mtcnn_rt.training.samples import Kind, cut, points_in
from mtcnn_rt.training.squares import jittered

# Where boxes lie about five landmarks, in units of their spread (the root of their mean squared
# distance from their mean). Medians over the boxes of the published networks on 1,200 faces of
# MTFL's training set: the box is WIDTH x HEIGHT, its center UP above the mean of the landmarks and
# YAW times as far beside it as the nose is beside the mean of the others, on the other side. The
# widths differ from this by 5 %, the centers by 0.12 spreads (standard deviations).
WIDTH, HEIGHT, UP, YAW = 3.47, 4.58, 0.3, 1.25
NOSE, OTHERS = 2, [0, 1, 3, 4]

MOST_ENLARGED = 2.0  # small faces are enlarged, before they are cut, to up to so many crops
SURROUNDINGS = 0.5, 1.0  # half the side of the image about a face, in faces: some fill it
SHIFT, ZOOM = 0.12, 1.2  # of jittered squares, as the spread of what R-Net lets through
ABOUT = 0.5  # IoU of a square that is about a face

FindSquares = Callable[[NDArray[np.uint8]], Float32]
"""From an image (H, W, 3) BGR to squares (N, 4) in its pixels."""


def boxes_about(landmarks: Float32) -> Float32:
    """The boxes (N, 4) that a detector would put about landmarks (N, 5, 2)."""
    means = landmarks.mean(axis=1)
    spreads = np.sqrt(((landmarks - means[:, np.newaxis]) ** 2).sum(axis=2).mean(axis=1))
    turned = landmarks[:, NOSE, 0] - landmarks[:, OTHERS, 0].mean(axis=1)
    centers = means - np.stack([YAW * turned, UP * spreads], axis=1)
    halves = spreads[:, np.newaxis] * np.array([WIDTH, HEIGHT]) / 2
    boxes: Float32 = np.hstack([centers - halves, centers + halves]).astype(np.float32)
    return boxes


def landmark_samples(
    image: NDArray[np.uint8],
    landmarks: Float32,
    size: int,
    variants: int,
    rotation: float,
    rng: np.random.Generator,
    find_squares: FindSquares | None = None,
) -> NDArray[Any]:
    """Samples of every face (N, 5, 2) in an image (H, W, 3) BGR: `variants` of each, turned by up
    to `rotation` degrees.

    find_squares: gives the squares that the network sees of an image. Their squares are cut,
    one of those that are about the face; where there is none, as for P-Net, jittered ones."""
    extended = landmarks.max(axis=(1, 2)) > landmarks.min(axis=(1, 2))
    samples = [
        _sample(image, face, size, rotation, rng, find_squares)
        for face in landmarks[extended]
        for _ in range(variants)
    ]
    return np.concatenate(
        [cut(Image(image, bgr=True), np.zeros((0, 4), np.float32), size), *samples]
    )


def _sample(
    image: NDArray[np.uint8],
    face: Float32,
    size: int,
    rotation: float,
    rng: np.random.Generator,
    find_squares: FindSquares | None,
) -> NDArray[Any]:
    [box] = boxes_about(face[np.newaxis])
    side = float((box[2:] - box[:2]).max())
    zoom = max(1.0, rng.uniform(1, MOST_ENLARGED) * size / side)
    radius = side * rng.uniform(*SURROUNDINGS)
    surroundings, turned = turn(image, face, radius, rng.uniform(-rotation, rotation), zoom)
    points = turned[np.newaxis]
    square = _square(surroundings, boxes_about(points), rng, find_squares)
    sample = cut(Image(surroundings, bgr=True), square, size)
    sample["kind"] = Kind.LANDMARKS
    sample["landmarks"] = points_in(square, points)
    return sample


def _square(
    image: NDArray[np.uint8],
    box: Float32,
    rng: np.random.Generator,
    find_squares: FindSquares | None,
) -> Float32:
    """(1, 4)"""
    if find_squares is not None:
        squares = find_squares(image)
        about = squares[overlaps(squares, box)[:, 0] >= ABOUT]
        if len(about):
            return about[[rng.integers(len(about))]]
    return jittered(box, 1, rng, SHIFT, ZOOM)
