"""Aligned face crops, as networks that recognize faces expect them."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from mtcnn_rt._arrays import Float64
from mtcnn_rt.images import check_pixels

ARCFACE: Float64 = np.array(
    [
        (38.2946, 51.6963),
        (73.5318, 51.5014),
        (56.0252, 71.7366),
        (41.5493, 92.3655),
        (70.7299, 92.2041),
    ]
)
"""Where ArcFace expects the five landmarks in 112 x 112 pixels, x y, pixel i at i: `arcface_dst` of
https://github.com/deepinsight/insightface (python-package/insightface/utils/face_align.py)."""

ARCFACE_SIZE = 112
LARGEST = 4096


def crop(
    image: NDArray[np.uint8], landmarks: ArrayLike, size: int = ARCFACE_SIZE, margin: float = 0.0
) -> NDArray[np.uint8]:
    """One face turned upright, (size, size, 3) uint8, in the color order of `image`.

    image      (H, W, 3) uint8, of any color order. What the crop shows beyond it is black.
    landmarks  (5, 2) in pixels of the image, such as `face.landmarks[0]`.
    size       1 to 4096. 112 is what ArcFace, CosFace and their kin were trained with.
    margin     0 to 4: what to show more on every side, in sides of the crop without it.

    facenet-pytorch's MTCNN(image_size=160, margin=0) cuts the box out, neither turned nor aligned,
    and stretches it to a square. `size=160` shows a little more, undistorted: a box is about 0.7 of
    this crop wide and 0.9 high. Its margin of M pixels, of both sides, is M / (2 * (160 - M)) here.

    Raises ValueError that names what was given, also for landmarks at one point; TypeError for an
    image that is no array."""
    points = np.asarray(landmarks, np.float64)
    if points.shape != (5, 2):
        raise ValueError(f"landmarks: expected (5, 2), not {points.shape}")
    only: NDArray[np.uint8] = crops(image, points[None], size, margin)[0]
    return only


def crops(
    image: NDArray[np.uint8], landmarks: ArrayLike, size: int = ARCFACE_SIZE, margin: float = 0.0
) -> NDArray[np.uint8]:
    """`crop` for N faces of one image: landmarks (N, 5, 2), result (N, size, size, 3)."""
    check_pixels(image)
    points = np.asarray(landmarks, np.float64)
    if points.ndim != 3 or points.shape[1:] != (5, 2):
        raise ValueError(f"landmarks: expected (N, 5, 2), not {points.shape}")
    for face in points[~np.isfinite(points).all((1, 2))]:
        raise ValueError(f"landmarks: expected finite numbers, not {face.tolist()}")
    maps = similarity(points, template(size, margin))
    result = np.empty((len(maps), size, size, 3), np.uint8)
    for index, to_crop in enumerate(maps):
        result[index] = _warp(image, to_crop, size)
    return result


def template(size: int, margin: float) -> Float64:
    """Where the landmarks lie in a crop, (5, 2); pixel i covers [i, i + 1), unlike in `ARCFACE`.
    Raises ValueError."""
    if not isinstance(size, (int, np.integer)) or not 1 <= size <= LARGEST:
        raise ValueError(f"size: expected a whole number from 1 to {LARGEST}, not {size!r}")
    if not 0 <= margin <= 4:
        raise ValueError(f"margin: expected 0 to 4, not {margin!r}")
    shares: Float64 = (ARCFACE + 0.5) / ARCFACE_SIZE
    return (shares + margin) / (1 + 2 * margin) * size


