"""Cuts samples: square crops of images with what is to be learned from each.

See the paper, sections 2.2 and 3.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt import _native
from mtcnn_rt._arrays import Boxes, Float32, Float64, Indices
from mtcnn_rt._boxes import overlaps
from mtcnn_rt._layers import INPUT_SIZES
from mtcnn_rt.images import Image

NEGATIVE_BELOW, PART_FROM, POSITIVE_ABOVE = 0.3, 0.4, 0.65
"""IoU with the nearest face that makes a square a negative, a part or a positive; a square between
0.3 and 0.4 is no sample."""


class Kind(IntEnum):
    """Kind of a sample, which decides the losses that it has."""

    NEGATIVE = 0  # face
    PART = 1  # box
    POSITIVE = 2  # face, box
    LANDMARKS = 3  # landmarks


NO_SAMPLE = -1
"""Stands in place of a `Kind` for squares that are no samples."""


@dataclass(frozen=True, eq=False)
class Truth:
    """The annotated faces of an image.

    Attributes:
        boxes: Faces (N, 4), x1 y1 x2 y2 in pixels.
        ignored: Boxes (M, 4) that count neither as faces nor against them.
    """

    boxes: Float32
    ignored: Float32


def sample_dtype(size: int) -> np.dtype[Any]:
    """Returns the type of one sample in an array.

    Its fields are:

    - `pixels`: (3, size, size) planar RGB, the crop as detection cuts it, rounded to 0..255.
    - `kind`: a `Kind`.
    - `side`: the side of the crop in the image, in pixels.
    - `box`: x1 y1 x2 y2 of the face, in sides of the crop from its upper left corner; NaN for
      negatives and landmark faces.
    - `landmarks`: (5, 2) x y in the same units; NaN for all kinds but landmark faces.

    Args:
        size: Side of the network's input in pixels, see `INPUT_SIZES`.
    """
    return np.dtype(
        [
            ("pixels", np.uint8, (3, size, size)),
            ("kind", np.uint8),
            ("side", np.float32),
            ("box", np.float32, (4,)),
            ("landmarks", np.float32, (5, 2)),
        ]
    )


def face_samples(image: Image, squares: Float32, faces: Truth, size: int) -> NDArray[Any]:
    """Cuts the negatives, parts and positives among squares of an image.

    Args:
        image: The image.
        squares: Squares (N, 4), x1 y1 x2 y2 in pixels.
        faces: The faces of the image.
        size: Side of the network's input in pixels.

    Returns:
        An array of `sample_dtype(size)` without the squares that are no samples.
    """
    kinds, nearest = assign_kinds(squares, faces)
    chosen = kinds != NO_SAMPLE
    squares, kinds, nearest = squares[chosen], kinds[chosen], nearest[chosen]
    samples = crop_samples(image, squares, size)
    samples["kind"] = kinds
    near = kinds != Kind.NEGATIVE
    samples["box"][near] = boxes_in(squares[near], faces.boxes[nearest[near]])
    return samples


def assign_kinds(squares: Float32, faces: Truth) -> tuple[Indices, Indices]:
    """Decides which kind of sample each square is.

    A negative must keep clear of ignored boxes too: a square that has more than 0.3 of its own area
    in one, or in which one without area is, may show a face that is not annotated.

    Args:
        squares: Squares (N, 4), x1 y1 x2 y2 in pixels.
        faces: The faces of the image.

    Returns:
        The kinds (N,), `NO_SAMPLE` for a square that is none, and the indices (N,) of the faces
        that the squares overlap most, 0 for a square that overlaps none.
    """
    nearest, best = _best(overlaps(squares, faces.boxes))
    doubtful = covered_fractions(squares, faces.ignored).max(axis=1, initial=0) >= NEGATIVE_BELOW
    kinds = np.full(len(squares), NO_SAMPLE, np.int64)
    kinds[(best < NEGATIVE_BELOW) & ~doubtful] = Kind.NEGATIVE
    kinds[(best >= PART_FROM) & (best <= POSITIVE_ABOVE)] = Kind.PART
    kinds[best > POSITIVE_ABOVE] = Kind.POSITIVE
    return kinds, nearest


def _best(overlap: Float64) -> tuple[Indices, Float64]:
    """Returns the index of the largest value in each row (N, M), and the values; 0 if M is 0."""
    if overlap.shape[1] == 0:
        return np.zeros(len(overlap), np.int64), np.zeros(len(overlap))
    nearest = overlap.argmax(axis=1)
    return nearest, overlap[np.arange(len(overlap)), nearest]


def covered_fractions(squares: Boxes, regions: Boxes) -> Float64:
    """Returns how much of each square lies in each region.

    Args:
        squares: Squares (N, 4), x1 y1 x2 y2.
        regions: Boxes (M, 4).

    Returns:
        Fractions (N, M) of the squares' areas, 0 to 1. A region without width or height is of
        unknown size: it covers each square that it meets.
    """
    a, b = squares.astype(np.float64)[:, np.newaxis], regions.astype(np.float64)
    sides = np.minimum(a[..., 2:], b[:, 2:]) - np.maximum(a[..., :2], b[:, :2])
    areas = (a[..., 2:] - a[..., :2]).prod(axis=2)
    common = np.maximum(sides, 0).prod(axis=2)
    fractions: Float64 = common / np.maximum(areas, np.finfo(np.float64).tiny)
    without_area = (b[:, 2:] <= b[:, :2]).any(axis=1)
    return np.where(without_area, (sides >= 0).all(axis=2), fractions)


def crop_samples(image: Image, squares: Float32, size: int) -> NDArray[Any]:
    """Cuts squares out of an image as samples that have only their pixels and sides.

    Args:
        image: The image.
        squares: Squares (N, 4), x1 y1 x2 y2 in pixels.
        size: Side of the network's input in pixels.

    Returns:
        N samples of `sample_dtype(size)`: negatives, with NaN for box and landmarks.
    """
    crops = np.empty((len(squares), 3, size, size), np.float32)
    _native.crops(image.pixels, image.bgr, np.ascontiguousarray(squares, np.float32), crops)
    samples = np.zeros(len(squares), sample_dtype(size))
    samples["pixels"] = np.rint(crops)
    samples["side"] = squares[:, 2] - squares[:, 0]
    samples["box"] = np.nan
    samples["landmarks"] = np.nan
    return samples


def boxes_in(squares: Float32, boxes: Float32) -> Float32:
    """Returns boxes (N, 4) in sides of their squares (N, 4), from the upper left corners."""
    points = boxes.reshape(-1, 2, 2)
    return points_in(squares, points).reshape(-1, 4)


def points_in(squares: Float32, points: Float32) -> Float32:
    """Returns points (N, K, 2) in sides of their squares (N, 4), the inverse of `_native.place`."""
    corners = squares[:, np.newaxis, :2]
    sides = squares[:, np.newaxis, 2:] - corners
    placed: Float32 = ((points - corners) / sides).astype(np.float32)
    return placed


def regressions(boxes: Float32, sides: Float32, network: str) -> Float32:
    """Returns the regressions that a network must output for detection to arrive at boxes.

    They are the inverse of `_native.calibrate`. R-Net's and O-Net's regressions move the sides of
    their crops. P-Net's move the box that the authors give a cell, which begins one pixel of the
    level, less one of the image, inside of the cell (docs/explanation/published-weights.md).

    Args:
        boxes: Boxes (N, 4) in sides of the crop.
        sides: Sides (N,) of the crops in the image, in pixels.
        network: "pnet", "rnet" or "onet".

    Returns:
        Regressions (N, 4).
    """
    if network != "pnet":
        return boxes - np.array([0, 0, 1, 1], np.float32)
    cells, start = _cell_boxes(sides)
    relative: Float32 = ((boxes - cells) / (1 - start)).astype(np.float32)
    return relative


def regressed_boxes(moves: Float32, sides: Float32, network: str) -> Float32:
    """Returns the boxes (N, 4), in sides of the crop, that regressions give; see `regressions`."""
    if network != "pnet":
        return moves + np.array([0, 0, 1, 1], np.float32)
    cells, start = _cell_boxes(sides)
    boxes: Float32 = (moves * (1 - start) + cells).astype(np.float32)
    return boxes


def _cell_boxes(sides: Float32) -> tuple[NDArray[Any], NDArray[Any]]:
    """Returns the boxes (N, 4) that the authors give cells, and where they begin (N, 1)."""
    start = (1 / INPUT_SIZES["pnet"] - 1 / sides)[:, np.newaxis]
    return np.hstack([start, start, np.ones_like(start), np.ones_like(start)]), start
