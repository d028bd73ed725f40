"""Leaves out landmarks that are all in one point, as broken annotations have them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Float32
from mtcnn_rt.annotations import Annotated

ONE_POINT = 0.01
"""Pixels that landmarks in one point are apart at most: a face of this size has no pixels."""


def in_one_point(landmarks: Float32) -> NDArray[np.bool_]:
    """Returns which faces (N,) have all their landmarks (N, 5, 2) in one point.

    Landmarks that are not annotated, NaN, are not in one point.
    """
    apart = landmarks.max(axis=1) - landmarks.min(axis=1)
    single: NDArray[np.bool_] = (apart <= ONE_POINT).all(axis=1)
    return single


def without_single_points(image: Annotated, path: str, skipped: list[str]) -> Annotated:
    """Returns an image without the landmarks that are all in one point; boxes stay.

    Args:
        image: The image.
        path: Path of its annotations.
        skipped: Receives a line about each face that loses its landmarks.
    """
    single = in_one_point(image.landmarks) & ~image.ignored
    for face in np.flatnonzero(single):
        place = f"{path}: {image.name}: face {face + 1}"
        skipped.append(f"{place}: its five landmarks are in one point, and are left out")
    if not single.any():
        return image
    kept = np.where(single[:, np.newaxis, np.newaxis], np.float32(np.nan), image.landmarks)
    return replace(image, landmarks=kept)
