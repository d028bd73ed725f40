"""Runs the cascade with the conventions of facenet-pytorch 2.6.0.

It counts pixels from 1, rounds P-Net's boxes down to whole pixels, cuts crops out at whole pixels,
ends them at the border of the image, and averages whole pixels where it resizes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt import _native
from mtcnn_rt._arrays import Float32, Indices
from mtcnn_rt._native import CELL, STRIDE
from mtcnn_rt.compat._area import AreaSums
from mtcnn_rt.compat._networks import Networks, networks

_NMS_LEVEL, _NMS = 0.5, 0.7
_CORNER = np.array((0, 0, 1, 1), np.float32)
"""Added to boxes whose last pixel counts, so that their areas are those of the package."""


def detect(
    image: NDArray[Any], min_face_size: float, thresholds: Sequence[float], factor: float
) -> tuple[Float32, Float32, Float32]:
    """Returns the faces of an image, best first.

    Args:
        image: (H, W, 3) RGB, 0 to 255, of any number type.
        min_face_size: The smallest face to find, in pixels.
        thresholds: Face probabilities that the networks must reach.
        factor: Scale of a level of the image pyramid over that of the level before.

    Returns:
        Boxes (N, 4), probabilities (N,), and landmarks (N, 5, 2).
    """
    run, sums = networks(), AreaSums(image)
    squares = _propose(run, sums, list(_scales(sums.size, min_face_size, factor)), thresholds[0])
    squares = _refine(run, sums, squares, thresholds[1])
    return _output(run, sums, squares, thresholds[2])


def _scales(size: tuple[int, int], min_face_size: float, factor: float) -> Iterator[float]:
    scale = CELL / min_face_size
    shortest = min(size) * scale
    while shortest >= CELL:
        yield scale
        scale, shortest = scale * factor, shortest * factor


def _propose(run: Networks, sums: AreaSums, scales: list[float], threshold: float) -> Float32:
    """Returns the squares (N, 4) that P-Net finds."""
    nms = _native.Nms()
    height, width = sums.size
    found = [np.zeros((0, 9), np.float32)]
    for scale in scales:
        level = sums.resized(int(height * scale + 1), int(width * scale + 1))
        scores, regressions = run.propose(level)
        rows, columns = np.nonzero(scores >= np.float32(threshold))
        first = np.stack([columns, rows], 1).astype(np.float32) * STRIDE
        low = np.floor((first + 1) / np.float32(scale))
        high = np.floor((first + CELL) / np.float32(scale))
        cells = np.concatenate(
            [low, high, scores[rows, columns, None], regressions[rows, columns]], 1
        )
        found.append(cells[_kept(nms, cells[:, :4], cells[:, 4], _NMS_LEVEL)])
    cells = np.concatenate(found)
    cells = cells[_kept(nms, cells[:, :4], cells[:, 4], _NMS)]
    sides = cells[:, 2:4] - cells[:, :2]
    return _squares(cells[:, :4] + cells[:, 5:] * np.tile(sides, 2))


def _refine(run: Networks, sums: AreaSums, squares: Float32, threshold: float) -> Float32:
    """Returns the squares (N, 4) that R-Net accepts and moves."""
    squares, crops = _crops(sums, squares, 24)
    scores, regressions = run.refine(crops)
    passed = scores > np.float32(threshold)
    squares, scores, regressions = squares[passed], scores[passed], regressions[passed]
    kept = _kept(_native.Nms(), squares, scores, _NMS)
    return _squares(_moved(squares[kept], regressions[kept]))


def _output(
    run: Networks, sums: AreaSums, squares: Float32, threshold: float
) -> tuple[Float32, Float32, Float32]:
    """Returns the boxes, probabilities and landmarks of the squares that O-Net accepts."""
    squares, crops = _crops(sums, squares, 48)
    scores, regressions, points = run.output(crops)
    passed = scores > np.float32(threshold)
    squares, scores, points = squares[passed], scores[passed], points[passed]
    sides = squares[:, 2:] - squares[:, :2] + 1
    landmarks = sides[:, None] * points + squares[:, None, :2] - 1
    boxes = _moved(squares, regressions[passed])
    # The last of equal probabilities comes first.
    kept = _native.Nms()(
        np.ascontiguousarray((boxes + _CORNER)[::-1]),
        np.ascontiguousarray(scores[::-1]),
        _NMS,
        "smaller",
    )
    kept = len(scores) - 1 - kept
    return boxes[kept], scores[kept], landmarks[kept]


def _kept(nms: _native.Nms, boxes: Float32, scores: Float32, threshold: float) -> Indices:
    return nms(np.ascontiguousarray(boxes), np.ascontiguousarray(scores), threshold)


def _squares(boxes: Float32) -> Float32:
    """Returns the squares of the longer sides of boxes, about the same centers."""
    half = np.float32(0.5)
    sides = boxes[:, 2:] - boxes[:, :2]
    side = sides.max(1, initial=0, keepdims=True)
    first = boxes[:, :2] + sides * half - side * half
    return np.concatenate([first, first + side], 1)


def _moved(boxes: Float32, regressions: Float32) -> Float32:
    """Returns boxes with every side moved by its regression; the last pixel counts."""
    sides = boxes[:, 2:] - boxes[:, :2] + 1
    moved: Float32 = boxes + regressions * np.tile(sides, 2)
    return moved


def _crops(sums: AreaSums, squares: Float32, side: int) -> tuple[Float32, Float32]:
    """Returns the squares that have pixels in the image, and their crops (N, 3, side, side)."""
    height, width = sums.size
    whole = np.trunc(squares).astype(np.int64)
    first = np.maximum(whole[:, :2], 1) - 1
    last = np.minimum(whole[:, 2:], (width, height))
    inside = (last > first).all(1)
    boxes = np.concatenate([first, last], 1)[inside]
    return squares[inside], sums.crops(boxes, side)
