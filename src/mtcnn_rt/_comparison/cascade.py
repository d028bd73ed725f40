"""Adapts this package's cascade, with one of its own engines."""

from __future__ import annotations

from mtcnn_rt import MTCNN
from mtcnn_rt._arrays import Pixels
from mtcnn_rt._comparison.peer import Detect, Detections
from mtcnn_rt._defaults import SCALE_FACTOR, THRESHOLDS, EngineName, Precision


def new_detector(
    engine: EngineName, min_face_size: float, threads: int, precision: Precision = "float32"
) -> MTCNN:
    """Makes a detector with the published model and the usual settings.

    Args:
        engine: The engine that runs the networks.
        min_face_size: The smallest face to find, in pixels.
        threads: The number of threads.
        precision: The number type of the native engine's P-Net.

    Returns:
        The detector.
    """
    return MTCNN(
        min_face_size=min_face_size,
        scale_factor=SCALE_FACTOR,
        thresholds=THRESHOLDS,
        threads=threads,
        model="published",
        engine=engine,
        precision=precision,
    )


def as_detect(detector: MTCNN) -> Detect:
    """Adapts a detector of this package.

    Args:
        detector: The detector.

    Returns:
        A function from a BGR image to boxes and scores.
    """

    def detect(image_bgr: Pixels) -> Detections:
        faces = detector.detect(image_bgr, color="bgr")
        return faces.boxes, faces.scores

    return detect
