"""Cuts aligned face crops out of images, as networks that recognize faces expect them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from mtcnn_rt._arguments import numbers, real
from mtcnn_rt._arrays import Float64, GivenPixels, Pixels
from mtcnn_rt._packages import require_opencv
from mtcnn_rt.faces import Faces, check_finite
from mtcnn_rt.images import check_pixels

cv2 = require_opencv("cutting faces out")

ARCFACE: Float64 = np.array(
    [
        (38.2946, 51.6963),
        (73.5318, 51.5014),
        (56.0252, 71.7366),
        (41.5493, 92.3655),
        (70.7299, 92.2041),
    ]
)
"""Places of the five landmarks in ArcFace's crops of 112 x 112 pixels, (5, 2), x y, pixel i at i.

They are `arcface_dst` of https://github.com/deepinsight/insightface
(python-package/insightface/utils/face_align.py).
"""

ARCFACE_SIZE = 112
"""Side of ArcFace's crops, in pixels."""

LARGEST = 4096
"""Largest side of a crop, in pixels."""


def crop(
    image: GivenPixels,
    landmarks: ArrayLike | Faces,
    size: int = ARCFACE_SIZE,
    margin: float = 0.0,
) -> Pixels:
    """Cuts one face out and turns it upright.

    facenet-pytorch's MTCNN(image_size=160, margin=0) cuts the box out, neither turned nor aligned,
    and stretches it to a square. `size=160` shows a little more, undistorted: a box is about 0.7 of
    this crop wide and 0.9 high. Its margin of M pixels, of both sides, is M / (2 * (160 - M)) here.

    Args:
        image: (H, W, 3) uint8, in any channel order. Beyond its edges the crop is black.
        landmarks: (5, 2) in pixels of the image, such as `face.landmarks[0]`; or the face, N = 1.
        size: Side of the crop in pixels, 1 to 4096. ArcFace, CosFace and similar networks were
            trained with 112.
        margin: How much more to show on every side, 0 to 4 sides of the crop without a margin.

    Returns:
        (size, size, 3) uint8, in the channel order of `image`.

    Raises:
        ValueError: An argument has another shape or is out of its range, or all landmarks are at
            one point; the message names what was given.
        TypeError: The image is no array, or an argument has another type.

    Example:
        >>> import numpy as np
        >>> from mtcnn_rt.align import crop, template
        >>> image = np.zeros((480, 640, 3), np.uint8)
        >>> crop(image, template(112, 0) + 200).shape
        (112, 112, 3)
    """
    if isinstance(landmarks, Faces):
        if len(landmarks) != 1:
            several = f"landmarks: expected one face, not {len(landmarks)}"
            raise ValueError(f"{several}, which `crops` takes")
        landmarks = landmarks.landmarks[0]
    points = numbers("landmarks", landmarks, "(5, 2)")
    if points.shape != (5, 2):
        raise ValueError(f"landmarks: expected (5, 2), not {points.shape}")
    only: Pixels = crops(image, points[None], size, margin)[0]
    return only


FARTHEST = 1e100  # pixels of a landmark from the image's corner; squares of more overflow


def crops(
    image: GivenPixels,
    landmarks: ArrayLike | Faces,
    size: int = ARCFACE_SIZE,
    margin: float = 0.0,
) -> Pixels:
    """Cuts the faces of an image out and turns them upright, as `crop` does for one face.

    Args:
        image: (H, W, 3) uint8, in any channel order.
        landmarks: (N, 5, 2) in pixels of the image, such as `faces.landmarks`; or the faces.
        size: Side of the crops in pixels, 1 to 4096.
        margin: How much more to show on every side, 0 to 4 sides of the crop without a margin.

    Returns:
        (N, size, size, 3) uint8, in the channel order of `image`.

    Raises:
        ValueError: As `crop`.
        TypeError: As `crop`.
    """
    check_pixels(image)
    given = landmarks.landmarks if isinstance(landmarks, Faces) else landmarks
    points = numbers("landmarks", given, "(N, 5, 2)")
    if points.size == 0:  # such as an empty list
        points = points.reshape(0, 5, 2)
    if points.ndim != 3 or points.shape[1:] != (5, 2):
        raise ValueError(f"landmarks: expected (N, 5, 2), not {points.shape}")
    check_finite("landmarks", points)
    if (np.abs(points) > FARTHEST).any():
        raise ValueError(f"landmarks: expected pixels of the image, up to {FARTHEST:g} from it")
    maps = similarity(points, template(size, margin))
    result = np.empty((len(maps), size, size, 3), np.uint8)
    for index, to_crop in enumerate(maps):
        result[index] = _warp(image, to_crop, size)
    return result