def similarity(points: Float64, targets: Float64) -> Float64:
    """The least squares similarity transforms, without reflection, of finite points (N, K, 2) to
    targets (K, 2): matrices (N, 2, 3) of rotation and scale, and translation.

    Umeyama, Least-Squares Estimation of Transformation Parameters Between Two Point Patterns, 1991.
    In the plane its singular value decomposition comes down to one complex division: rotating and
    scaling are a multiplication by a complex number.

    Raises ValueError for points without an extent, and for those whose best scale is 0."""
    source, target = (points[..., 0] + 1j * points[..., 1] for points in (points, targets))
    center, target_center = source.mean(-1, keepdims=True), target.mean(-1, keepdims=True)
    offsets, target_offsets = source - center, target - target_center
    spread = (np.abs(offsets) ** 2).sum(-1)
    common = (offsets.conj() * target_offsets).sum(-1)
    _check_likeness(points, spread, np.abs(common), (np.abs(target_offsets) ** 2).sum(-1))
    turn = common / spread
    shift = target_center - turn * center[..., 0]
    rows = [(turn.real, -turn.imag, shift.real), (turn.imag, turn.real, shift.imag)]
    return np.stack([np.stack(row, -1) for row in rows], -2)


def _check_likeness(
    points: Float64, spread: Float64, common: Float64, target_spread: Float64
) -> None:
    for index, face in enumerate(points):
        if spread[index] < 1e-4:  # square pixels; float32 is no finer in a large picture
            raise ValueError(f"landmarks: all lie at one point, {face[0].tolist()}")
        if common[index] < 0.01 * math.sqrt(spread[index] * target_spread):
            raise ValueError(f"landmarks: not at all like those of a face, {face.tolist()}")


def _warp(image: NDArray[np.uint8], to_crop: Float64, size: int) -> NDArray[Any]:
    """`image` under `to_crop` (2, 3), whose coordinates count pixel i as [i, i + 1).

    Bilinear interpolation alone skips pixels of a face larger than the crop, which shows as noise
    and moire. So a much larger one is first shrunk to two to four times the crop's resolution, and
    what is larger is warped to a multiple of the crop's size; both are then averaged over areas."""
    step = 1 / math.hypot(to_crop[0, 0], to_crop[1, 0])  # pixels of the image a pixel of the crop
    factor = max(1.0, step // 2)
    part, to_crop = _cut(image, to_crop, size, factor)
    if part.size == 0:
        return np.zeros((size, size, 3), np.uint8)
    if factor > 1:
        part, to_crop = _shrink(part, to_crop, factor)
    finer = max(1, math.ceil(step / factor))
    matrix = to_crop * finer
    matrix[:, 2] += matrix[:, :2].sum(1) / 2 - 0.5  # OpenCV's pixel i is at i
    warped = cv2.warpAffine(part, matrix, (size * finer, size * finer), flags=cv2.INTER_LINEAR)
    return warped if finer == 1 else cv2.resize(warped, (size, size), interpolation=cv2.INTER_AREA)


def _cut(
    image: NDArray[np.uint8], to_crop: Float64, size: int, factor: float
) -> tuple[NDArray[np.uint8], Float64]:
    """The part of the image that the crop shows, and the transform from there. Within the image
    its sides are multiples of `factor`, by which OpenCV shrinks several times as fast."""
    corners = np.array([(0, 0), (size, 0), (0, size), (size, size)]) - to_crop[:, 2]
    seen = corners @ np.linalg.inv(to_crop[:, :2]).T
    low = np.floor(seen.min(0) - 2 * factor)
    high = low + np.ceil((seen.max(0) + 2 * factor - low) / factor) * factor
    limit = np.array(image.shape[1::-1])
    x1, y1 = np.clip(low, 0, limit).astype(int).tolist()
    x2, y2 = np.clip(high, 0, limit).astype(int).tolist()
    moved = to_crop.copy()
    moved[:, 2] += to_crop[:, :2] @ (x1, y1)
    return np.ascontiguousarray(image[y1:y2, x1:x2]), moved


def _shrink(
    image: NDArray[np.uint8], to_crop: Float64, factor: float
) -> tuple[NDArray[Any], Float64]:
    """The image shrunk by about `factor`, and the transform from there."""
    size = np.array(image.shape[1::-1])
    smaller = np.maximum(1, np.ceil(size / factor)).astype(int)
    scaled = to_crop.copy()
    scaled[:, :2] *= size / smaller
    return cv2.resize(image, smaller.tolist(), interpolation=cv2.INTER_AREA), scaled
