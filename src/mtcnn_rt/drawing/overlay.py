"""Draws faces on an image."""

from __future__ import annotations

import colorsys
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._defaults import STYLE, STYLES, Style
from mtcnn_rt._pil_images import is_pil_image
from mtcnn_rt.drawing import shapes
from mtcnn_rt.drawing.shapes import Color
from mtcnn_rt.faces import Faces
from mtcnn_rt.images import PilImage, as_image, check_pixels

Ids: TypeAlias = Sequence[int] | NDArray[np.integer[Any]]
"""Ids of faces, (N,)."""

# BGR
ACCENT: Color = (110, 230, 60)  # faces without an id
POINT: Color = (80, 80, 255)  # landmarks
INK: Color = (20, 30, 10)  # letters, and the rims of the landmarks
PAPER: Color = (240, 240, 240)  # letters of the status

_FRAMES: dict[Style, Callable[[Pixels, shapes.Rectangle, int, Color], None]] = {
    "box": shapes.draw_box,
    "corners": shapes.draw_corners,
    "rounded": shapes.draw_rounded,
}
_GOLDEN_RATIO = 0.618034


def draw(
    image: Pixels | PilImage,
    faces: Faces,
    ids: Ids | None = None,
    *,
    scores: bool = True,
    landmarks: bool = True,
    style: Style = STYLE,
) -> Any:
    """Draws boxes, labels and landmarks: on an array itself, and on a copy of a PIL image.

    The widths of lines, dots and letters are the same share of every image, and smaller for a
    small face.

    Args:
        image: (H, W, 3) uint8 BGR; or a PIL image, which is turned by its EXIF orientation as
            `MTCNN.detect` does.
        faces: The faces to draw, N. Boxes and landmarks that are not finite are left out.
        ids: Ids of the faces, (N,): each id has a color of its own, `color_of`, and is in the
            label. None draws all faces in one color.
        scores: Write the scores in the labels.
        landmarks: Draw the five landmarks.
        style: Style of the boxes: "box", "corners" or "rounded".

    Returns:
        The image with the faces: `image` itself, or a new PIL image, RGB.

    Raises:
        ValueError: The image is not uint8 (H, W, 3), the style is unknown, or the number of ids is
            not that of the faces.
        TypeError: The image is no array.

    Example:
        >>> import numpy as np
        >>> from mtcnn_rt import Faces
        >>> from mtcnn_rt.drawing import draw
        >>> image = np.zeros((100, 100, 3), np.uint8)
        >>> landmarks = np.full((1, 5, 2), 40, np.float32)
        >>> faces = Faces(np.float32([[20, 20, 60, 70]]), np.float32([0.99]), landmarks)
        >>> _ = draw(image, faces, style="corners")
        >>> bool(image.any())
        True
    """
    if is_pil_image(image):
        return _drawn_pil(image, faces, ids, scores=scores, landmarks=landmarks, style=style)
    pixels = cast(Pixels, image)
    check_pixels(pixels)
    if style not in STYLES:
        raise ValueError(f"style: expected one of {', '.join(STYLES)}, not {style!r}")
    if ids is not None and len(ids) != len(faces):
        raise ValueError(f"ids: expected one a face, {len(faces)}, not {len(ids)}")
    known = [None] * len(faces) if ids is None else [int(i) for i in ids]
    pairs = list(zip(faces, known, strict=True))
    for face, face_id in reversed(pairs):  # the first, which is the best one, on top
        _draw_face(pixels, face, face_id, scores, landmarks, style)
    return image


def _drawn_pil(image: Any, faces: Faces, ids: Ids | None, **options: Any) -> Any:
    """Returns a new PIL image, upright, with the faces."""
    from PIL import Image

    pixels = as_image(image).pixels[..., ::-1].copy()
    return Image.fromarray(draw(pixels, faces, ids, **options)[..., ::-1].copy())


def draw_status(image: Pixels, lines: Sequence[str]) -> None:
    """Writes lines of text, such as the frames per second, on a darkened panel in a corner.

    The panel is in the upper left, and its size is the same share of every image.

    Args:
        image: (H, W, 3) uint8 BGR.
        lines: Lines of ASCII: OpenCV has no other letters.

    Raises:
        ValueError: The image is not uint8 (H, W, 3).
        TypeError: The image is no array.
    """
    check_pixels(image)
    if lines:
        letter = max(9, round(min(image.shape[:2]) / 45))
        shapes.draw_panel(image, list(lines), letter, PAPER)


def color_of(face_id: int) -> Color:
    """Returns the BGR color of an id, always the same.

    The hues of successive ids are a golden ratio of the color circle apart, which keeps the next
    ones far apart; all colors are bright enough for dark letters.
    """
    red, green, blue = colorsys.hsv_to_rgb(face_id * _GOLDEN_RATIO % 1, 0.65, 1)
    # A saturated blue is dark, so it gets paler. The weights of luma are those of ITU-R BT.709.
    pale = max(0.0, 0.55 - (0.2126 * red + 0.7152 * green + 0.0722 * blue))
    blue, green, red = (round(255 * min(1, part + pale)) for part in (blue, green, red))
    return int(blue), int(green), int(red)


def _draw_face(
    image: Pixels,
    face: Faces,
    face_id: int | None,
    scores: bool,
    landmarks: bool,
    style: Style,
) -> None:
    if not np.isfinite(face.boxes).all():
        return
    color = ACCENT if face_id is None else color_of(face_id)
    far = 4 * max(image.shape)  # what is farther outside does not show, and OpenCV overflows
    x1, y1, x2, y2 = np.rint(face.boxes[0].clip(-far, far)).astype(int).tolist()
    shorter, side = min(image.shape[:2]), min(x2 - x1, y2 - y1)
    line = max(1, round(min(shorter / 360, side / 20)))
    _FRAMES[style](image, (x1, y1, x2, y2), line, color)
    if landmarks:
        radius = max(1, round(min(shorter / 220, side / 24)))
        points = face.landmarks[0][np.isfinite(face.landmarks[0]).all(axis=1)].clip(-far, far)
        shapes.draw_points(image, points, radius, POINT, INK)
    words = [f"#{face_id}"] if face_id is not None else []
    words += [f"{face.scores[0]:.2f}"] if scores else []
    if words:
        # A large image is usually shown reduced, so its letters have a minimum size.
        letter = max(8, round(max(shorter / 120, min(shorter / 45, side / 4))))
        shapes.draw_label(image, " ".join(words), (x1, y1), letter, color, INK)
