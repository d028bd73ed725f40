"""Faces made unrecognizable in a picture."""

from __future__ import annotations

from typing import Any, Literal, get_args

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from mtcnn_rt._arrays import Float64
from mtcnn_rt.images import check_pixels

Method = Literal["blur", "pixelate", "solid"]
Shape = Literal["ellipse", "box"]
METHODS: tuple[Method, ...] = get_args(Method)
SHAPES: tuple[Shape, ...] = get_args(Shape)

MARGIN = 0.2
"""A box ends at the brow or the hairline; with a fifth more on every side it has the whole head."""

BLOCKS = 6
"""What "pixelate" leaves of a face, in blocks along the longer side of its box; "blur" leaves less.
With 8, the detector of this package still finds some of them."""

_FADE = 0.3  # share of the margin in which an ellipse of blur gives way to the picture
_SAMPLES = 24  # rows and columns of a block that are enough for its mean
_STRIP = 64  # rows

Pixels = NDArray[np.uint8]


def anonymize(
    image: Pixels,
    boxes: ArrayLike,
    method: Method = "blur",
    margin: float = MARGIN,
    shape: Shape = "ellipse",
) -> None:
    """Covers the faces in `boxes` in `image` itself, whatever their size.

    image   (H, W, 3) uint8, BGR or RGB.
    boxes   (N, 4) x1 y1 x2 y2 in pixels, may reach beyond the image; N = 0 is no face.
    method  "blur", "pixelate" or "solid", which is black and the only one that leaves nothing: from
            a few blocks software may still guess who of a small group it was (McPherson et al.,
            Defeating Image Obfuscation with Deep Learning, arXiv 1609.00408).
    margin  how far the covered area reaches beyond the box, in its widths and heights, >= 0.
    shape   "ellipse", with a soft edge outside the one inscribed in the box, or "box". Where a box
            ends at the edge of the image, so that the face may go on, the ellipse is open to there.

    No pixel outside the box with its margin changes. Raises ValueError that names what was given,
    before any face is covered; TypeError for an image that is no array."""
    check_pixels(image)
    corners = _check(np.asarray(boxes, np.float64), method, margin, shape)
    for box in corners:
        top, bottom, left, right = _area(box, margin, image.shape)
        part = image[top:bottom, left:right]
        if part.size == 0:
            continue
        side = max(1.0, *(box[2:] - box[:2]).tolist())
        cover = _cover(part, side, method)
        if shape == "box":
            part[:] = cover
            continue
        wholly = margin * (1 - _FADE if method == "blur" else 1)
        x = _distances(box[::2], wholly, left, right, image.shape[1])
        y = _distances(box[1::2], wholly, top, bottom, image.shape[0])
        fade = max((1 + 2 * margin) / (1 + 2 * wholly), 1 + 3 / side)  # never a jagged edge
        _put(part, cover, x, y, fade)


def _check(boxes: Float64, method: str, margin: float, shape: str) -> Float64:
    """The boxes with their sides in order: one that is inside out has a face as well."""
    if boxes.size == 0:
        boxes = boxes.reshape(0, 4)
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(f"boxes: expected (N, 4), not {boxes.shape}")
    if not np.isfinite(boxes).all():
        raise ValueError(f"boxes: expected finite numbers, not {boxes.tolist()}")
    if method not in METHODS:
        raise ValueError(f"method: expected one of {', '.join(METHODS)}, not {method!r}")
    if shape not in SHAPES:
        raise ValueError(f"shape: expected one of {', '.join(SHAPES)}, not {shape!r}")
    if not 0 <= margin < np.inf:
        raise ValueError(f"margin: expected a number from 0 on, not {margin!r}")
    corners = boxes.reshape(-1, 2, 2).clip(-1e9, 1e9)  # beyond any image, and safe to reckon with
    return np.concatenate([corners.min(1), corners.max(1)], 1)


def _area(box: Float64, margin: float, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """top, bottom, left, right of the box with its margin, within the image."""
    more = margin * (box[2:] - box[:2])
    limit = np.array(shape[1::-1])
    left, top = np.clip(np.floor(box[:2] - more), 0, limit).astype(int).tolist()
    right, bottom = np.clip(np.ceil(box[2:] + more), 0, limit).astype(int).tolist()
    return top, bottom, left, right


def _cover(part: Pixels, side: float, method: str) -> NDArray[Any]:
    """What hides `part`, which belongs to a face of `side` pixels."""
    if method == "solid":
        return np.zeros_like(part)
    size = part.shape[1::-1]
    block = max(3.0, side / BLOCKS)
    blocks = [max(1, round(length / block)) for length in size]
    every = max(1, int(block / _SAMPLES))
    samples = np.ascontiguousarray(part[::every, ::every])
    few = cv2.resize(samples, blocks, interpolation=cv2.INTER_AREA)
    if method == "pixelate":
        return cv2.resize(few, size, interpolation=cv2.INTER_NEAREST)
    few = cv2.blur(few, (3, 3), borderType=cv2.BORDER_REPLICATE)
    # Linear interpolation is fast but shows the blocks, which a few steps of a better one hide.
    finer = [min(8 * count, length) for count, length in zip(blocks, size, strict=True)]
    smooth = cv2.resize(few, finer, interpolation=cv2.INTER_CUBIC)
    return cv2.resize(smooth, size, interpolation=cv2.INTER_LINEAR)


def _distances(
    sides: Float64, margin: float, begin: int, end: int, length: int
) -> NDArray[np.float32]:
    """Along one axis, squared distances of the pixels [begin, end) from the middle of the box, in
    half axes of the ellipse that is wholly covered. Where the box touches the edge of the image,
    0 from the middle to there."""
    half = (sides[1] - sides[0]) / 2
    axis = half * (1 + 2 * margin) + 0.75  # with the pixels that it cuts
    offsets = (np.arange(begin, end) + 0.5 - sides.mean()) / axis
    low = 0.0 if sides[0] < 1 else -np.inf
    high = 0.0 if sides[1] > length - 1 else np.inf
    return np.asarray(np.clip(offsets, low, high) ** 2, np.float32)


def _put(
    part: Pixels, cover: NDArray[Any], x: NDArray[np.float32], y: NDArray[np.float32], fade: float
) -> None:
    """Puts `cover` into `part` within the ellipse; it gives way to what is there up to an ellipse
    `fade` times as large. Strips of rows have few pixels to be blended, the others are copied."""
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
                part[rows, columns] = cv2.blendLinear(above, below, weights, 1 - weights)


def _span(x: NDArray[np.float32], limit: float) -> tuple[int, int]:
    """From where to where the squares `x`, which fall and then rise, are not above `limit`."""
    within = np.flatnonzero(x <= limit)
    return (int(within[0]), int(within[-1]) + 1) if within.size else (0, 0)
