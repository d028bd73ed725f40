"""Measures landmark errors over the distance of the eyes: NME, normalized mean error."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mtcnn_rt._arrays import Float32, Float64, Pixels
from mtcnn_rt._packages import importing
from mtcnn_rt.evaluation.measurement import Curve
from mtcnn_rt.faces import Faces

with importing(__name__):
    import cv2

    from mtcnn_rt._images.resizing import detect_resized

FAILURE = 0.1
"""The error above which a face is a failure."""


def detect_enlarged(image: Pixels, size: int, detect: Callable[[Pixels], Faces]) -> Faces:
    """Detects in an image that is enlarged (bicubic) where its longer side is too short.

    Args:
        image: The image, (H, W, 3) uint8.
        size: The least pixels of the longer side.
        detect: The detector.

    Returns:
        The faces, in pixels of the image before it is enlarged.
    """
    if max(image.shape[:2]) >= size:
        return detect(image)
    return detect_resized(image, size, detect, enlarging=cv2.INTER_CUBIC)


def errors(landmarks: Float32, faces: Faces) -> Float64:
    """Measures the error of each annotated face.

    The face found is the one whose center of landmarks is nearest to the annotated center. A face
    is missed where none is found, or where that center is farther than half the width of its box.
    The error is the mean distance of the five points over the distance of the annotated eyes.

    Args:
        landmarks: The annotated landmarks, (N, 5, 2), in the pixels of `faces`.
        faces: The faces found.

    Returns:
        The errors, (N,); NaN where a face is missed.

    Raises:
        ValueError: The annotated eyes are one point.
    """
    return np.array([_error(points.astype(np.float64), faces) for points in landmarks], np.float64)


def numbers(errors: Float64) -> dict[str, float]:
    """Summarizes errors.

    Args:
        errors: The errors, (N,); NaN where a face is missed.

    Returns:
        "mean", "median" and "failure rate" (the share above `FAILURE`) of the faces found, NaN
        where none is found; the number of faces "missed", and of all "faces".
    """
    found = errors[~np.isnan(errors)]
    nothing = float("nan")
    return {
        "mean": float(found.mean()) if found.size else nothing,
        "median": float(np.median(found)) if found.size else nothing,
        "failure rate": float((found > FAILURE).mean()) if found.size else nothing,
        "missed": len(errors) - len(found),
        "faces": len(errors),
    }


def cumulative(errors: Float64) -> Curve:
    """Computes the cumulative curve of errors.

    Args:
        errors: The errors, (N,); NaN where a face is missed.

    Returns:
        Errors (x), and the share of all faces with at most that error (y). It stays below 1 by the
        share of the faces that are missed.
    """
    found = np.sort(errors[~np.isnan(errors)])
    return Curve(found, np.arange(1, len(found) + 1) / len(errors))


def _error(points: Float64, faces: Faces) -> float:
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
