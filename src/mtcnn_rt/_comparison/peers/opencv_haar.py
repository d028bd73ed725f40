"""Adapts OpenCV's cascade of Haar features (Viola and Jones), with its usual settings."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._comparison.peer import Detect, Detections, as_detections

MODULES = ("cv2",)


def lacks() -> str | None:
    """Returns why the detector cannot run: OpenCV 5 has no such classifier."""
    return None if hasattr(cv2, "CascadeClassifier") else f"not in OpenCV {cv2.__version__}"


def load(min_face_size: float, threads: int) -> Detect:
    """Builds the detector; see `Peer.load`. It has no scores: every face counts as sure."""
    opencv: Any = cv2
    opencv.setNumThreads(threads)
    classifier = opencv.CascadeClassifier(
        f"{opencv.data.haarcascades}haarcascade_frontalface_default.xml"
    )

    smallest = (round(min_face_size), round(min_face_size))

    def detect(image_bgr: Pixels) -> Detections:
        gray = cv2.cvtColor(image_bgr, cv2.COLOR_BGR2GRAY)
        found = classifier.detectMultiScale(gray, minSize=smallest)
        boxes = np.asarray(found, np.float32).reshape(-1, 4)
        boxes[:, 2:] += boxes[:, :2]
        return as_detections(boxes, np.ones(len(boxes)))

    return detect
