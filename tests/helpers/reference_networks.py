"""The three networks (paper, figure 2) in NumPy, from the published weights in their own layout.

Nothing is folded, merged or reordered here: the normalization is applied to the pixels, the heads
are apart, softmax has two outputs, and the layers before the dense ones are flattened in the
authors' order (width, height, channel).
"""

from __future__ import annotations

import numpy as np


def conv(image, kernel, bias):
    """image (height, width, channels), kernel HWIO; no padding, stride 1."""
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape[:2], axis=(0, 1))
    return np.einsum("yxihw,hwio->yxo", windows, kernel, optimize=True) + bias


def prelu(values, slope):
    return np.where(values > 0, values, values * slope.reshape(-1))


def max_pool(image, size):
    """Stride 2; the last window may hang over the edge."""
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
    """(3, H, W) planar RGB -> (H, W, 3), (x - 127.5) / 128."""
    return (pixels.transpose(1, 2, 0).astype(np.float64) - 127.5) / 128


def flatten(image):
    return image.transpose(1, 0, 2).reshape(-1)


def face_probability(logits):
    exponents = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return (exponents / exponents.sum(axis=-1, keepdims=True))[..., 1]


def pnet(weights, pixels):
    """Probabilities (rows, columns) and regressions (rows, columns, 4)."""
    k1, b1, s1, k2, b2, s2, k3, b3, s3, box_k, box_b, face_k, face_b = weights
    x = max_pool(prelu(conv(normalize(pixels), k1, b1), s1), 2)
    x = prelu(conv(prelu(conv(x, k2, b2), s2), k3, b3), s3)
    return face_probability(conv(x, face_k, face_b)), conv(x, box_k, box_b)


def rnet(weights, pixels):
    """Probability and regression (4,) of one crop (3, 24, 24)."""
    k1, b1, s1, k2, b2, s2, k3, b3, s3, k4, b4, s4, box_k, box_b, face_k, face_b = weights
    x = max_pool(prelu(conv(normalize(pixels), k1, b1), s1), 3)
    x = max_pool(prelu(conv(x, k2, b2), s2), 3)
    x = flatten(prelu(conv(x, k3, b3), s3))
    x = prelu(x @ k4 + b4, s4)
    return face_probability(x @ face_k + face_b), x @ box_k + box_b


def onet(weights, pixels):
    """Probability, regression (4,) and landmarks (5, 2) of one crop (3, 48, 48)."""
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
    """Cells (5, rows, columns) of (kernel OIHW, bias, slopes or None) four times over raw pixels
    (3, H, W)."""
    x = pixels.transpose(1, 2, 0).astype(np.float64)
    for i, (kernel, bias, slopes) in enumerate(layers):
        x = conv(x, kernel.transpose(2, 3, 1, 0).astype(np.float64), bias)
        x = x if slopes is None else prelu(x, slopes)
        x = max_pool(x, 2) if i == 0 else x
    return x.transpose(2, 0, 1)
