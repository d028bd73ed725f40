"""Errors of landmarks over the distance of the eyes: NME, normalized mean error."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from mtcnn_rt.evaluation.measurement import Curve, Values
from mtcnn_rt.faces import Faces

FAILURE = 0.1
"""Larger errors are failures."""

Points = NDArray[np.float32]


def detect_enlarged(
    image: NDArray[np.uint8], size: int, detect: Callable[[NDArray[np.uint8]], Faces]
) -> Faces:
    """What `detect` finds in the image (H, W, 3), enlarged (bicubic) so that its longer side has
    `size` pixels; as it is where it is no smaller. In pixels of the image as it is."""
    height, width = image.shape[:2]
    factor = size / max(height, width)
    if factor <= 1:
        return detect(image)
    larger = max(1, round(width * factor)), max(1, round(height * factor))
    faces = detect(np.asarray(cv2.resize(image, larger, interpolation=cv2.INTER_CUBIC), np.uint8))
    back = np.array([width / larger[0], height / larger[1]], np.float32)
    return Faces(faces.boxes * np.tile(back, 2), faces.scores, faces.landmarks * back)


def errors(landmarks: Points, faces: Faces) -> Values:
    """The error of each annotated face, (N,); NaN where it is missed.

    landmarks (N, 5, 2): annotated, in the pixels of `faces`. The face found is the one whose center
    of landmarks is nearest; none, or one farther than half the width of its box, is a miss. The
    error is the mean distance of the five points over that of the annotated eyes.
    Raises ValueError where the eyes are one point."""
    return np.array([_error(points.astype(np.float64), faces) for points in landmarks], np.float64)


def numbers(errors: Values) -> dict[str, float]:
    """mean, median and failure rate (the share above `FAILURE`) of the faces found, NaN without
    any; how many are missed, of how many."""
    found = errors[~np.isnan(errors)]
    nothing = float("nan")
    return {
        "mean": float(found.mean()) if found.size else nothing,
        "median": float(np.median(found)) if found.size else nothing,
        "failure rate": float((found > FAILURE).mean()) if found.size else nothing,
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
