"""Faces drawn on a picture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mtcnn_rt.faces import Faces

Colour = tuple[int, int, int]  # BGR

ACCENT: Colour = (110, 230, 60)  # boxes, and what lies under the scores
POINT: Colour = (80, 80, 255)  # landmarks
INK: Colour = (20, 30, 10)  # letters, and the rims of the landmarks

_FONT = cv2.FONT_HERSHEY_SIMPLEX


def draw(
    image: NDArray[np.uint8], faces: Faces, *, scores: bool = True, landmarks: bool = True
) -> None:
    """Draws boxes, scores and landmarks into `image`, (H, W, 3) uint8 BGR.

    Lines, dots and letters have the same share of every image, less of a small face.
    Raises ValueError for any other array."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"image: expected uint8 (H, W, 3), not {image.dtype} {image.shape}")
    shorter = min(image.shape[:2])
    for face in reversed(list(faces)):  # the best one last, on top
        x1, y1, x2, y2 = np.rint(face.boxes[0]).astype(int).tolist()
        side = min(x2 - x1, y2 - y1)
        line = max(1, round(min(shorter / 360, side / 20)))
        _draw_frame(image, (x1, y1, x2, y2), line)
        if landmarks:
            _draw_points(image, face.landmarks[0], max(1, round(min(shorter / 220, side / 24))))
        if scores:
            letter = max(8, round(min(shorter / 45, side / 4)))
            _draw_label(image, f"{face.scores[0]:.2f}", (x1, y1), letter)


def _draw_frame(image: NDArray[np.uint8], box: tuple[int, int, int, int], line: int) -> None:
    """Just within the box. Not `cv2.rectangle`, whose lines are wider than asked for."""
    x1, y1, x2, y2 = (max(side, 0) for side in box)
    area = image[y1:y2, x1:x2]
    for edge in (area[:line], area[-line:], area[:, :line], area[:, -line:]):
        edge[:] = ACCENT


def _draw_points(image: NDArray[np.uint8], points: NDArray[np.float32], radius: int) -> None:
    rim = (radius + 1) // 3
    for x, y in np.floor(points).astype(int).tolist():
        cv2.circle(image, (x, y), radius + rim, INK, cv2.FILLED, cv2.LINE_AA)
        cv2.circle(image, (x, y), radius, POINT, cv2.FILLED, cv2.LINE_AA)


def _draw_label(image: NDArray[np.uint8], text: str, corner: tuple[int, int], letter: int) -> None:
    """A filled label with its lower left corner at `corner`, moved into the image where it would
    leave it. `letter` is the height of a letter in pixels."""
    stroke = max(1, letter // 8)
    scale = cv2.getFontScaleFromHeight(_FONT, letter, stroke)
    (width, height), _ = cv2.getTextSize(text, _FONT, scale, stroke)
    margin = max(2, letter // 3)
    left = max(0, min(corner[0], image.shape[1] - width - 2 * margin))
    top = max(0, min(corner[1], image.shape[0]) - height - 2 * margin)
    right, bottom = left + width + 2 * margin, top + height + 2 * margin
    cv2.rectangle(image, (left, top), (right - 1, bottom - 1), ACCENT, cv2.FILLED)
    origin = (left + margin, bottom - margin)
    cv2.putText(image, text, origin, _FONT, scale, INK, stroke, cv2.LINE_AA)
