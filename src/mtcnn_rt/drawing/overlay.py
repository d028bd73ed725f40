"""Draws faces on an image."""

from __future__ import annotations

import colorsys
import operator
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from mtcnn_rt._arrays import Float32, GivenPixels, Ids, Pixels
from mtcnn_rt._defaults import STYLE, STYLES, Style
from mtcnn_rt._images.pil import is_pil_image
from mtcnn_rt.drawing import shapes
from mtcnn_rt.drawing.canvas import check_canvas
from mtcnn_rt.drawing.shapes import Color
from mtcnn_rt.faces import Faces, check_ids
from mtcnn_rt.images import PilImage, as_image

ACCENT: Color = (110, 230, 60)
"""Color of faces without an id, BGR."""

_FRAMES: dict[Style, Callable[[Pixels, shapes.Rectangle, int, Color], None]] = {
    "box": shapes.draw_box,
    "corners": shapes.draw_corners,
    "rounded": shapes.draw_rounded,
}
_GOLDEN_RATIO = 0.618034


def draw(
    image: GivenPixels | PilImage,
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
        ValueError: The image is not uint8 (H, W, 3), is empty or read-only, the style is unknown,
            or the number of ids is not that of the faces.
        TypeError: The image is no array, the faces are no `Faces`, or the ids no integers.

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
    if not isinstance(faces, Faces):
        raise TypeError(f"faces: expected Faces, not {type(faces).__name__}")
    if is_pil_image(image):
        return _drawn_pil(image, faces, ids, scores=scores, landmarks=landmarks, style=style)
    pixels = cast(Pixels, image)
    check_canvas(pixels)
    if style not in STYLES:
        raise ValueError(f"style: expected one of {', '.join(STYLES)}, not {style!r}")
    check_ids(faces, ids)
    pairs = list(zip(faces, _known(faces, ids), strict=True))
    with _drawable(pixels) as canvas:
        for face, face_id in reversed(pairs):  # the first, which is the best one, on top
            size = (canvas.shape[0], canvas.shape[1])
            drawing = _Drawing.of(size, face, face_id, scores, landmarks)
            if drawing:
                drawing.paint(canvas, ACCENT if face_id is None else color_of(face_id), style)
    return image


def _known(faces: Faces, ids: Ids | None) -> list[int] | list[None]:
    """Returns the id of each face, None for all without ids; raises TypeError for no integers."""
    if ids is None:
        return [None] * len(faces)
    try:
        return [operator.index(face_id) for face_id in ids]
    except TypeError as error:
        raise TypeError(f"ids: expected integers, not {ids!r}") from error


@contextmanager
def _drawable(pixels: Pixels) -> Iterator[Pixels]:
    """Gives pixels that OpenCV draws on: a copy of such as a mirrored view, which is put back."""
    if pixels.strides[1:] == (3, 1) and pixels.strides[0] >= 3 * pixels.shape[1]:
        yield pixels
        return
    copy = pixels.copy()
    yield copy
    pixels[...] = copy


def _drawn_pil(image: Any, faces: Faces, ids: Ids | None, **options: Any) -> Any:
    """Returns a new PIL image, upright, with the faces."""
    from PIL import Image

    pixels = as_image(image).pixels[..., ::-1].copy()
    return Image.fromarray(draw(pixels, faces, ids, **options)[..., ::-1].copy())


def draw_status(image: GivenPixels, lines: Sequence[str]) -> None:
    """Writes lines of text, such as the frames per second, on a darkened panel in a corner.

    The panel is in the upper left, and its size is the same share of every image.

    Args:
        image: (H, W, 3) uint8 BGR.
        lines: Lines of ASCII: OpenCV has no other letters.

    Raises:
        ValueError: The image is not uint8 (H, W, 3), is empty or read-only.
        TypeError: The image is no array.
    """
    check_canvas(image)
    if lines:
        letter = max(9, round(min(image.shape[:2]) / 45))
        with _drawable(image) as canvas:
            shapes.draw_panel(canvas, list(lines), letter)


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


@dataclass(frozen=True, eq=False)
class _Drawing:
    """Lays out the drawing of a face.

    Attributes:
        rectangle: Its box.
        line: Width of the lines.
        points: The landmarks to draw, (K, 2), x y.
        radius: Radius of their dots.
        text: Text of the label; "" for none.
        letter: Height of its letters.
    """

    rectangle: shapes.Rectangle
    line: int
    points: Float32
    radius: int
    text: str
    letter: int

    @classmethod
    def of(
        cls, size: tuple[int, int], face: Faces, face_id: int | None, scores: bool, landmarks: bool
    ) -> _Drawing | None:
        """Lays out a face on an image of a size (height, width); None if it cannot be drawn."""
        if not np.isfinite(face.boxes).all():
            return None
        far = 4 * max(size)  # what is farther outside does not show, and OpenCV overflows
        x1, y1, x2, y2 = np.rint(face.boxes[0].clip(-far, far)).astype(int).tolist()
        shorter, side = min(size), min(x2 - x1, y2 - y1)
        finite = face.landmarks[0][np.isfinite(face.landmarks[0]).all(axis=1)]
        words = [f"#{face_id}"] if face_id is not None else []
        words += [f"{face.scores[0]:.2f}"] if scores else []
        return cls(
            rectangle=(x1, y1, x2, y2),
            line=max(1, round(min(shorter / 360, side / 20))),
            points=(finite if landmarks else finite[:0]).clip(-far, far),
            radius=max(1, round(min(shorter / 220, side / 24))),
            text=" ".join(words),
            # A large image is usually shown reduced, so its letters have a minimum size.
            letter=max(8, round(max(shorter / 120, min(shorter / 45, side / 4)))),
        )

    def paint(self, image: Pixels, color: Color, style: Style) -> None:
        """Draws on an image."""
        _FRAMES[style](image, self.rectangle, self.line, color)
        shapes.draw_points(image, self.points, self.radius)
        if self.text:
            shapes.draw_label(image, self.text, self.rectangle[:2], self.letter, color)

    def area(self, size: tuple[int, int]) -> shapes.Rectangle:
        """Returns the rectangle that `paint` draws in, on an image of a size (height, width)."""
        parts = [self.rectangle]
        parts += [shapes.points_area(self.points, self.radius)] if len(self.points) else []
        if self.text:
            parts.append(shapes.label_area(size, self.text, self.rectangle[:2], self.letter))
        x1, y1, x2, y2 = zip(*parts, strict=True)
        return min(x1), min(y1), max(x2), max(y2)


def drawn_areas(
    size: tuple[int, int], faces: Faces, ids: Ids | None, *, scores: bool, landmarks: bool
) -> list[shapes.Rectangle]:
    """Returns the rectangles that `draw` changes, one for each face; they may overlap.

    Args:
        size: Height and width of the image, in pixels.
        faces: As for `draw`, as the arguments that follow.
        ids: The ids.
        scores: Write the scores.
        landmarks: Draw the landmarks.
    """
    drawings = [
        _Drawing.of(size, face, face_id, scores, landmarks)
        for face, face_id in zip(faces, _known(faces, ids), strict=True)
    ]
    return [one.area(size) for one in drawings if one]
