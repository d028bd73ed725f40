"""Draws dots and the digits of labels with NumPy, where OpenCV is missing."""

from __future__ import annotations

import numpy as np

from mtcnn_rt._arrays import Float32, Pixels

WIDTH, HEIGHT = 5, 7
"""Size of a glyph in dots."""
SPACE = 1  # dots between glyphs

_ROWS = {
    "0": "01110 10001 10011 10101 11001 10001 01110",
    "1": "00100 01100 00100 00100 00100 00100 01110",
    "2": "01110 10001 00001 00110 01000 10000 11111",
    "3": "01110 10001 00001 00110 00001 10001 01110",
    "4": "00010 00110 01010 10010 11111 00010 00010",
    "5": "11111 10000 11110 00001 00001 10001 01110",
    "6": "00110 01000 10000 11110 10001 10001 01110",
    "7": "11111 00001 00010 00100 01000 01000 01000",
    "8": "01110 10001 10001 01110 10001 10001 01110",
    "9": "01110 10001 10001 01111 00001 00010 01100",
    ".": "00000 00000 00000 00000 00000 01100 01100",
    "#": "01010 01010 11111 01010 11111 01010 01010",
    "-": "00000 00000 00000 11111 00000 00000 00000",
    " ": "00000 00000 00000 00000 00000 00000 00000",
}
_UNKNOWN = "11111 10001 10001 10001 10001 10001 11111"


def draw_dot(
    image: Pixels, center: tuple[int, int], radius: int, color: tuple[int, int, int]
) -> None:
    """Draws a filled circle with a smooth edge, as far as it is in the image.

    Args:
        image: (H, W, 3) uint8.
        center: The pixel in the middle, x y.
        radius: Radius in pixels.
        color: Color in the channel order of the image.
    """
    reach = radius + 1
    x, y = center
    left, top = max(0, x - reach), max(0, y - reach)
    part = image[top : max(0, y + reach + 1), left : max(0, x + reach + 1)]
    if part.size == 0:
        return
    columns = np.arange(left, left + part.shape[1], dtype=np.float32) - x
    rows = np.arange(top, top + part.shape[0], dtype=np.float32) - y
    coverage: Float32 = np.clip(radius + 0.5 - np.hypot(columns, rows[:, None]), 0, 1)[..., None]
    part[:] = np.rint(part * (1 - coverage) + np.array(color, np.float32) * coverage)


def text_size(text: str, letter: int) -> tuple[int, int]:
    """Returns width and height of a text in pixels, whose letters are about `letter` high."""
    dot = _dot(letter)
    return max(0, len(text) * (WIDTH + SPACE) - SPACE) * dot, HEIGHT * dot


def draw_text(
    image: Pixels, text: str, origin: tuple[int, int], letter: int, color: tuple[int, int, int]
) -> None:
    """Draws digits, dots and number signs; other letters become boxes.

    Args:
        image: (H, W, 3) uint8.
        text: The text.
        origin: The lower left corner of the text, x y, which is in the image.
        letter: Height of a letter in pixels, about.
        color: Color in the channel order of the image.
    """
    dot = _dot(letter)
    left, top = origin[0], origin[1] - HEIGHT * dot
    for character in text:
        rows = _ROWS.get(character, _UNKNOWN).split()
        glyph = np.array([[dots == "1" for dots in row] for row in rows])
        large = glyph.repeat(dot, 0).repeat(dot, 1)[max(0, -top) :]
        part = image[max(0, top) : max(0, origin[1]), left : left + WIDTH * dot]
        part[large[: part.shape[0], : part.shape[1]]] = color
        left += (WIDTH + SPACE) * dot


def _dot(letter: int) -> int:
    return max(1, round(letter / HEIGHT))
