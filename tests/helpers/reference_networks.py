"""The three networks (paper, figure 2) in NumPy, from the published weights in their own layout.

Nothing is folded, merged or reordered here: the pixels are normalized, the heads are separate,
softmax has two outputs, and the features before the dense layers are flattened in the authors'
order (width, height, channel).
"""

from __future__ import annotations

import numpy as np

from mtcnn_rt import _native
from mtcnn_rt._layers import FeatureStatistics


def conv(image, kernel, bias):
    """Convolves an image (height, width, channels) with a kernel HWIO; no padding, stride 1."""
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape[:2], axis=(0, 1))
    return np.einsum("yxihw,hwio->yxo", windows, kernel, optimize=True) + bias


def prelu(values, slope):
    """Applies a PReLU with one slope per channel to (..., channels)."""
    return np.where(values > 0, values, values * slope.reshape(-1))


def max_pool(image, size):
    """Pools maxima with stride 2; the last window may hang over the edge."""
    sides = [-(-(side - size) // 2) + 1 for side in image.shape[:2]]
    return np.stack(
        [
            [
                image[2 * y : 2 * y + size, 2 * x : 2 * x + size].max(axis=(0, 1))
                for x in range(sides[1])
            ]
            for y in range(sides[0])
        ]
    )


def normalize(pixels):
    """Maps planar RGB (3, H, W) to (H, W, 3), (x - 127.5) / 128."""
    return (pixels.transpose(1, 2, 0).astype(np.float64) - 127.5) / 128


def flatten(image):
    """Flattens (height, width, channels) in the order width, height, channel."""
    return image.transpose(1, 0, 2).reshape(-1)


def face_probability(logits):
    """Returns the softmax of two logits for "face", the second."""
    exponents = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return (exponents / exponents.sum(axis=-1, keepdims=True))[..., 1]


def pnet(weights, pixels):
    """Returns probabilities (rows, columns) and regressions (rows, columns, 4)."""
    k1, b1, s1, k2, b2, s2, k3, b3, s3, box_k, box_b, face_k, face_b = weights
    x = max_pool(prelu(conv(normalize(pixels), k1, b1), s1), 2)
    x = prelu(conv(prelu(conv(x, k2, b2), s2), k3, b3), s3)
    return face_probability(conv(x, face_k, face_b)), conv(x, box_k, box_b)


def rnet(weights, pixels):
    """Returns the probability and the regression (4,) of one crop (3, 24, 24)."""
    k1, b1, s1, k2, b2, s2, k3, b3, s3, k4, b4, s4, box_k, box_b, face_k, face_b = weights
    x = max_pool(prelu(conv(normalize(pixels), k1, b1), s1), 3)
    x = max_pool(prelu(conv(x, k2, b2), s2), 3)
    x = flatten(prelu(conv(x, k3, b3), s3))
    x = prelu(x @ k4 + b4, s4)
    return face_probability(x @ face_k + face_b), x @ box_k + box_b


def onet(weights, pixels):
    """Returns the probability, regression (4,) and landmarks (5, 2) of one crop (3, 48, 48)."""
    k1, b1, s1, k2, b2, s2, k3, b3, s3, k4, b4, s4, k5, b5, s5, *heads = weights
    box_k, box_b, points_k, points_b, face_k, face_b = heads
    x = max_pool(prelu(conv(normalize(pixels), k1, b1), s1), 3)
    x = max_pool(prelu(conv(x, k2, b2), s2), 3)
    x = max_pool(prelu(conv(x, k3, b3), s3), 2)
    x = flatten(prelu(conv(x, k4, b4), s4))
    x = prelu(x @ k5 + b5, s5)
    landmarks = (x @ points_k + points_b).reshape(2, 5).T
    return face_probability(x @ face_k + face_b), x @ box_k + box_b, landmarks


def pnet_of_layers(layers, pixels):
    """Returns P-Net's outputs (5, rows, columns) for raw pixels (3, H, W).

    layers: four times (kernel OIHW, bias, slopes or None).
    """
    return features_of_layers(layers, pixels)[-1].transpose(2, 0, 1)


def features_of_layers(layers, pixels):
    """Returns what each of P-Net's layers gives, (rows, columns, channels), the first pooled."""
    x, found = pixels.transpose(1, 2, 0).astype(np.float64), []
    for i, (kernel, bias, slopes) in enumerate(layers):
        x = conv(x, kernel.transpose(2, 3, 1, 0).astype(np.float64), bias)
        x = x if slopes is None else prelu(x, slopes)
        x = max_pool(x, 2) if i == 0 else x
        found.append(x)
    return found


def feature_statistics(layers, images):
    """Returns the statistics of P-Net's features over the pyramids of images, for any weights."""
    first, second, near = [], [], []
    for pixels in _levels(images):
        features = features_of_layers(layers, pixels)
        first.append(features[0].reshape(-1, 10))
        second.append(features[1].reshape(-1, 16))
        logits = features[3][..., 0]
        sums = conv(features[1], layers[2].kernel.transpose(2, 3, 1, 0), layers[2].bias)
        near.append(sums[logits > -3])
    sums = np.concatenate(near)
    below, above = (np.maximum(sign * sums, 0).sum(axis=0) for sign in (-1, 1))
    means = np.stack([below, above]) / max(len(sums), 1)
    return FeatureStatistics((_limits(first), _limits(second)), means.astype(np.float32))


def _levels(images):
    for image in images:
        for level in _native.pyramid(*image.size, 20, 0.709, np.inf):
            yield _native.resize(image.pixels, image.bgr, level, 0, level[0])


def _limits(features):
    """Returns the least and the largest values (2, channels), 0 among them."""
    low = np.min([values.min(axis=0) for values in features], axis=0)
    high = np.max([values.max(axis=0) for values in features], axis=0)
    return np.stack([np.minimum(low, 0), np.maximum(high, 0)]).astype(np.float32)
