"""Covers parts of faces: with drawn masks, glasses and hands, and with things in front of them."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from mtcnn_rt._arrays import Boxes, Float64, Pixels

COVERED = 0.5
"""Share of the faces that are covered."""

Area = tuple[float, float, float, float]
"""x1 y1 x2 y2 in sides of a face's box, from its upper left corner."""

MASK_COLORS = ((230, 230, 230), (30, 30, 30), (190, 150, 100))
SKIN = (100, 130, 180)
"""Colors, BGR."""

TEXTURED = 0.6
"""Share of the things in front that show another part of the image; the others have one color."""


def cover_faces(image: Pixels, boxes: Boxes, rng: np.random.Generator) -> Pixels:
    """Covers a part of some faces, each with one of four things.

    Args:
        image: The image (H, W, 3), BGR.
        boxes: Boxes (N, 4) of the faces, x1 y1 x2 y2 in pixels.
        rng: Source of the random numbers.

    Returns:
        A copy of the image in which some faces are covered.
    """
    image = image.copy()
    for box in boxes:
        if rng.random() < COVERED:
            things: list[Callable[[Pixels, Boxes, np.random.Generator], None]]
            things = [_draw_mask, _draw_glasses, _put_in_front, _draw_hand]
            things[rng.integers(len(things))](image, box, rng)
    return image


def _draw_mask(image: Pixels, box: Boxes, rng: np.random.Generator) -> None:
    """Draws an ellipse over mouth and chin."""
    left, right = rng.uniform(-0.02, 0.12, 2)
    area = (left, rng.uniform(0.48, 0.62), 1 - right, 1 + rng.uniform(-0.05, 0.1))
    _paint(image, _place(area, box, image), _random_color(rng), rng, ellipse=True)


def _draw_glasses(image: Pixels, box: Boxes, rng: np.random.Generator) -> None:
    """Draws a dark bar over the eyes."""
    area = (0.02, rng.uniform(0.22, 0.32), 0.98, rng.uniform(0.42, 0.52))
    _paint(image, _place(area, box, image), np.full(3, rng.uniform(0, 60)), rng, ellipse=False)


def _draw_hand(image: Pixels, box: Boxes, rng: np.random.Generator) -> None:
    """Draws an ellipse of the color of skin, half as wide and high as the face."""
    x, y = rng.uniform(0.1, 0.9), rng.uniform(0.3, 1.0)
    color = np.array(SKIN) * rng.uniform(0.5, 1.3)
    area = (x - 0.25, y - 0.25, x + 0.25, y + 0.25)
    _paint(image, _place(area, box, image), color, rng, ellipse=True)


def _put_in_front(image: Pixels, box: Boxes, rng: np.random.Generator) -> None:
    """Covers the left or right side of the face, by a color or by another part of the image."""
    share = rng.uniform(0.25, 0.5)
    left = rng.random() < 0.5
    area = (-0.1, -0.1, share, 1.1) if left else (1 - share, -0.1, 1.1, 1.1)
    x1, y1, x2, y2 = place = _place(area, box, image)
    if rng.random() >= TEXTURED or x2 <= x1 or y2 <= y1:
        _paint(image, place, _random_color(rng), rng, ellipse=False)
        return
    height, width = image.shape[:2]
    x = int(rng.integers(0, width - (x2 - x1) + 1))
    y = int(rng.integers(0, height - (y2 - y1) + 1))
    image[y1:y2, x1:x2] = image[y : y + y2 - y1, x : x + x2 - x1].copy()


def _random_color(rng: np.random.Generator) -> Float64:
    """Returns a usual color of masks, or any other; BGR."""
    colors = [*MASK_COLORS, tuple(rng.uniform(0, 255, 3))]
    return np.array(colors[rng.integers(len(colors))], np.float64)


def _place(area: Area, box: Boxes, image: Pixels) -> tuple[int, int, int, int]:
    """Returns the part of a face's box, x1 y1 x2 y2 in whole pixels, inside the image."""
    height, width = image.shape[:2]
    start, sides = np.tile(box[:2], 2), np.tile(box[2:] - box[:2], 2)
    x1, y1, x2, y2 = (int(value) for value in np.rint(start + sides * np.array(area)))
    return max(x1, 0), max(y1, 0), min(x2, width), min(y2, height)


def _paint(
    image: Pixels,
    place: tuple[int, int, int, int],
    color: Float64,
    rng: np.random.Generator,
    ellipse: bool,
) -> None:
    """Paints a rectangle, or an ellipse in it, in a color with a vertical gradient and noise."""
    x1, y1, x2, y2 = place
    width, height = x2 - x1, y2 - y1
    if width < 2 or height < 2:
        return
    inside = np.full((height, width), 0 if ellipse else 1, np.uint8)
    if ellipse:
        axes = max(1, int(width * 0.52)), max(1, int(height * 0.56))
        cv2.ellipse(inside, (width // 2, height // 2), axes, 0, 0, 360, 1, -1)
    above, below = float(rng.uniform(0.75, 1.1)), float(rng.uniform(0.75, 1.1))
    light = np.linspace(above, below, height)[:, np.newaxis, np.newaxis]
    painted = np.clip(color * light + rng.normal(0, 4, (height, width, 3)), 0, 255)
    region = image[y1:y2, x1:x2]
    region[inside > 0] = painted.astype(np.uint8)[inside > 0]
