"""Reads and writes the plain weights of the paper's networks (figure 2), for the native engine."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from mtcnn_rt._arrays import Float32

PIXEL_MEAN, PIXEL_SCALE = 127.5, 128.0
"""Mean and scale of (pixel - mean) / scale, on which the networks were trained.

Plain weights take pixels from 0 to 255.
"""

EXTRA_NETWORKS = ("cnet", "lnet")
"""Networks that are not of the paper, and that not every model has: O-Nets with weights of their
own."""

INPUT_SIZES = {"pnet": 12, "rnet": 24, "onet": 48} | dict.fromkeys(EXTRA_NETWORKS, 48)
"""Sides of the networks' square inputs, in pixels."""


class Layer(NamedTuple):
    """The weights of one layer and of the PReLU that follows it.

    The first layer takes pixels from 0 to 255; the outputs of the last one are the face logit, the
    box regression and, in O-Net, the landmarks.

    Attributes:
        kernel: (outputs, inputs, side, side) of a convolution; (outputs, inputs) of a dense layer,
            whose inputs are in the order channel, row, column.
        bias: (outputs,).
        slopes: (outputs,) of the PReLU; None if none follows.
    """

    kernel: Float32
    bias: Float32
    slopes: Float32 | None


def rounded(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """Returns layers whose weights float16 holds exactly: their files are half as large."""

    def short(values: Float32) -> Float32:
        return values.astype(np.float16).astype(np.float32)

    return tuple(
        Layer(short(kernel), short(bias), None if slopes is None else short(slopes))
        for kernel, bias, slopes in layers
    )


class FeatureStatistics(NamedTuple):
    """Statistics of P-Net's features in photos.

    With them the native engine is faster, and can run in integers.

    Attributes:
        limits: After the first and after the second layer, (2, channels): the least and the largest
            value.
        means: (2, 32): by how much the sums of the third layer are below 0, and above, in the mean
            over cells that come near to a face.
    """

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
"""Shapes of the networks' kernels, but the last followed by a PReLU.

Those of `EXTRA_NETWORKS` are O-Net's.
"""

_NPY = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '<f(?P<width>[24])', 'fortran_order': (?:False|True), "
    rb"'shape': \((?P<size>\d{1,9}),\), \} *\n",
    re.DOTALL,
)

OUTPUT_SIZES = {network: kernels[-1][0] for network, kernels in KERNELS.items()}
OUTPUT_SIZES |= dict.fromkeys(EXTRA_NETWORKS, OUTPUT_SIZES["onet"])
"""Numbers of values in an output.

They are the face logit, four values of the box regression and, in O-Net and those
of `EXTRA_NETWORKS`, ten of the landmarks.
"""


def describe_statistics(statistics: FeatureStatistics) -> dict[str, Any]:
    """Returns statistics as plain values for model.json, rounded to three decimals.

    This is the inverse of `read_statistics`.
    """

    def plain(array: Float32) -> Any:
        return array.astype(float).round(3).tolist()

    limits = [plain(array) for array in statistics.limits]
    return {"limits": limits, "means": plain(statistics.means)}


def read_statistics(described: Mapping[str, Any]) -> FeatureStatistics:
    """Returns the statistics that an entry of model.json describes.

    Raises:
        KeyError, TypeError, ValueError: The entry describes no statistics.
    """
    with np.errstate(over="ignore"):  # what becomes infinite is refused below
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
    """Returns layers as the bytes of a .npy file, the inverse of `read_layers`.

    Values are float16 where that loses nothing of any, else float32.
    """
    file = io.BytesIO()
    arrays = [array.ravel() for layer in layers for array in layer if array is not None]
    values = np.concatenate(arrays).astype("<f4")
    with np.errstate(over="ignore"):  # what becomes infinite has lost something
        halves = values.astype("<f2")
    same = np.array_equal(halves.astype("<f4"), values)
    np.save(file, halves if same else values, allow_pickle=False)
    return file.getvalue()


def read_layers(network: str, content: bytes) -> list[Layer]:
    """Returns the layers of a network from the bytes of a .npy file.

    Args:
        network: "pnet", "rnet" or "onet".
        content: A .npy file with all values in one vector of float32 or float16, layer by layer:
            kernel, bias and slopes.

    Raises:
        ValueError: It is another kind of file, or has another number of values.
    """
    shapes = KERNELS[network]
    values = _vector(content)
    parts = [part for shape in shapes for part in (shape, shape[:1], shape[:1])][:-1]
    sizes = [math.prod(part) for part in parts]
    if values.shape != (sum(sizes),):
        raise ValueError(
            f"expected {sum(sizes)} float32 values, not {values.dtype} of shape {values.shape}"
        )
    cut = np.split(values, np.cumsum(sizes)[:-1])
    arrays = [array.reshape(part) for array, part in zip(cut, parts, strict=True)]
    return list(map(Layer, arrays[::3], arrays[1::3], [*arrays[2::3], None]))


def _vector(content: bytes) -> Float32:
    """Returns the vector in a .npy file, as float32.

    NumPy's reader evaluates the header as Python and reserves what it promises; this compares it
    with those that `as_bytes` writes.

    Raises:
        ValueError: It is another kind of file, or its end is missing.
    """
    header = _NPY.match(content)
    if header is None:
        raise ValueError("not a .npy file of one vector of float32 or float16")
    size, start = int(header["size"]), 10 + int.from_bytes(content[8:10], "little")
    width = int(header["width"])
    needed = start + width * size
    if start < header.end() or len(content) != needed:
        raise ValueError(f"{size} float{8 * width} values need {needed} bytes, not {len(content)}")
    values = np.frombuffer(content, f"<f{width}", offset=start)
    if not np.isfinite(values).all():
        raise ValueError("a value is not finite")
    return values.astype(np.float32)


def fold_normalization(layer: Layer) -> Layer:
    """Returns the convolution of pixels that equals `layer` over normalized pixels.

    The convolution has no padding, so that the offset is the same everywhere.
    """
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
