"""MediaPipe's BlazeFace, the model for faces up to five meters away.

It shrinks every image to 192 x 192 pixels, whatever the size of the faces that are looked for; the
number of its threads cannot be set.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np

from mtcnn_rt.comparison.peers import Detect, Detections, Pixels, detections

MODULES = ("mediapipe",)
SURE = 0.5
"""Its own threshold."""


def lacks() -> str | None:
    """Version 1 has left the models out of the package."""
    package = find_spec("mediapipe")
    folder = Path(package.origin or "").parent if package else Path()
    model = folder / "modules/face_detection/face_detection_full_range_sparse.tflite"
    return None if model.exists() else "the installed mediapipe has no model"


def load(min_face_size: float, threads: int) -> Detect:
    """Build the detector."""
    from mediapipe.python.solutions.face_detection import FaceDetection

    detector = FaceDetection(model_selection=1, min_detection_confidence=SURE)

    def detect(image_bgr: Pixels) -> Detections:
        height, width = image_bgr.shape[:2]
        faces = detector.process(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB)).detections or []
        areas = [face.location_data.relative_bounding_box for face in faces]
        corners = [(a.xmin, a.ymin, a.xmin + a.width, a.ymin + a.height) for a in areas]
        boxes = np.array(corners, np.float32).reshape(-1, 4) * (width, height, width, height)
        return detections(boxes, [face.score[0] for face in faces])

    return detect
