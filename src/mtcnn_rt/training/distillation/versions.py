"""Makes versions of a photograph: shrunk, covered in part, turned, mirrored, degraded.

Detectors fail on small and bad faces, and photographs have few of them that are annotated. A large
face that is shrunk is a small face whose box is known exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Float32, Pixels
from mtcnn_rt._images.resizing import resize_by
from mtcnn_rt.training.augment import MIRRORED
from mtcnn_rt.training.distillation.degradation import degrade
from mtcnn_rt.training.distillation.occlusion import cover_faces
from mtcnn_rt.training.recipe_settings import VersionSettings

ASSUMED = 60.0
"""Height in pixels: a photograph without a face is resized as if its faces had this height."""


@dataclass(frozen=True, eq=False)
class Version:
    """A photograph, or a version of it, with its N faces.

    Attributes:
        pixels: The image (H, W, 3), BGR.
        boxes: Boxes (N, 4), x1 y1 x2 y2 in pixels.
        landmarks: Landmarks (N, 5, 2) in pixels, NaN where they are not annotated.
        ignored: (N,) bool, faces that count neither for nor against.
    """

    pixels: Pixels
    boxes: Float32
    landmarks: Float32
    ignored: NDArray[np.bool_]


def make_version(
    photograph: Version,
    number: int,
    settings: VersionSettings,
    most_enlarged: float,
    rng: np.random.Generator,
) -> Version:
    """Makes one version of a photograph.

    Args:
        photograph: The photograph.
        number: Number of the version: even ones have faces of `sizes`, odd ones of `small_sizes`.
        settings: Settings of the versions.
        most_enlarged: The largest factor by which it is enlarged.
        rng: Source of the random numbers.

    Returns:
        The version.
    """
    version = resize(photograph, draw_scale(photograph, number, settings, most_enlarged, rng))
    if rng.random() < settings.occluded:
        faces = version.boxes[~version.ignored]
        version = replace(version, pixels=cover_faces(version.pixels, faces, rng))
    if rng.random() < settings.turned:
        version = turn(version, rng.uniform(-settings.rotation, settings.rotation))
    if rng.random() < settings.mirrored:
        version = mirror(version)
    if rng.random() < settings.degraded:
        version = replace(version, pixels=degrade(version.pixels, rng))
    return version


def draw_scale(
    photograph: Version,
    number: int,
    settings: VersionSettings,
    most_enlarged: float,
    rng: np.random.Generator,
) -> float:
    """Draws the scale that gives the median face a random size, see `make_version`."""
    sizes = (settings.small_sizes or settings.sizes) if number % 2 else settings.sizes
    scale = 1.0
    if sizes:
        heights = (photograph.boxes[:, 3] - photograph.boxes[:, 1])[~photograph.ignored]
        median = float(np.median(heights)) if len(heights) else ASSUMED
        wanted = float(np.exp(rng.uniform(*np.log(sizes))))
        scale = min(wanted / max(median, 1.0), most_enlarged)
        scale = max(scale, settings.shortest_side / min(photograph.pixels.shape[:2]))
    return float(min(scale, settings.longest_side / max(photograph.pixels.shape[:2])))


def resize(version: Version, scale: float) -> Version:
    """Resizes an image with its faces."""
    if scale == 1:
        return version
    factor = np.float32(scale)
    return Version(
        resize_by(version.pixels, scale, enlarging=cv2.INTER_LINEAR),
        version.boxes * factor,
        version.landmarks * factor,
        version.ignored,
    )


def turn(version: Version, degrees: float) -> Version:
    """Turns an image about its center; its size stays, black comes in.

    Boxes keep their sides, since a face is about as wide as high, and turn with their centers.

    Args:
        version: The image with its faces.
        degrees: The angle, counterclockwise.

    Returns:
        The turned image with its faces.
    """
    height, width = version.pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    rotation, shift = matrix[:, :2], matrix[:, 2]
    centers = (version.boxes[:, :2] + version.boxes[:, 2:]) / 2 @ rotation.T + shift
    halves = (version.boxes[:, 2:] - version.boxes[:, :2]) / 2
    landmarks = version.landmarks @ rotation.T + shift
    # OpenCV counts from the centers of pixels, the rest of this package from their corners.
    matrix[:, 2] += rotation.sum(axis=1) / 2 - 0.5
    pixels = cv2.warpAffine(version.pixels, matrix, (width, height), flags=cv2.INTER_LINEAR)
    boxes = np.hstack([centers - halves, centers + halves])
    return Version(
        np.asarray(pixels, np.uint8),
        boxes.astype(np.float32),
        landmarks.astype(np.float32),
        version.ignored,
    )


def mirror(version: Version) -> Version:
    """Mirrors an image with its faces from left to right."""
    width = np.float32(version.pixels.shape[1])
    x1, y1, x2, y2 = version.boxes.T
    landmarks = version.landmarks[:, MIRRORED].copy()
    landmarks[..., 0] = width - landmarks[..., 0]
    return Version(
        np.ascontiguousarray(version.pixels[:, ::-1]),
        np.stack([width - x2, y1, width - x1, y2], axis=1),
        landmarks,
        version.ignored,
    )
