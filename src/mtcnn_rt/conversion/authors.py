"""Converts networks in the layout of the paper's authors, which others took over, to layers.

In these networks, pixels are normalized, (x - 127.5) / 128; two face logits go into a softmax;
every output is a layer of its own; and landmarks are x1..x5 y1..y5. Their framework stores images
column by column, so dense layers get (channel, column, row) or, after a conversion, (column, row,
channel).
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
"""Channels, rows, columns of the first dense layer's inputs. P-Net has no dense layer."""
OUTPUTS = {"pnet": (2, 4), "rnet": (2, 4), "onet": (2, 4, 10)}
"""Values of each output: face, box and landmarks."""


def network_of(first_bias: Any) -> str:
    """Returns the network whose first layer has a bias of this shape.

    Raises:
        ValueError: No network has one.
    """
    for network, kernels in KERNELS.items():
        if np.shape(first_bias) == (kernels[0][0],):
            return network
    raise ValueError("not one of the three networks")


def as_layers(network: str, arrays: Sequence[NDArray[Any]], order: str) -> list[Layer]:
    """Converts the arrays of a network.

    Args:
        network: "pnet", "rnet" or "onet".
        arrays: Kernel, bias and slopes of every layer but the outputs, then kernel and bias of
            every output, the outputs in any order. Kernels have the shapes of `KERNELS`, for
            upright images.
        order: Order of the first dense layer's inputs, "column row channel" or "channel column
            row".

    Returns:
        The layers.

    Raises:
        ValueError: A shape is wrong, or a value is not finite.
    """
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
    """Merges the logits of no face and of a face: softmax([a, b])[1] = sigmoid(b - a)."""
    return kernel[1:] - kernel[:1], bias[1:] - bias[:1]


def interleave_landmarks(kernel: Float32, bias: Float32) -> Head:
    """Reorders landmarks from x1..x5 y1..y5 to x1 y1 ... x5 y5."""
    order = np.arange(10).reshape(2, 5).T.ravel()
    return kernel[order], bias[order]


def rows_first(kernel: Float32, order: str, shape: tuple[int, int, int]) -> Float32:
    """Reorders the inputs of a dense layer to channel, row, column.

    Args:
        kernel: The kernel (outputs, inputs).
        order: The order so far, "column row channel" or "channel column row".
        shape: Numbers of channels, rows and columns.

    Returns:
        The kernel (outputs, inputs).
    """
    sizes = dict(zip(("channel", "row", "column"), shape, strict=True))
    before = order.split()
    split = kernel.reshape(-1, *(sizes[axis] for axis in before))
    axes = [1 + before.index(axis) for axis in sizes]
    return split.transpose(0, *axes).reshape(kernel.shape)


def _outputs(network: str, heads: Sequence[Head]) -> Layer:
    """Joins the outputs to one layer. Raises ValueError if they are not those of the network."""
    found = {bias.shape: (kernel, bias) for kernel, bias in heads if kernel.shape[:1] == bias.shape}
    wanted = [(values,) for values in OUTPUTS[network]]
    if sorted(found) != wanted:
        raise ValueError(f"the outputs are not those of {network}")
    face, box, *landmarks = (found[shape] for shape in wanted)
    merged = [merge_face_logits(*face), box, *(interleave_landmarks(*head) for head in landmarks)]
    kernels, biases = zip(*merged, strict=True)
    return Layer(np.concatenate(kernels), np.concatenate(biases), slopes=None)