def template(size: int, margin: float) -> Float64:
    """Returns the places of the landmarks in a crop.

    Args:
        size: Side of the crop in pixels, 1 to 4096.
        margin: How much more the crop shows on every side, 0 to 4 sides of the crop without it.

    Returns:
        (5, 2), x y in pixels; pixel i covers [i, i + 1), unlike in `ARCFACE`.

    Raises:
        ValueError: An argument is out of its range.
    """
    if (
        not isinstance(size, (int, np.integer))
        or isinstance(size, bool)
        or not 1 <= size <= LARGEST
    ):
        raise ValueError(f"size: expected a whole number from 1 to {LARGEST}, not {size!r}")
    if not 0 <= real("margin", margin) <= 4:
        raise ValueError(f"margin: expected 0 to 4, not {margin!r}")
    relative: Float64 = (ARCFACE + 0.5) / ARCFACE_SIZE
    return (relative + margin) / (1 + 2 * margin) * size


def similarity(points: Float64, targets: Float64) -> Float64:
    """Returns the similarity transforms, without reflection, that fit points to targets best.

    The squared errors are the least (Umeyama, Least-Squares Estimation of Transformation Parameters
    Between Two Point Patterns, 1991). In the plane its singular value decomposition comes down to
    one complex division: rotating and scaling are a multiplication by a complex number.

    Args:
        points: (N, K, 2), finite.
        targets: (K, 2).

    Returns:
        Matrices (N, 2, 3) of rotation and scale, and translation.

    Raises:
        ValueError: All points are at one place, or their best scale is 0.
    """
    source, target = (points[..., 0] + 1j * points[..., 1] for points in (points, targets))
    center, target_center = source.mean(-1, keepdims=True), target.mean(-1, keepdims=True)
    offsets, target_offsets = source - center, target - target_center
    spread = (np.abs(offsets) ** 2).sum(-1)
    common = (offsets.conj() * target_offsets).sum(-1)
    _check_fit(points, spread, np.abs(common), (np.abs(target_offsets) ** 2).sum(-1))
    turn = common / spread
    shift = target_center - turn * center[..., 0]
    rows = [(turn.real, -turn.imag, shift.real), (turn.imag, turn.real, shift.imag)]
    return np.stack([np.stack(row, -1) for row in rows], -2)


def _check_fit(points: Float64, spread: Float64, common: Float64, target_spread: Float64) -> None:
    """Raises ValueError for points that no similarity transform fits to a face."""
    for index, face in enumerate(points):
        if spread[index] < 1e-4:  # square pixels; float32 is no finer in a large image
            raise ValueError(f"landmarks: all lie at one point, {face[0].tolist()}")
        if common[index] < 0.01 * math.sqrt(spread[index] * target_spread):
            raise ValueError(f"landmarks: not at all like those of a face, {face.tolist()}")


def _warp(image: Pixels, to_crop: Float64, size: int) -> Pixels:
    """Returns `image` under `to_crop` (2, 3), whose coordinates count pixel i as [i, i + 1).

    Bilinear interpolation alone skips pixels of a face larger than the crop, which shows as noise
    and moire. So a much larger face is first shrunk to two to four times the crop's resolution. A
    face that is still larger is warped to a multiple of the crop's size, then averaged over areas.
    """
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
    if finer > 1:
        warped = cv2.resize(warped, (size, size), interpolation=cv2.INTER_AREA)
    return np.asarray(warped, np.uint8)


def _cut(image: Pixels, to_crop: Float64, size: int, factor: float) -> tuple[Pixels, Float64]:
    """Returns the part of the image that the crop shows, and the transform from there.

    Within the image its sides are multiples of `factor`, by which OpenCV shrinks several times as
    fast.
    """
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


def _shrink(image: Pixels, to_crop: Float64, factor: float) -> tuple[Pixels, Float64]:
    """Returns the image shrunk by about `factor`, and the transform from there."""
    size = np.array(image.shape[1::-1])
    smaller = np.maximum(1, np.ceil(size / factor)).astype(int)
    scaled = to_crop.copy()
    scaled[:, :2] *= size / smaller
    shrunk = cv2.resize(image, smaller.tolist(), interpolation=cv2.INTER_AREA)
    return np.asarray(shrunk, np.uint8), scaled
