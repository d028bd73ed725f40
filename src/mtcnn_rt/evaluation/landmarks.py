"""Errors of landmarks over the distance of the eyes: NME, normalised mean error."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mtcnn_rt.evaluation.result import Curve, Values
from mtcnn_rt.faces import Faces

FAILURE = 0.1
"""Larger errors are failures."""

Points = NDArray[np.float32]


def enlarged(image: NDArray[np.uint8], size: int) -> tuple[NDArray[np.uint8], float]:
    """The image with a longer side of `size` pixels, bicubic, and the factor; as it is, and 1,
    where it is no smaller."""
    factor = size / max(image.shape[:2])
    if factor <= 1:
        return image, 1.0
    height, width = (max(1, round(side * factor)) for side in image.shape[:2])
    larger = cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(larger, np.uint8), factor


def errors(landmarks: Points, faces: Faces) -> Values:
    """The error of each annotated face, (N,); NaN where it is missed.

    landmarks (N, 5, 2): annotated, in the pixels of `faces`. The face found is the one whose centre
    of landmarks is nearest; none, or one farther than half the width of its box, is a miss. The
    error is the mean distance of the five points over that of the annotated eyes.
    Raises ValueError where the eyes are one point."""
    return np.array([_error(points.astype(np.float64), faces) for points in landmarks], np.float64)


def numbers(errors: Values) -> dict[str, float]:
    """mean and median over the faces found; failure rate over all: a miss is a failure."""
    found = errors[~np.isnan(errors)]
    return {
        "mean": float(found.mean()) if found.size else float("nan"),
        "median": float(np.median(found)) if found.size else float("nan"),
        "failure rate": 1 - float((found <= FAILURE).sum()) / len(errors),
        "missed": len(errors) - len(found),
        "faces": len(errors),
    }


def cumulative(errors: Values) -> Curve:
    """The share of all faces (y) that have at most an error (x). It stays below 1 by the misses."""
    found = np.sort(errors[~np.isnan(errors)])
    return Curve(found, np.arange(1, len(found) + 1) / len(errors))


def _error(points: Values, faces: Faces) -> float:
    eyes = float(np.linalg.norm(points[0] - points[1]))
    if eyes == 0:
        raise ValueError("the annotated eyes are one point")
    if not len(faces):
        return float("nan")
    distances = np.linalg.norm(faces.landmarks.mean(axis=1) - points.mean(axis=0), axis=1)
    nearest = distances.argmin()
    x1, _, x2, _ = faces.boxes[nearest]
    if distances[nearest] > (x2 - x1) / 2:
        return float("nan")
    return float(np.linalg.norm(faces.landmarks[nearest] - points, axis=1).mean() / eyes)
