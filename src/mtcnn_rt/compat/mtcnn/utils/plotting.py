"""Draws faces as `mtcnn.utils.plotting` of mtcnn 1.0.0 does.

Example:
    >>> import numpy as np
    >>> from mtcnn_rt.compat.mtcnn.utils.plotting import plot
    >>> face = {"box": [2, 3, 5, 4], "confidence": 0.9, "keypoints": {"nose": [5, 5]}}
    >>> plot(np.zeros((10, 10, 3)), [face])[3, 2]
    array([255, 255,   0], dtype=uint8)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mtcnn_rt._arrays import Indices, Pixels
from mtcnn_rt.faces import LANDMARKS

__all__ = ["plot"]

_YELLOW = (255, 255, 0)
_REACH = 2
"""Pixels of a landmark's square beyond its center."""


def plot(image: Any, detection: Any, input_as_width_height: bool = True) -> Pixels | None:
    """Draws the boxes and landmarks of faces in yellow on a copy of the image.

    Args:
        image: (H, W, 3), RGB, 0 to 255.
        detection: A face or several, as `detect_faces` returned them: dicts or rows.
        input_as_width_height: The boxes are x1 y1 width height, not x1 y1 x2 y2.

    Returns:
        (H, W, 3) uint8; None without a face.
    """
    if len(detection) == 0:
        return None
    drawn: Pixels = np.array(image).astype(np.uint8)
    one = isinstance(detection, dict) or getattr(detection, "ndim", 2) == 1
    for face in [detection] if one else detection:
        x1, y1, x2, y2 = _corners(face, input_as_width_height)
        for left, top, right, bottom in (
            (x1, y1, x1, y2),
            (x2, y1, x2, y2),
            (x1, y1, x2, y1),
            (x1, y2, x2, y2),
        ):
            _fill(drawn, left, top, right, bottom)
        for x, y in _points(face):
            _fill(drawn, x - _REACH, y - _REACH, x + _REACH, y + _REACH)
    return drawn


def _fill(image: Pixels, left: int, top: int, right: int, bottom: int) -> None:
    """Paints a rectangle, its last row and column included; parts outside are left out."""
    image[max(top, 0) : max(bottom + 1, 0), max(left, 0) : max(right + 1, 0)] = _YELLOW


def _corners(face: Any, sides: bool) -> list[int]:
    """Returns x1 y1 x2 y2 of a dict's box, or of a row's, which the image's index precedes."""
    values = face["box"] if isinstance(face, dict) else np.asarray(face)[1:5]
    box = np.asarray(values, float)
    if sides:
        box = np.concatenate([box[:2], box[:2] + box[2:]])
    corners: list[int] = box.round().astype(int).tolist()
    return corners


def _points(face: Any) -> Indices:
    """Returns the landmarks (N, 2) of a face; none if it has only a box."""
    if isinstance(face, dict):
        named = face.get("keypoints", {})
        points = [named[name] for name in LANDMARKS if name in named]
        return np.array(points, np.int64).reshape(-1, 2)
    row = np.asarray(face, float)[6:].reshape(2, -1).T
    return row.round().astype(np.int64)
