"""Finds faces that are turned: detects in turned copies of an image, and turns the faces back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from mtcnn_rt._arrays import Float32, Indices
from mtcnn_rt._defaults import ROTATIONS
from mtcnn_rt.faces import Faces, joined
from mtcnn_rt.images import Image

Detect = Callable[[Sequence[Image]], list[Faces]]
"""Returns the faces of each image."""

Merge = Callable[[Float32, Float32], Indices]
"""Returns the indices of the boxes (N, 4) to keep, best score (N,) first."""


def detect_turned(
    images: Sequence[Image], rotations: Sequence[int], detect: Detect, merge: Merge
) -> list[Faces]:
    """Returns the faces of each image, found with the image turned in several ways.

    Args:
        images: The images.
        rotations: Degrees by which to turn the images, counterclockwise, each a pass.
        detect: Detects upright faces.
        merge: Chooses among the faces of all passes; of those with equal scores the first may stay.

    Returns:
        The faces of each image, best score first, in the pixels of the image as it was given. The
        landmarks are in the order that they have on the upright face.
    """
    if tuple(rotations) == ROTATIONS:
        return detect(images)
    passes = [
        [
            turned_back(faces, degrees, image.size)
            for image, faces in zip(images, detect(_all_turned(images, degrees)), strict=True)
        ]
        for degrees in rotations
    ]
    return [_merged(found, merge) for found in zip(*passes, strict=True)]


def _all_turned(images: Sequence[Image], degrees: int) -> list[Image]:
    return [turned(image, degrees) for image in images]


def turned(image: Image, degrees: int) -> Image:
    """Returns an image turned counterclockwise by 0, 90, 180 or 270 degrees."""
    if degrees == 0:
        return image
    return Image(np.ascontiguousarray(np.rot90(image.pixels, degrees // 90)), image.bgr)


def turned_back(faces: Faces, degrees: int, size: tuple[int, int]) -> Faces:
    """Returns the faces of a turned image in the coordinates of the image that was turned.

    Args:
        faces: The faces in the image after `turned`.
        degrees: As for `turned`.
        size: (height, width) of the image before it was turned, in pixels.
    """
    if degrees == 0:
        return faces
    corners = _points_back(faces.boxes.reshape(-1, 2, 2), degrees, size)
    boxes = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    return Faces(boxes, faces.scores, _points_back(faces.landmarks, degrees, size))


def _points_back(points: Float32, degrees: int, size: tuple[int, int]) -> Float32:
    """Returns points (..., 2), x y, turned clockwise about the image that was turned."""
    height, width = (np.float32(side) for side in size)
    x, y = points[..., 0], points[..., 1]
    if degrees == 90:
        x, y = width - y, x
    elif degrees == 180:
        x, y = width - x, height - y
    else:
        x, y = y, height - x
    return np.stack([x, y], axis=-1)


def _merged(found: Sequence[Faces], merge: Merge) -> Faces:
    """Returns the faces of all passes over one image, each face once."""
    every = joined(found)
    return every[merge(every.boxes, every.scores)]
