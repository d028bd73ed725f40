"""Changes that leave a face a face. All are driven by a generator that the caller seeds."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Float32
from mtcnn_rt._layers import PIXEL_MEAN

MIRRORED = [1, 0, 2, 4, 3]
"""Left and right are those of the image, so the eyes and the mouth corners change places."""

GREY = 0.1  # of the crops lose their color
LUMA = np.array([0.299, 0.587, 0.114], np.float32).reshape(1, 3, 1, 1)


def flip(pixels: Float32, boxes: Float32, landmarks: Float32) -> tuple[Float32, Float32, Float32]:
    """Crops (N, 3, H, W), boxes (N, 4) and landmarks (N, 5, 2) in sides of the crop, mirrored."""
    x1, y1, x2, y2 = boxes.T
    mirrored = landmarks[:, MIRRORED]
    return (
        pixels[..., ::-1],
        np.stack([1 - x2, y1, 1 - x1, y2], axis=1),
        np.stack([1 - mirrored[..., 0], mirrored[..., 1]], axis=-1),
    )


def recolor(pixels: Float32, strength: float, rng: np.random.Generator) -> Float32:
    """Crops (N, 3, H, W), 0 to 255, each with another brightness, contrast and tint, each off by
    up to `strength` (0: none); some gray."""
    if strength == 0:
        return pixels
    count = len(pixels)
    contrast = 1 + rng.uniform(-strength, strength, (count, 1, 1, 1))
    tint = 1 + rng.uniform(-strength, strength, (count, 3, 1, 1)) / 3
    brightness = 255 * rng.uniform(-strength, strength, (count, 1, 1, 1)) / 2
    gray = rng.random(count) < GREY
    pixels = pixels.copy()
    pixels[gray] = (pixels[gray] * LUMA).sum(axis=1, keepdims=True)
    gain, offset = (contrast * tint).astype(np.float32), brightness.astype(np.float32)
    pixels -= PIXEL_MEAN
    pixels *= gain
    pixels += PIXEL_MEAN + offset
    return np.clip(pixels, 0, 255, out=pixels)


def turn(
    image: NDArray[np.uint8], landmarks: Float32, radius: float, degrees: float, zoom: float
) -> tuple[NDArray[np.uint8], Float32]:
    """The surroundings of a face, turned about its center and enlarged; black where they leave the
    image.

    image: (H, W, 3). landmarks: (5, 2) in its pixels. radius: half the side of the surroundings, in
    pixels of the image. The new image, and the landmarks in it."""
    center = landmarks.mean(axis=0, dtype=np.float64)
    side = max(1, round(2 * radius * zoom))
    matrix = cv2.getRotationMatrix2D((center[0], center[1]), degrees, zoom)
    matrix[:, 2] += side / 2 - center
    turned = landmarks @ matrix[:, :2].T + matrix[:, 2]
    # OpenCV counts from the centers of pixels, the rest of this package from their corners.
    matrix[:, 2] += matrix[:, :2].sum(axis=1) / 2 - 0.5
    pixels = cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_CUBIC)
    return np.asarray(pixels, np.uint8), turned.astype(np.float32)
