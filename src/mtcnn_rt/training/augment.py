"""Augments training data with changes that keep a face a face; the caller seeds the randomness."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Float32, Pixels
from mtcnn_rt._layers import PIXEL_MEAN

MIRRORED = [1, 0, 2, 4, 3]
"""Order of the landmarks in a mirrored image: left and right are those of the image, so the eyes
and the mouth corners change places."""

GRAY = 0.1
"""Fraction of the crops that lose their color."""

SOFT = 0.08
"""Fraction of the crops that `soften` changes."""

LUMA = np.array([0.299, 0.587, 0.114], np.float32).reshape(1, 3, 1, 1)
"""Weights of red, green and blue in a gray value."""


def flip(pixels: Float32, boxes: Float32, landmarks: Float32) -> tuple[Float32, Float32, Float32]:
    """Mirrors crops from left to right.

    Args:
        pixels: Crops (N, 3, H, W).
        boxes: Boxes (N, 4), x1 y1 x2 y2 in sides of the crop.
        landmarks: Landmarks (N, 5, 2) in sides of the crop.

    Returns:
        The three arrays, mirrored.
    """
    x1, y1, x2, y2 = boxes.T
    mirrored = landmarks[:, MIRRORED]
    return (
        pixels[..., ::-1],
        np.stack([1 - x2, y1, 1 - x1, y2], axis=1),
        np.stack([1 - mirrored[..., 0], mirrored[..., 1]], axis=-1),
    )


def recolor(pixels: Float32, strength: float, rng: np.random.Generator) -> Float32:
    """Changes brightness, contrast and tint of each crop, and makes some gray.

    Args:
        pixels: Crops (N, 3, H, W), planar RGB, 0 to 255.
        strength: The largest change, 0 to 1; 0 changes nothing.
        rng: Source of the random numbers.

    Returns:
        The changed crops, 0 to 255.
    """
    if strength == 0:
        return pixels
    count = len(pixels)
    contrast = 1 + rng.uniform(-strength, strength, (count, 1, 1, 1))
    tint = 1 + rng.uniform(-strength, strength, (count, 3, 1, 1)) / 3
    brightness = 255 * rng.uniform(-strength, strength, (count, 1, 1, 1)) / 2
    gray = rng.random(count) < GRAY
    pixels = pixels.copy()
    pixels[gray] = (pixels[gray] * LUMA).sum(axis=1, keepdims=True)
    gain, offset = (contrast * tint).astype(np.float32), brightness.astype(np.float32)
    pixels -= PIXEL_MEAN
    pixels *= gain
    pixels += PIXEL_MEAN + offset
    return np.clip(pixels, 0, 255, out=pixels)


def soften(pixels: Float32, rng: np.random.Generator) -> Float32:
    """Shrinks some crops to half their size and enlarges them again, as small faces are.

    Args:
        pixels: Crops (N, 3, H, W), whose sides are even.
        rng: Source of the random numbers.

    Returns:
        The crops; those that are not chosen as they were.
    """
    chosen = rng.random(len(pixels)) < SOFT
    height, width = pixels.shape[2:]
    small = pixels[chosen].reshape(-1, 3, height // 2, 2, width // 2, 2).mean(axis=(3, 5))
    pixels = pixels.copy()
    pixels[chosen] = [
        cv2.resize(crop.transpose(1, 2, 0), (width, height)).transpose(2, 0, 1) for crop in small
    ] or np.zeros((0, *pixels.shape[1:]), np.float32)
    return pixels


def erase(pixels: Float32, chosen: NDArray[np.bool_], rng: np.random.Generator) -> Float32:
    """Paints a rectangle of one color, a fifth to a half of the sides, over chosen crops.

    Args:
        pixels: Crops (N, 3, H, W), 0 to 255.
        chosen: (N,) bool, the crops that get a rectangle.
        rng: Source of the random numbers.

    Returns:
        The changed crops.
    """
    pixels = pixels.copy()
    side = pixels.shape[-1]
    for index in np.flatnonzero(chosen):
        height, width = rng.integers(side // 5, side // 2, 2)
        top, left = rng.integers(0, side - height), rng.integers(0, side - width)
        color = rng.uniform(0, 255, (3, 1, 1))
        pixels[index, :, top : top + height, left : left + width] = color
    return pixels


def turn(
    image: Pixels, landmarks: Float32, radius: float, degrees: float, zoom: float
) -> tuple[Pixels, Float32]:
    """Turns the surroundings of a face about its center and enlarges them.

    Args:
        image: The image (H, W, 3).
        landmarks: Landmarks (5, 2) in its pixels.
        radius: Half the side of the surroundings, in pixels of the image.
        degrees: The angle, counterclockwise.
        zoom: The factor by which the surroundings are enlarged.

    Returns:
        The surroundings (side, side, 3), black where they exceed the image, and the landmarks
        (5, 2) in them.
    """
    center = landmarks.mean(axis=0, dtype=np.float64)
    side = max(1, round(2 * radius * zoom))
    matrix = cv2.getRotationMatrix2D((center[0], center[1]), degrees, zoom)
    matrix[:, 2] += side / 2 - center
    turned = landmarks @ matrix[:, :2].T + matrix[:, 2]
    # OpenCV counts from the centers of pixels, the rest of this package from their corners.
    matrix[:, 2] += matrix[:, :2].sum(axis=1) / 2 - 0.5
    pixels = cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_CUBIC)
    return np.asarray(pixels, np.uint8), turned.astype(np.float32)
