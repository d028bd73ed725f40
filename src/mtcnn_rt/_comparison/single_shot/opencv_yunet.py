"""Adapts `FaceDetectorYN`, OpenCV's program around YuNet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._comparison.single_shot.choice import DetectFaces
from mtcnn_rt._comparison.single_shot.network import finish
from mtcnn_rt.faces import Faces

MAX_IOU = 0.3  # OpenCV's default
MOST = 5000  # boxes before NMS, OpenCV's default


def lacks() -> str | None:
    """Returns why the detector cannot run: OpenCV before 4.5.4 has no such class."""
    return None if hasattr(cv2, "FaceDetectorYN") else f"not in OpenCV {cv2.__version__}"


def load(path: Path | None, threads: int, min_score: float) -> DetectFaces:
    """Builds the detector; see `choice.Load`. The threads are those of the whole process."""
    assert path is not None
    path.open("rb").close()  # OpenCV's own message has neither the file nor the reason
    opencv: Any = cv2
    opencv.setNumThreads(threads)
    try:
        detector = opencv.FaceDetectorYN.create(str(path), "", (320, 320), min_score, MAX_IOU, MOST)
    except cv2.error as error:
        raise ValueError(f"{path}: OpenCV cannot read it: {error}") from error

    def detect(image: Pixels) -> Faces:
        height, width = image.shape[:2]
        detector.setInputSize((width, height))
        rows = detector.detect(image)[1]
        rows = np.zeros((0, 15), np.float32) if rows is None else rows
        boxes = np.hstack([rows[:, :2], rows[:, :2] + rows[:, 2:4]])
        found = Faces(boxes, rows[:, 14], rows[:, 4:14].reshape(-1, 5, 2))
        return finish(found, 1.0, (height, width))  # OpenCV has run NMS

    return detect
