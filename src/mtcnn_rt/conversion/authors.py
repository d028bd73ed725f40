"""From networks as the paper's authors trained them, and all who took their weights over, to
`Layer`s.

In theirs, pixels are normalized, (x - 127.5) / 128; two face logits go into a softmax; every output
is a layer of its own; landmarks are x1..x5 y1..y5; and their framework stores images column by
column, so dense layers see (channel, column, row) or, behind a conversion, (column, row, channel).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Float32
from mtcnn_rt._layers import KERNELS, Layer, fold_normalization
from mtcnn_rt.conversion.checks import check_layers

Head = tuple[Float32, Float32]
"""The kernel and the bias of an output."""

FLATTENED = {"rnet": (64, 3, 3), "onet": (128, 3, 3)}
"""What the first dense layer sees: channels, rows, columns. P-Net has none."""
OUTPUTS = {"pnet": (2, 4), "rnet": (2, 4), "onet": (2, 4, 10)}
"""Values of each output: face, box and landmarks."""


def network_of(first_bias: Any) -> str:
    """Which network's first layer has such a bias. Raises ValueError."""
    for network, kernels in KERNELS.items():
        if np.shape(first_bias) == (kernels[0][0],):
            return network
    raise ValueError("not one of the three networks")


def as_layers(network: str, arrays: Sequence[NDArray[Any]], order: str) -> list[Layer]:
    """arrays: kernel, bias, slopes of every layer but the outputs, then kernel and bias of every
    output, those in any order; float. Kernels have the shapes of `KERNELS`, images upright. order:
    what the first dense layer sees, "column row channel" or "channel column row".

    Raises ValueError for other shapes, and for values that are not finite."""
    floats = [np.ascontiguousarray(array, np.float32) for array in arrays]
    depth = len(KERNELS[network]) - 1
    if len(floats) != 3 * depth + 2 * len(OUTPUTS[network]):
        raise ValueError(f"{len(floats)} arrays are not those of {network}")
    layers = [Layer(*floats[3 * i : 3 * i + 3]) for i in range(depth)]
    heads = floats[3 * depth :]
    layers.append(_outputs(network, list(zip(heads[::2], heads[1::2], strict=True))))
    check_layers(network, layers)
    layers[0] = fold_normalization(layers[0])
    if network in FLATTENED:
        layers[-2] = layers[-2]._replace(
            kernel=rows_first(layers[-2].kernel, order, FLATTENED[network])
        )
    return layers


def merge_face_logits(kernel: Float32, bias: Float32) -> Head:
    """From the logits of no face and of a face: softmax([a, b])[1] = sigmoid(b - a)."""
    return kernel[1:] - kernel[:1], bias[1:] - bias[:1]


def interleave_landmarks(kernel: Float32, bias: Float32) -> Head:
    """From x1..x5 y1..y5 to x1 y1 ... x5 y5."""
    order = np.arange(10).reshape(2, 5).T.ravel()
    return kernel[order], bias[order]


def rows_first(kernel: Float32, order: str, seen: tuple[int, int, int]) -> Float32:
    """A dense layer's kernel (outputs, inputs), for inputs in the order channel, row, column.

    order: theirs now, "column row channel" or "channel column row". seen: channels, rows,
    columns."""
    sizes = dict(zip(("channel", "row", "column"), seen, strict=True))
    now = order.split()
    apart = kernel.reshape(-1, *(sizes[axis] for axis in now))
    axes = [1 + now.index(axis) for axis in sizes]
    return apart.transpose(0, *axes).reshape(kernel.shape)


def _outputs(network: str, heads: Sequence[Head]) -> Layer:
    """The outputs as one layer. Raises ValueError where they are not those of the network."""
    found = {bias.shape: (kernel, bias) for kernel, bias in heads if kernel.shape[:1] == bias.shape}
    wanted = [(values,) for values in OUTPUTS[network]]
    if sorted(found) != wanted:
        raise ValueError(f"the outputs are not those of {network}")
    face, box, *landmarks = (found[shape] for shape in wanted)
    merged = [merge_face_logits(*face), box, *(interleave_landmarks(*head) for head in landmarks)]
    kernels, biases = zip(*merged, strict=True)
    return Layer(np.concatenate(kernels), np.concatenate(biases), slopes=None)
