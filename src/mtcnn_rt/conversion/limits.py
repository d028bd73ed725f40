"""Between which limits P-Net's features lie in photographs: what its integers are scaled by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from mtcnn_rt import _native
from mtcnn_rt.images import Image
from mtcnn_rt.layers import FeatureLimits, Floats, Layer

MIN_FACE_SIZE = 20
SCALE_FACTOR = 0.709


def feature_limits(layers: Sequence[Layer], images: Iterable[Image]) -> FeatureLimits:
    """After the first and the second of P-Net's layers, over the pyramids of the images."""
    limits = [np.zeros((2, len(layer.bias)), np.float32) for layer in layers[:2]]
    for image in images:
        for level in _native.pyramid(*image.size, MIN_FACE_SIZE, SCALE_FACTOR, np.inf):
            pixels = _native.resize(image.pixels, image.bgr, level, 0, level[0])
            for (low, high), features in zip(limits, _features(layers, pixels), strict=True):
                np.minimum(low, features.min(axis=(1, 2)), out=low)
                np.maximum(high, features.max(axis=(1, 2)), out=high)
    return limits[0], limits[1]


def _features(layers: Sequence[Layer], pixels: Floats) -> tuple[Floats, Floats]:
    pooled = _pool(_convolve(pixels, layers[0]))
    return pooled, _convolve(pooled, layers[1])


def _convolve(image: Floats, layer: Layer) -> Floats:
    """3 x 3 without padding, then PReLU."""
    windows = sliding_window_view(image, (3, 3), axis=(1, 2))
    sums: Floats = np.einsum("iyxkl,oikl->oyx", windows, layer.kernel, optimize=True)
    sums += layer.bias[:, None, None]
    assert layer.slopes is not None
    return np.where(sums > 0, sums, sums * layer.slopes[:, None, None])


def _pool(image: Floats) -> Floats:
    """Maxima of 2 x 2; the last window may hang over the edge."""
    channels, height, width = image.shape
    padding = ((0, 0), (0, height % 2), (0, width % 2))
    padded = np.pad(image, padding, constant_values=-np.inf)
    windows = padded.reshape(channels, -(-height // 2), 2, -(-width // 2), 2)
    pooled: Floats = windows.max(axis=(2, 4))
    return pooled
