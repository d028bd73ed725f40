"""The layers of the paper's networks (figure 2) as plain weights, which the native engine takes."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from mtcnn_rt._arrays import Float32

PIXEL_MEAN, PIXEL_SCALE = 127.5, 128.0
"""The networks were trained on (pixel - mean) / scale; plain weights take pixels from 0 to 255."""

INPUT_SIZES = {"pnet": 12, "rnet": 24, "onet": 48}
"""Sides of the networks' square inputs, in pixels."""


class Layer(NamedTuple):
    """kernel: (outputs, inputs, side, side) of a convolution, (outputs, inputs) of a dense layer,
    whose inputs are in the order channel, row, column. bias: (outputs,). slopes: (outputs,) of the
    PReLU that follows; None: none does. The first layer takes pixels from 0 to 255; the outputs of
    the last one are the face logit, the box regression and, in O-Net, the landmarks."""

    kernel: Float32
    bias: Float32
    slopes: Float32 | None


class FeatureStatistics(NamedTuple):
    """What P-Net's features are like in photographs; the native engine is faster for it, and runs
    in integers. limits: after its first and its second layer, (2, channels): the least, the
    largest. means: (2, 32): how far the sums of its third layer are below 0, and above, in the mean
    over cells that come near to a face."""

    limits: tuple[Float32, Float32]
    means: Float32


KERNELS: dict[str, tuple[tuple[int, ...], ...]] = {
    "pnet": ((10, 3, 3, 3), (16, 10, 3, 3), (32, 16, 3, 3), (5, 32, 1, 1)),
    "rnet": ((28, 3, 3, 3), (48, 28, 3, 3), (64, 48, 2, 2), (128, 576), (5, 128)),
    "onet": (
        *((32, 3, 3, 3), (64, 32, 3, 3), (64, 64, 3, 3), (128, 64, 2, 2)),
        *((256, 1152), (15, 256)),
    ),
}
"""The shapes of their kernels. A PReLU follows every layer but the last."""

OUTPUT_SIZES = {network: kernels[-1][0] for network, kernels in KERNELS.items()}
"""Values of an output: the face logit, four of the box regression and, in O-Net, ten of the
landmarks."""


def describe_statistics(statistics: FeatureStatistics) -> dict[str, Any]:
    """The inverse of `read_statistics`, to three decimals."""

    def rounded(array: Float32) -> Any:
        return array.astype(float).round(3).tolist()

    limits = [rounded(array) for array in statistics.limits]
    return {"limits": limits, "means": rounded(statistics.means)}


def read_statistics(described: Mapping[str, Any]) -> FeatureStatistics:
    """From what model.json has. Raises KeyError, TypeError or ValueError where it is not that."""
    first, second = (np.asarray(limits, np.float32) for limits in described["limits"])
    means = np.asarray(described["means"], np.float32)
    for numbers, kernel in zip((first, second, means), KERNELS["pnet"], strict=False):
        if numbers.shape != (2, kernel[0]) or not np.isfinite(numbers).all():
            raise ValueError(f"statistics: expected 2 numbers for each of {kernel[0]} channels")
    if any(low.max() > 0 or high.min() < 0 for low, high in (first, second)):
        raise ValueError("statistics: 0 is not between the limits")
    if means.min() < 0:
        raise ValueError("statistics: expected means from 0 on")
    return FeatureStatistics((first, second), means)


def as_bytes(layers: Sequence[Layer]) -> bytes:
    """The inverse of `read_layers`."""
    file = io.BytesIO()
    arrays = [array.ravel() for layer in layers for array in layer if array is not None]
    np.save(file, np.concatenate(arrays).astype("<f4"), allow_pickle=False)
    return file.getvalue()


def read_layers(network: str, content: bytes) -> list[Layer]:
    """From the bytes of a .npy file: all values in one float32 vector, layer by layer, kernel, bias
    and slopes. Raises ValueError where it is no such file."""
    shapes = KERNELS[network]
    values = np.load(io.BytesIO(content), allow_pickle=False)
    parts = [part for shape in shapes for part in (shape, shape[:1], shape[:1])][:-1]
    sizes = [math.prod(part) for part in parts]
    if values.shape != (sum(sizes),) or values.dtype != np.float32:
        raise ValueError(
            f"expected {sum(sizes)} float32 values, not {values.dtype} of shape {values.shape}"
        )
    cut = np.split(values, np.cumsum(sizes)[:-1])
    arrays = [array.reshape(part) for array, part in zip(cut, parts, strict=True)]
    return list(map(Layer, arrays[::3], arrays[1::3], [*arrays[2::3], None]))


def fold_normalization(layer: Layer) -> Layer:
    """Returns the convolution of pixels that equals `layer` over normalized pixels.

    It pads nothing, so that the offset is the same everywhere."""
    kernel = layer.kernel.astype(np.float64) / PIXEL_SCALE
    bias = layer.bias - PIXEL_MEAN * kernel.sum(axis=(1, 2, 3))
    return layer._replace(kernel=kernel.astype(np.float32), bias=bias.astype(np.float32))


def unfold_normalization(layer: Layer) -> Layer:
    """Returns the inverse of `fold_normalization`: a convolution of normalized pixels."""
    kernel = layer.kernel.astype(np.float64)
    bias = layer.bias + PIXEL_MEAN * kernel.sum(axis=(1, 2, 3))
    return layer._replace(
        kernel=(PIXEL_SCALE * kernel).astype(np.float32), bias=bias.astype(np.float32)
    )
