"""What P-Net's features are like in photographs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from mtcnn_rt import _native
from mtcnn_rt._arrays import Float32
from mtcnn_rt._defaults import MIN_FACE_SIZE, SCALE_FACTOR
from mtcnn_rt._layers import FeatureStatistics, Layer
from mtcnn_rt.images import Image

NEAR_LOGIT = -3.0
"""Cells with a larger face logit come near to a face, about a quarter of all."""


def feature_statistics(layers: Sequence[Layer], images: Iterable[Image]) -> FeatureStatistics:
    """Of P-Net's layers, over the pyramids of the images."""
    limits = [np.zeros((2, len(layer.bias)), np.float32) for layer in layers[:2]]
    totals, near = np.zeros((2, len(layers[2].bias))), 0
    for pixels in _levels(images):
        pooled = _pool(_prelu(_convolve(pixels, layers[0]), layers[0]))
        features = _prelu(_convolve(pooled, layers[1]), layers[1])
        for (low, high), values in zip(limits, (pooled, features), strict=True):
            np.minimum(low, values.min(axis=(1, 2)), out=low)
            np.maximum(high, values.max(axis=(1, 2)), out=high)
        sums = _near_a_face(_convolve(features, layers[2]), layers)
        totals += np.maximum(-sums, 0).sum(axis=1), np.maximum(sums, 0).sum(axis=1)
        near += sums.shape[1]
    return FeatureStatistics((limits[0], limits[1]), (totals / max(near, 1)).astype(np.float32))


def _levels(images: Iterable[Image]) -> Iterator[Float32]:
    for image in images:
        for level in _native.pyramid(*image.size, MIN_FACE_SIZE, SCALE_FACTOR, np.inf):
            yield _native.resize(image.pixels, image.bgr, level, 0, level[0])


def _near_a_face(sums: Float32, layers: Sequence[Layer]) -> Float32:
    """The third layer's sums of those cells, (channels, cells)."""
    face, bias = layers[3].kernel[0, :, 0, 0], layers[3].bias[0]
    logits = np.tensordot(face, _prelu(sums, layers[2]), 1) + bias
    near: Float32 = sums[:, logits > NEAR_LOGIT]
    return near


def _convolve(image: Float32, layer: Layer) -> Float32:
    """3 x 3 without padding."""
    windows = sliding_window_view(image, (3, 3), axis=(1, 2))
    sums: Float32 = np.einsum("iyxkl,oikl->oyx", windows, layer.kernel, optimize=True)
    sums += layer.bias[:, None, None]
    return sums


def _prelu(sums: Float32, layer: Layer) -> Float32:
    assert layer.slopes is not None
    return np.where(sums > 0, sums, sums * layer.slopes[:, None, None])


def _pool(image: Float32) -> Float32:
    """Maxima of 2 x 2; the last window may hang over the edge."""
    channels, height, width = image.shape
    padding = ((0, 0), (0, height % 2), (0, width % 2))
    padded = np.pad(image, padding, constant_values=-np.inf)
    windows = padded.reshape(channels, -(-height // 2), 2, -(-width // 2), 2)
    pooled: Float32 = windows.max(axis=(2, 4))
    return pooled
