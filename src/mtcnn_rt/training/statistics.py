"""Measures P-Net's features in photographs, for the integers of the native engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import torch

from mtcnn_rt import _native
from mtcnn_rt._arrays import Float32
from mtcnn_rt._defaults import MIN_FACE_SIZE, SCALE_FACTOR
from mtcnn_rt._layers import KERNELS, FeatureStatistics
from mtcnn_rt.images import Image
from mtcnn_rt.training.networks import Network, normalize

NEAR_LOGIT = -3.0
"""Cells with a larger face logit count as near to a face: about a quarter of all."""


def feature_statistics(pnet: Network, images: Iterable[Image]) -> FeatureStatistics:
    """Measures P-Net's features over the image pyramids of photographs.

    Args:
        pnet: The network, on the CPU.
        images: The photographs.

    Returns:
        The limits of the features after the first two layers, 0 among them, and the means of the
        third layer's sums in cells that come near to a face.
    """
    first, second, third = (kernel[0] for kernel in KERNELS["pnet"][:3])
    limits = np.zeros((2, first), np.float32), np.zeros((2, second), np.float32)
    totals, near = np.zeros((2, third)), 0
    for pixels in _levels(images):
        *features, sums, logits = _features(pnet, pixels)
        for (low, high), values in zip(limits, features, strict=True):
            np.minimum(low, values.min(axis=(1, 2)), out=low)
            np.maximum(high, values.max(axis=(1, 2)), out=high)
        sums = sums[:, logits[0] > NEAR_LOGIT]
        totals += np.maximum(-sums, 0).sum(axis=1), np.maximum(sums, 0).sum(axis=1)
        near += sums.shape[1]
    return FeatureStatistics(limits, (totals / max(near, 1)).astype(np.float32))


def _levels(images: Iterable[Image]) -> Iterator[Float32]:
    """Yields every pyramid level, (3, H, W) RGB, 0 to 255, as the detector makes it."""
    for image in images:
        for level in _native.pyramid(*image.size, MIN_FACE_SIZE, SCALE_FACTOR, np.inf):
            yield _native.resize(image.pixels, image.bgr, level, 0, level[0])


def _features(pnet: Network, pixels: Float32) -> list[Float32]:
    """Runs P-Net layer by layer on a pyramid level.

    Returns:
        Four arrays (channels, rows, columns): the features after the first and after the second
        layer, the sums of the third layer before its PReLU, and the face logits.
    """
    conv1, prelu1, pooling, conv2, prelu2, conv3, prelu3 = pnet.body
    with torch.no_grad():
        first = pooling(prelu1(conv1(normalize(torch.from_numpy(pixels[np.newaxis])))))
        second = prelu2(conv2(first))
        sums = conv3(second)
        logits = pnet.heads["face"](prelu3(sums))
    return [tensor[0].numpy() for tensor in (first, second, sums, logits)]
