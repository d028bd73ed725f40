"""Faces drawn on a picture."""

from __future__ import annotations

import colorsys
from collections.abc import Callable, Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt.drawing import shapes
from mtcnn_rt.drawing.shapes import Color
from mtcnn_rt.faces import Faces
from mtcnn_rt.images import check_pixels

Style = Literal["box", "corners", "rounded"]
STYLES: tuple[Style, ...] = get_args(Style)

# BGR
ACCENT: Color = (110, 230, 60)  # faces without an id
POINT: Color = (80, 80, 255)  # landmarks
INK: Color = (20, 30, 10)  # letters, and the rims of the landmarks
PAPER: Color = (240, 240, 240)  # letters of the status

_FRAMES: dict[str, Callable[[NDArray[np.uint8], shapes.Rectangle, int, Color], None]] = {
    "box": shapes.draw_box,
    "corners": shapes.draw_corners,
    "rounded": shapes.draw_rounded,
}
_GOLDEN_RATIO = 0.618034


def draw(
    image: NDArray[np.uint8],
    faces: Faces,
    ids: Sequence[int] | NDArray[np.integer] | None = None,
    *,
    scores: bool = True,
    landmarks: bool = True,
    style: Style = "box",
) -> None:
    """Draws boxes, labels and landmarks into `image`, (H, W, 3) uint8 BGR.

    ids    (N,), one a face: each has its own color, `color_of`, and stands in the label.
    style  of the box: "box", "corners" or "rounded".

    Lines, dots and letters have the same share of every image, less of a small face.
    Raises ValueError that names what was given; TypeError for an image that is no array."""
    check_pixels(image)
    if style not in STYLES:
        raise ValueError(f"style: expected one of {', '.join(STYLES)}, not {style!r}")
    if ids is not None and len(ids) != len(faces):
        raise ValueError(f"ids: expected one a face, {len(faces)}, not {len(ids)}")
    names = [None] * len(faces) if ids is None else [int(i) for i in ids]
    named = list(zip(faces, names, strict=True))
    for face, name in reversed(named):  # the first, which is the best one, on top
        _draw_face(image, face, name, scores, landmarks, style)


def _draw_face(
    image: NDArray[np.uint8],
    face: Faces,
    name: int | None,
    scores: bool,
    landmarks: bool,
    style: Style,
) -> None:
    color = ACCENT if name is None else color_of(name)
    x1, y1, x2, y2 = np.rint(face.boxes[0]).astype(int).tolist()
    shorter, side = min(image.shape[:2]), min(x2 - x1, y2 - y1)
    line = max(1, round(min(shorter / 360, side / 20)))
    _FRAMES[style](image, (x1, y1, x2, y2), line, color)
    if landmarks:
        radius = max(1, round(min(shorter / 220, side / 24)))
        shapes.draw_points(image, face.landmarks[0], radius, POINT, INK)
    words = [f"#{name}"] if name is not None else []
    words += [f"{face.scores[0]:.2f}"] if scores else []
    if words:
        # A large image is shown smaller than it is, so that it needs larger letters at the least.
        letter = max(8, round(max(shorter / 120, min(shorter / 45, side / 4))))
        shapes.draw_label(image, " ".join(words), (x1, y1), letter, color, INK)


def draw_status(image: NDArray[np.uint8], lines: Sequence[str]) -> None:
    """Writes lines of text, such as the frames per second, on a darkened panel in the upper left
    corner of `image`, (H, W, 3) uint8 BGR, with the same share of every image. OpenCV's letters
    are ASCII. Raises as `draw`."""
    check_pixels(image)
    if lines:
        letter = max(9, round(min(image.shape[:2]) / 45))
        shapes.draw_panel(image, list(lines), letter, PAPER)


def color_of(name: int) -> Color:
    """The BGR color of a track, always the same. Hues go round in steps of the golden ratio, which
    keeps the next ones far apart; all are bright enough for dark letters."""
    red, green, blue = colorsys.hsv_to_rgb(name * _GOLDEN_RATIO % 1, 0.65, 1)
    # A saturated blue is dark, so it gets paler. The weights of luma are those of ITU-R BT.709.
    pale = max(0.0, 0.55 - (0.2126 * red + 0.7152 * green + 0.0722 * blue))
    blue, green, red = (round(255 * min(1, part + pale)) for part in (blue, green, red))
    return int(blue), int(green), int(red)
