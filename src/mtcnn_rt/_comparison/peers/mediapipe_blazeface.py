"""Adapts MediaPipe's BlazeFace, the model for faces up to five meters away.

It shrinks every image to 192 x 192 pixels and ignores `min_face_size`. The number of its threads
cannot be set.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._comparison.peer import Detect, Detections, as_detections

MODULES = ("mediapipe",)
SURE = 0.5
"""The detector's own threshold."""


def lacks() -> str | None:
    """Returns why the detector cannot run: from version 1 on the package has no models."""
    package = find_spec("mediapipe")
    folder = Path(package.origin or "").parent if package else Path()
    model = folder / "modules/face_detection/face_detection_full_range_sparse.tflite"
    return None if model.exists() else "the installed mediapipe has no model"


def load(min_face_size: float, threads: int) -> Detect:
    """Builds the detector; see `Peer.load`. Ignores `min_face_size` and `threads`."""
    from mediapipe.python.solutions.face_detection import FaceDetection

    detector = FaceDetection(model_selection=1, min_detection_confidence=SURE)

    def detect(image_bgr: Pixels) -> Detections:
        height, width = image_bgr.shape[:2]
        faces = detector.process(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB)).detections or []
        areas = [face.location_data.relative_bounding_box for face in faces]
        corners = [(a.xmin, a.ymin, a.xmin + a.width, a.ymin + a.height) for a in areas]
        boxes = np.array(corners, np.float32).reshape(-1, 4) * (width, height, width, height)
        return as_detections(boxes, [face.score[0] for face in faces])

    return detect
