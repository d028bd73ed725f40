"""Training samples: square crops of images, and what is to be learnt from each (paper, section
2.2 and 3.1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt import _native
from mtcnn_rt._arrays import Float32
from mtcnn_rt._boxes import overlaps
from mtcnn_rt._layers import INPUT_SIZES
from mtcnn_rt.images import Image

"""Sides of the networks' inputs in pixels."""

NEGATIVE_BELOW, PART_FROM, POSITIVE_ABOVE = 0.3, 0.4, 0.65
"""IoU with the nearest face; what lies between 0.3 and 0.4 is no sample."""


class Kind(IntEnum):
    """What a sample is for: the losses that it carries."""

    NEGATIVE = 0  # face
    PART = 1  # box
    POSITIVE = 2  # face, box
    LANDMARKS = 3  # landmarks


NO_SAMPLE = -1


@dataclass(frozen=True, eq=False)
class Truth:
    """What is known of the faces of an image.

    boxes   (N, 4) x1 y1 x2 y2 in pixels: what counts as a face.
    ignored (M, 4): what counts neither as a face nor against one."""

    boxes: Float32
    ignored: Float32


def kinds(squares: Float32, faces: Truth) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What kind of sample each square (N, 4) is, `NO_SAMPLE` where it is none, and the index of the
    face that it overlaps most, 0 where it overlaps none.

    A negative keeps clear of ignored boxes too: what lies in one to more than 0.3 of its own area
    may be a face that nobody annotated."""
    overlap = overlaps(squares, faces.boxes)
    nearest, best = _best(overlap)
    doubtful = shares(squares, faces.ignored).max(axis=1, initial=0) >= NEGATIVE_BELOW
    kind = np.full(len(squares), NO_SAMPLE, np.int64)
    kind[(best < NEGATIVE_BELOW) & ~doubtful] = Kind.NEGATIVE
    kind[(best >= PART_FROM) & (best <= POSITIVE_ABOVE)] = Kind.PART
    kind[best > POSITIVE_ABOVE] = Kind.POSITIVE
    return kind, nearest


def _best(overlap: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    if overlap.shape[1] == 0:
        return np.zeros(len(overlap), np.int64), np.zeros(len(overlap))
    nearest = overlap.argmax(axis=1)
    return nearest, overlap[np.arange(len(overlap)), nearest]


def shares(squares: Float32, regions: Float32) -> NDArray[np.float64]:
    """How much of each square (N, 4) lies in each region (M, 4): (N, M), 0 to 1."""
    a, b = squares.astype(np.float64)[:, np.newaxis], regions.astype(np.float64)
    sides = np.minimum(a[..., 2:], b[:, 2:]) - np.maximum(a[..., :2], b[:, :2])
    areas = (a[..., 2:] - a[..., :2]).prod(axis=2)
    common = np.maximum(sides, 0).prod(axis=2)
    within: NDArray[np.float64] = common / np.maximum(areas, np.finfo(np.float64).tiny)
    return within


def dtype(size: int) -> np.dtype[Any]:
    """One sample in an array.

    pixels     (3, size, size) planar RGB, the crop as detection cuts it, rounded to 0..255
    kind       a `Kind`
    side       of the crop in the image, in pixels
    box        x1 y1 x2 y2 of the face, in sides of the crop from its upper left corner; NaN where
               the kind has none
    landmarks  (5, 2) x y in the same units; NaN where the kind has none"""
    return np.dtype(
        [
            ("pixels", np.uint8, (3, size, size)),
            ("kind", np.uint8),
            ("side", np.float32),
            ("box", np.float32, (4,)),
            ("landmarks", np.float32, (5, 2)),
        ]
    )


def cut(image: Image, squares: Float32, size: int) -> NDArray[Any]:
    """The squares (N, 4) of an image as N samples of `dtype(size)`: the pixels and the side."""
    crops = np.empty((len(squares), 3, size, size), np.float32)
    _native.crops(image.pixels, image.bgr, np.ascontiguousarray(squares, np.float32), crops)
    samples = np.zeros(len(squares), dtype(size))
    samples["pixels"] = np.rint(crops)
    samples["side"] = squares[:, 2] - squares[:, 0]
    samples["box"] = np.nan
    samples["landmarks"] = np.nan
    return samples


def face_samples(image: Image, squares: Float32, faces: Truth, size: int) -> NDArray[Any]:
    """Negatives, parts and positives among the squares (N, 4) of an image."""
    kind, nearest = kinds(squares, faces)
    chosen = kind != NO_SAMPLE
    squares, kind, nearest = squares[chosen], kind[chosen], nearest[chosen]
    samples = cut(image, squares, size)
    samples["kind"] = kind
    near = kind != Kind.NEGATIVE
    samples["box"][near] = boxes_in(squares[near], faces.boxes[nearest[near]])
    return samples


def boxes_in(squares: Float32, boxes: Float32) -> Float32:
    """Boxes (N, 4) in sides of their squares (N, 4), from the upper left corners."""
    points = boxes.reshape(-1, 2, 2)
    return points_in(squares, points).reshape(-1, 4)


def points_in(squares: Float32, points: Float32) -> Float32:
    """Points (N, K, 2) in sides of their squares (N, 4): the inverse of the core's `place`."""
    corners = squares[:, np.newaxis, :2]
    sides = squares[:, np.newaxis, 2:] - corners
    placed: Float32 = ((points - corners) / sides).astype(np.float32)
    return placed


def regressions(boxes: Float32, sides: Float32, network: str) -> Float32:
    """What the network is to answer so that detection, which applies it by the core's `calibrate`,
    ends at the boxes (N, 4) in sides of the crop; sides (N,) are those of the crops in pixels.

    R-Net's and O-Net's answers move the sides of their crops. P-Net's move the box that the authors
    give a cell, which begins one pixel of the level, less one of the image, inside of what the cell
    sees (docs/models.md)."""
    if network != "pnet":
        return boxes - np.array([0, 0, 1, 1], np.float32)
    start = (1 / INPUT_SIZES["pnet"] - 1 / sides)[:, np.newaxis]
    moves = boxes - np.hstack([start, start, np.ones_like(start), np.ones_like(start)])
    relative: Float32 = (moves / (1 - start)).astype(np.float32)
    return relative
