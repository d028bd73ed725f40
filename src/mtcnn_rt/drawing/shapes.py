"""Draws frames, dots and labels, the parts of `draw`. Images are (H, W, 3) uint8."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TypeAlias

import numpy as np

from mtcnn_rt._arrays import Float32, Pixels
from mtcnn_rt._packages import opencv_if_usable
from mtcnn_rt.drawing import plain

cv2 = opencv_if_usable()  # without it, dots and letters are plainer

Color: TypeAlias = tuple[int, int, int]
"""Color in the channel order of the image."""

Size: TypeAlias = tuple[int, int]
"""Height and width of an image, in pixels."""

Rectangle: TypeAlias = tuple[int, int, int, int]
"""Corners x1 y1 x2 y2 in whole pixels; x2 and y2 are outside."""

# BGR
POINT: Color = (80, 80, 255)  # landmarks
INK: Color = (20, 30, 10)  # letters of labels, and the rims of the landmarks
PAPER: Color = (240, 240, 240)  # letters of the status

_FONT = 0  # OpenCV's FONT_HERSHEY_SIMPLEX


def draw_box(image: Pixels, rectangle: Rectangle, line: int, color: Color) -> None:
    """Draws lines, `line` pixels wide, just within the rectangle."""
    # Not `cv2.rectangle`, whose lines are wider than asked for.
    area = _area(image, rectangle)
    for edge in (area[:line], area[-line:], area[:, :line], area[:, -line:]):
        edge[:] = color


def draw_corners(image: Pixels, rectangle: Rectangle, line: int, color: Color) -> None:
    """Draws only the corners of `draw_box`, heavier, a quarter of the shorter side long."""
    area = _area(image, rectangle)
    line = math.ceil(1.5 * line)
    length = max(line + 1, min(area.shape[:2]) // 4)
    ends = ((slice(length), slice(line)), (slice(-length, None), slice(-line, None)))
    for long_rows, short_rows in ends:
        for long_columns, short_columns in ends:
            area[short_rows, long_columns] = color
            area[long_rows, short_columns] = color


def draw_rounded(image: Pixels, rectangle: Rectangle, line: int, color: Color) -> None:
    """Draws `draw_box` with corners rounded by an eighth of the shorter side."""
    area = _area(image, rectangle)
    radius = max(line + 1, min(area.shape[:2]) // 8)
    if min(area.shape[:2]) < 2 * radius:  # nothing but corners
        draw_box(image, rectangle, line, color)
        return
    straight = slice(radius, -radius)
    for edge in (
        *(area[:line, straight], area[-line:, straight]),
        *(area[straight, :line], area[straight, -line:]),
    ):
        edge[:] = color
    coverage = _arc(radius, line)[:, :, None]
    for rows, down in ((slice(radius), 1), (slice(-radius, None), -1)):
        for columns, right in ((slice(radius), 1), (slice(-radius, None), -1)):
            corner, weights = area[rows, columns], coverage[::down, ::right]
            corner[:] = np.rint(corner * (1 - weights) + np.array(color) * weights)


def draw_points(image: Pixels, points: Float32, radius: int) -> None:
    """Draws landmarks as dots with a rim, at points (K, 2), x y."""
    for x, y in np.floor(points).astype(int).tolist():
        for extent, color in ((radius + _rim(radius), INK), (radius, POINT)):
            if cv2 is None:
                plain.draw_dot(image, (x, y), extent, color)
            else:
                cv2.circle(image, (x, y), extent, color, cv2.FILLED, cv2.LINE_AA)


def points_area(points: Float32, radius: int) -> Rectangle:
    """Returns the rectangle that `draw_points` draws in, for at least one point."""
    reach = radius + _rim(radius) + 2  # OpenCV's smooth edges extend beyond the radius
    low, high = np.floor(points.min(0)).astype(int), np.floor(points.max(0)).astype(int)
    (x1, y1), (x2, y2) = (low - reach).tolist(), (high + reach + 1).tolist()
    return x1, y1, x2, y2


def draw_label(
    image: Pixels, text: str, corner: tuple[int, int], letter: int, ground: Color
) -> None:
    """Draws a filled label, moved into the image where it would extend beyond it.

    Args:
        image: (H, W, 3) uint8.
        text: The text, in ASCII.
        corner: The label's lower left corner, x y.
        letter: Height of a letter in pixels.
        ground: Color of the label.
    """
    left, top, right, bottom = _label(image.shape, text, corner, letter)
    image[max(0, top) : max(0, bottom), left : max(0, right)] = ground
    margin = _margin(letter)
    _draw_text(image, text, (left + margin, bottom - margin), letter, INK)


def label_area(size: tuple[int, ...], text: str, corner: tuple[int, int], letter: int) -> Rectangle:
    """Returns the rectangle that `draw_label` draws in, on an image of a size (height, width)."""
    left, top, right, bottom = _label(size, text, corner, letter)
    overhang = letter + 1  # of letters beyond their baseline, and strokes beyond the letters
    return left - overhang, top - overhang, right + overhang, bottom + overhang


def draw_panel(image: Pixels, lines: list[str], letter: int) -> None:
    """Draws lines of text on a darkened panel in the upper left corner.

    Args:
        image: (H, W, 3) uint8.
        lines: One or more lines of ASCII.
        letter: Height of a letter in pixels.
    """
    width = max(_text_size(text, letter)[0] for text in lines)
    step, margin = round(1.75 * letter), max(4, round(0.75 * letter))
    panel = image[: step * (len(lines) - 1) + letter + 2 * margin, : width + 2 * margin]
    panel //= 4
    for index, text in enumerate(lines):
        origin = (margin, margin + letter + index * step)
        _draw_text(image, text, origin, letter, PAPER)


def _label(size: tuple[int, ...], text: str, corner: tuple[int, int], letter: int) -> Rectangle:
    """Returns the ground of a label, moved into the image where it would extend beyond it."""
    width, height = _text_size(text, letter)
    margin = _margin(letter)
    left = max(0, min(corner[0], size[1] - width - 2 * margin))
    top = max(0, min(corner[1], size[0]) - height - 2 * margin)
    return left, top, left + width + 2 * margin, top + height + 2 * margin


def _margin(letter: int) -> int:
    """Returns the distance of letters of a height from the edges of their label."""
    return max(2, letter // 3)


def _rim(radius: int) -> int:
    """Returns the width of the rim of a dot."""
    return (radius + 1) // 3


def _text_size(text: str, letter: int) -> tuple[int, int]:
    """Returns the width and height of a text in pixels."""
    return plain.text_size(text, letter) if cv2 is None else _opencv_text_size(text, letter)


@lru_cache(maxsize=1000)
def _opencv_text_size(text: str, letter: int) -> tuple[int, int]:
    """Returns the width and height of a text in pixels, as OpenCV writes it."""
    stroke, scale = _pen(letter)
    (width, height), _ = cv2.getTextSize(text, _FONT, scale, stroke)
    return width, height


def _draw_text(image: Pixels, text: str, origin: tuple[int, int], letter: int, ink: Color) -> None:
    """Draws a text whose lower left corner is `origin`, x y."""
    if cv2 is None:
        plain.draw_text(image, text, origin, letter, ink)
        return
    stroke, scale = _pen(letter)
    cv2.putText(image, text, origin, _FONT, scale, ink, stroke, cv2.LINE_AA)


def _arc(radius: int, line: int) -> Float32:
    """Returns the share of each pixel (radius, radius) that a rounded upper left corner covers."""
    offsets = radius - np.arange(radius, dtype=np.float32) - 0.5
    distances = np.hypot(offsets, offsets[:, None])
    outer, inner = (np.clip(edge + 0.5 - distances, 0, 1) for edge in (radius, radius - line))
    coverage: Float32 = outer - inner
    return coverage


def _area(image: Pixels, rectangle: Rectangle) -> Pixels:
    """Returns a view of the pixels of the rectangle that are in the image."""
    x1, y1, x2, y2 = (max(side, 0) for side in rectangle)
    return image[y1:y2, x1:x2]


@lru_cache(maxsize=1000)
def _pen(letter: int) -> tuple[int, float]:
    """Returns the width of a stroke in pixels, and OpenCV's scale, for letters of this height."""
    stroke = max(1, letter // 8)
    return stroke, cv2.getFontScaleFromHeight(_FONT, letter, stroke)
