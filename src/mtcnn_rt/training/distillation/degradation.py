"""Degrades images as bad cameras, bad light and strong compression do."""

from __future__ import annotations

import cv2
import numpy as np

from mtcnn_rt._arrays import Pixels

# Shares of the images that undergo each change, and the range of its strength.
BLURRED, SIGMAS = 0.35, (0.4, 1.6)  # pixels
COARSENED, FACTORS = 0.2, (0.4, 0.8)
NOISY, DEVIATIONS = 0.3, (2.0, 14.0)  # gray values
RELIT, LOG_GAMMAS = 0.3, (-0.7, 0.7)  # a positive one darkens
GRAY = 0.15
COMPRESSED, QUALITIES = 0.4, (25, 85)  # of JPEG


def degrade(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Degrades an image: each change has a probability of its own, so some images keep as they are.

    Args:
        image: The image (H, W, 3), BGR.
        rng: Source of the random numbers.

    Returns:
        The degraded image, of the same size.
    """
    if rng.random() < BLURRED:
        image = _pixels(cv2.GaussianBlur(image, (0, 0), rng.uniform(*SIGMAS)))
    if rng.random() < COARSENED:
        image = coarsen(image, rng.uniform(*FACTORS))
    if rng.random() < NOISY:
        noise = rng.normal(0, rng.uniform(*DEVIATIONS), image.shape)
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    if rng.random() < RELIT:
        gamma = np.exp(rng.uniform(*LOG_GAMMAS))
        image = np.clip(255 * (image / 255.0) ** gamma, 0, 255).astype(np.uint8)
    if rng.random() < GRAY:
        gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        image = _pixels(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR))
    if rng.random() < COMPRESSED:
        image = compress(image, int(rng.integers(*QUALITIES)))
    return image


def coarsen(image: Pixels, factor: float) -> Pixels:
    """Shrinks an image by a factor and enlarges it to its size again."""
    height, width = image.shape[:2]
    small = max(8, int(width * factor)), max(8, int(height * factor))
    shrunk = cv2.resize(image, small, interpolation=cv2.INTER_AREA)
    return _pixels(cv2.resize(shrunk, (width, height), interpolation=cv2.INTER_LINEAR))


def compress(image: Pixels, quality: int) -> Pixels:
    """Encodes an image as JPEG of a quality of 1 to 100, and decodes it."""
    _, content = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(content, cv2.IMREAD_COLOR)
    assert decoded is not None
    return _pixels(decoded)


def _pixels(image: object) -> Pixels:
    return np.asarray(image, np.uint8)
