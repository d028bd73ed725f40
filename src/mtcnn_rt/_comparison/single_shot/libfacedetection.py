"""Adapts libfacedetection, the C++ program that the package yuface has with its network inside.

Scores and coordinates are whole numbers; a score of 100 is 1.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._comparison.single_shot.choice import DetectFaces
from mtcnn_rt._comparison.single_shot.network import finish
from mtcnn_rt.faces import Faces


def lacks() -> str | None:
    """Returns why the detector cannot run: its package is not installed."""
    return None if find_spec("yuface") else "not installed: pip install --no-deps yuface"


def load(path: Path | None, threads: int, min_score: float) -> DetectFaces:
    """Builds the detector; see `choice.Load`.

    OpenMP reads the number of threads when the package is imported first.
    """
    os.environ["OMP_NUM_THREADS"] = str(threads)
    from yuface.yuface import detect as detect_rows

    def detect(image: Pixels) -> Faces:
        # Columns: score, x, y, width, height, landmarks, and one that has no meaning.
        rows = np.asarray(detect_rows(np.ascontiguousarray(image)), np.int16).astype(np.float32)
        rows = rows.reshape(-1, 16)
        rows = rows[rows[:, 0] >= 100 * min_score]
        boxes = np.hstack([rows[:, 1:3], rows[:, 1:3] + rows[:, 3:5]])
        found = Faces(boxes, rows[:, 0] / np.float32(100), rows[:, 5:15].reshape(-1, 5, 2))
        return finish(found, 1.0, image.shape[:2])  # the program has run NMS

    return detect
