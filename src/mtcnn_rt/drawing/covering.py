"""Makes faces unrecognizable in an image."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mtcnn_rt._arguments import numbers, real
from mtcnn_rt._arrays import Float32, Float64, GivenPixels, Pixels
from mtcnn_rt._defaults import MARGIN, METHOD, METHODS, SHAPE, SHAPES, Method, Shape
from mtcnn_rt._packages import opencv_if_usable
from mtcnn_rt.drawing import plain_cover
from mtcnn_rt.drawing.canvas import check_canvas
from mtcnn_rt.drawing.cover import BLOCKS, Area, Cover
from mtcnn_rt.faces import Faces, check_finite

__all__ = ["BLOCKS", "METHODS", "SHAPES", "anonymize"]

cv2 = opencv_if_usable()  # without it, NumPy covers faces in nearly the same colors, slower

_FADE = 0.3  # share of the margin in which an ellipse of blur blends into the image
_STRIP = 64  # rows


def anonymize(
    image: GivenPixels,
    boxes: ArrayLike | Faces,
    method: Method = METHOD,
    margin: float = MARGIN,
    shape: Shape = SHAPE,
    *,
    strength: float = 1.0,
    block_size: float = 1.0,
    cover: GivenPixels | None = None,
) -> None:
    """Covers the faces in `boxes` in `image` itself, whatever their size.

    No pixel outside the box with its margin changes.

    Args:
        image: (H, W, 3) uint8, BGR or RGB.
        boxes: (N, 4) x1 y1 x2 y2 in pixels, may extend beyond the image; N = 0 is no face. Or the
            faces themselves.
        method: "blur", "pixelate" or "solid". "solid" is black, and the only one that leaves
            nothing: from a few blocks, software may still guess which person of a small group it
            was (McPherson et al., Defeating Image Obfuscation with Deep Learning, arXiv
            1609.00408).
        margin: Share of the box's sides, >= 0, by which the covered area extends beyond the box,
            on every side.
        shape: "ellipse" or "box". The ellipse has a soft edge outside the one inscribed in the
            box. Where a box ends at the edge of the image, so that the face may go on, the covered
            area extends to that edge.
        strength: How strong "blur" is, 1 to 6: how many times as far colors spread as with 1. Less
            than 1 might leave a face recognizable; with 6 and a margin of 0.4 or less a single
            color is left.
        block_size: Least side of a block of "pixelate", in pixels, >= 1. Blocks are larger where a
            face would have more than `BLOCKS` along its longer side: no value leaves more.
        cover: An image for "solid" to show in place of black, resized to the covered area: (h, w,
            3) uint8 in the channel order of `image`, (h, w, 4), whose transparent parts are laid on
            white, so that no face shows through, or (h, w).

    Raises:
        ValueError: An argument is out of its range, or has no effect with the method; the message
            names it and what was given. No face is covered then.
        TypeError: The image is no array, or an argument has another type.

    Example:
        >>> import numpy as np
        >>> from mtcnn_rt.drawing import anonymize
        >>> image = np.full((100, 100, 3), 200, np.uint8)
        >>> anonymize(image, [(20, 20, 60, 70)], method="solid")
        >>> image[45, 40].tolist()
        [0, 0, 0]
    """
    check_canvas(image)
    corners = _check(boxes.boxes if isinstance(boxes, Faces) else boxes, margin, shape)
    _cover_boxes(image, corners, Cover(method, strength, block_size, cover), margin, shape)


def covered_areas(boxes: ArrayLike, margin: float) -> list[tuple[int, int, int, int]]:
    """Returns the rectangles x1 y1 x2 y2 that `anonymize` changes, one for each box.

    They may overlap, and extend beyond the image.
    """
    corners = _check(boxes, margin, SHAPE)
    areas = (_area(box, margin) for box in corners)
    return [(left, top, right, bottom) for top, bottom, left, right in areas]


def _cover_boxes(
    image: Pixels, corners: Float64, cover: Cover, margin: float, shape: Shape
) -> None:
    """Covers the boxes (N, 4) in the image itself; `anonymize` describes the arguments."""
    for box in corners:
        whole = _area(box, margin)
        visible = top, bottom, left, right = _within(whole, image.shape)
        part = image[top:bottom, left:right]
        if part.size == 0:
            continue
        side = max(1.0, *(box[2:] - box[:2]).tolist())
        pixels = cover.pixels(part, side, whole, visible)
        if shape == "box":
            part[:] = pixels
            continue
        opaque = margin * (1 - _FADE if cover.method == "blur" else 1)
        x = _distances(box[::2], opaque, left, right, image.shape[1])
        y = _distances(box[1::2], opaque, top, bottom, image.shape[0])
        fade = max((1 + 2 * margin) / (1 + 2 * opaque), 1 + 3 / side)  # never a jagged edge
        _blend(part, pixels, x, y, fade)


def _check(given: ArrayLike, margin: float, shape: str) -> Float64:
    """Validates the arguments, and returns the boxes with their sides in order."""
    boxes = numbers("boxes", given, "(N, 4)")
    if boxes.size == 0:
        boxes = boxes.reshape(0, 4)
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(f"boxes: expected (N, 4), not {boxes.shape}")
    check_finite("boxes", boxes)
    if shape not in SHAPES:
        raise ValueError(f"shape: expected one of {', '.join(SHAPES)}, not {shape!r}")
    if not 0 <= real("margin", margin) < np.inf:
        raise ValueError(f"margin: expected a number from 0 on, not {margin!r}")
    corners = boxes.reshape(-1, 2, 2).clip(-1e9, 1e9)  # beyond any image, and safe to compute with
    return np.concatenate([corners.min(1), corners.max(1)], 1)


def _area(box: Float64, margin: float) -> Area:
    """Returns the area of a box with its margin."""
    more = min(margin, 1e6) * (box[2:] - box[:2])
    left, top = np.floor(box[:2] - more).astype(int).tolist()
    right, bottom = np.ceil(box[2:] + more).astype(int).tolist()
    return top, bottom, left, right


def _within(area: Area, shape: tuple[int, ...]) -> Area:
    """Returns the part of an area that lies within an image of this shape."""
    height, width = shape[:2]
    top, bottom = (min(max(0, y), height) for y in area[:2])
    left, right = (min(max(0, x), width) for x in area[2:])
    return top, bottom, left, right


def _distances(sides: Float64, margin: float, begin: int, end: int, length: int) -> Float32:
    """Returns squared distances of pixels from the middle of the box, along one axis.

    Args:
        sides: The box's two sides on this axis.
        margin: Share of the box to cover opaquely beyond it.
        begin: The first pixel.
        end: The pixel after the last one.
        length: Length of the image along this axis, in pixels.

    Returns:
        (end - begin,) in half axes of the opaque ellipse. Where the box touches the edge of the
        image, 0 from the middle to that edge.
    """
    half = (sides[1] - sides[0]) / 2
    axis = half * (1 + 2 * margin) + 0.75  # with the pixels that it cuts
    offsets = (np.arange(begin, end) + 0.5 - sides.mean()) / axis
    low = 0.0 if sides[0] < 1 else -np.inf
    high = 0.0 if sides[1] > length - 1 else np.inf
    return np.asarray(np.clip(offsets, low, high) ** 2, np.float32)


def _blend(part: Pixels, cover: NDArray[Any], x: Float32, y: Float32, fade: float) -> None:
    """Puts `cover` into `part` within an ellipse whose edge blends into the image.

    The blending ends at an ellipse `fade` times as large. It works in strips of rows, which have
    few pixels to blend; the others are copied.
    """
    outer = fade**2
    for first in range(0, len(y), _STRIP):
        rows = slice(first, first + _STRIP)
        squares = y[rows, None]
        touched, whole = _span(x, outer - squares.min()), _span(x, 1 - squares.max())
        part[rows, slice(*whole)] = cover[rows, slice(*whole)]
        sides = [(touched[0], whole[0]), (whole[1], touched[1])] if whole[1] else [touched]
        for columns in (slice(*side) for side in sides):
            weights = np.clip((outer - x[columns] - squares) / (outer - 1), 0, 1)
            if weights.size:
                above, below = cover[rows, columns], np.ascontiguousarray(part[rows, columns])
                if cv2 is None:
                    part[rows, columns] = plain_cover.blended(above, below, weights)
                else:
                    part[rows, columns] = cv2.blendLinear(above, below, weights, 1 - weights)


def _span(x: Float32, limit: float) -> tuple[int, int]:
    """Returns the first index, and the one after the last, where `x` is at most `limit`.

    The squares `x` fall and then rise.
    """
    within = np.flatnonzero(x <= limit)
    return (int(within[0]), int(within[-1]) + 1) if within.size else (0, 0)
