"""Cuts samples from faces of which only the landmarks are annotated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Float32, Pixels
from mtcnn_rt._boxes import overlaps
from mtcnn_rt.images import Image
from mtcnn_rt.training.augment import turn
from mtcnn_rt.training.samples import Kind, crop_samples, points_in
from mtcnn_rt.training.single_points import in_one_point
from mtcnn_rt.training.squares import jittered_squares

# Boxes in relation to five landmarks, in units of the landmarks' spread (the root of their mean
# squared distance from their mean). Medians over the boxes of the published networks on 1,200 faces
# of MTFL's training set: the box is WIDTH x HEIGHT, its center UP above the mean of the landmarks
# and YAW times as far beside it as the nose is beside the mean of the others, on the other side.
# The widths differ from this by 5 %, the centers by 0.12 spreads (standard deviations).
WIDTH, HEIGHT, UP, YAW = 3.47, 4.58, 0.3, 1.25
NOSE, OTHERS = 2, [0, 1, 3, 4]

MOST_ENLARGED = 2.0  # small faces are enlarged before they are cut, up to this many input sizes
SURROUNDINGS = 0.5, 1.0  # half the side of the turned image, in faces: some faces fill it
SHIFT, ZOOM = 0.12, 1.2  # of jittered squares: about the spread of what R-Net accepts
LARGEST = 2.0  # box over the longer side of the image: a wrong landmark would fill the memory
SAME_FACE = 0.5  # IoU from which a square belongs to a face

FindSquares = Callable[[Pixels], Float32]
"""Returns squares (N, 4) in an image (H, W, 3) BGR, in pixels."""


def boxes_about(landmarks: Float32) -> Float32:
    """Estimates the boxes (N, 4) that a detector would give faces with landmarks (N, 5, 2)."""
    means = landmarks.mean(axis=1)
    spreads = np.sqrt(((landmarks - means[:, np.newaxis]) ** 2).sum(axis=2).mean(axis=1))
    turned = landmarks[:, NOSE, 0] - landmarks[:, OTHERS, 0].mean(axis=1)
    centers = means - np.stack([YAW * turned, UP * spreads], axis=1)
    halves = spreads[:, np.newaxis] * np.array([WIDTH, HEIGHT]) / 2
    boxes: Float32 = np.hstack([centers - halves, centers + halves]).astype(np.float32)
    return boxes


def landmark_samples(
    image: Pixels,
    landmarks: Float32,
    size: int,
    variants: int,
    rotation: float,
    rng: np.random.Generator,
    find_squares: FindSquares | None = None,
) -> NDArray[Any]:
    """Cuts samples of faces with landmarks, each several times, turned at random.

    Args:
        image: The image (H, W, 3), BGR.
        landmarks: Landmarks (N, 5, 2) of the faces, in pixels.
        size: Side of the network's input in pixels.
        variants: Number of samples of each face.
        rotation: The largest rotation in degrees.
        rng: Source of the random numbers.
        find_squares: Finds the squares that the network gets from an image; one of those that
            belong to the face is cut. Without it, as for P-Net, or if no square belongs to the
            face, a jittered square is cut.

    Returns:
        An array of `sample_dtype(size)`. Faces whose landmarks are all in one point, or spread far
        beyond the image, are left out.
    """
    boxes = boxes_about(landmarks)
    sides = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0)
    usable = ~in_one_point(landmarks) & (sides <= LARGEST * max(image.shape[:2]))
    samples = [
        _sample(image, face, size, rotation, rng, find_squares)
        for face in landmarks[usable]
        for _ in range(variants)
    ]
    none = crop_samples(Image(image, bgr=True), np.zeros((0, 4), np.float32), size)
    return np.concatenate([none, *samples])


def _sample(
    image: Pixels,
    face: Float32,
    size: int,
    rotation: float,
    rng: np.random.Generator,
    find_squares: FindSquares | None,
) -> NDArray[Any]:
    """Cuts one sample of a face (5, 2)."""
    [box] = boxes_about(face[np.newaxis])
    side = float((box[2:] - box[:2]).max())
    zoom = max(1.0, rng.uniform(1, MOST_ENLARGED) * size / side)
    radius = side * rng.uniform(*SURROUNDINGS)
    surroundings, turned = turn(image, face, radius, rng.uniform(-rotation, rotation), zoom)
    points = turned[np.newaxis]
    square = _square(surroundings, boxes_about(points), rng, find_squares)
    sample = crop_samples(Image(surroundings, bgr=True), square, size)
    sample["kind"] = Kind.LANDMARKS
    sample["landmarks"] = points_in(square, points)
    return sample


def _square(
    image: Pixels,
    box: Float32,
    rng: np.random.Generator,
    find_squares: FindSquares | None,
) -> Float32:
    """Chooses the square (1, 4) to cut for a face with a box (1, 4)."""
    if find_squares is not None:
        squares = find_squares(image)
        about = squares[overlaps(squares, box)[:, 0] >= SAME_FACE]
        if len(about):
            return about[[rng.integers(len(about))]]
    return jittered_squares(box, 1, rng, SHIFT, ZOOM)
