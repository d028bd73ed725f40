"""OpenCV's cascade of Haar features (Viola and Jones), with its usual settings."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from mtcnn_rt.comparison.peers import Detect, Detections, Pixels, detections

MODULES = ("cv2",)


def lacks() -> str | None:
    """OpenCV 5 has no such classifier any more."""
    return None if hasattr(cv2, "CascadeClassifier") else f"not in OpenCV {cv2.__version__}"


def load(min_face_size: float, threads: int) -> Detect:
    """Build the detector. It gives no probabilities: every face counts as sure."""
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
        return detections(boxes, np.ones(len(boxes)))

    return detect
