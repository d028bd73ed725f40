"""Builds the three networks of the paper (figure 2) as ONNX graphs.

Every graph has one input, raw RGB pixels 0..255 as planar float32, and one output, whose columns
(P-Net: planes) are the face logit, the box regression x1 y1 x2 y2 and, in O-Net, the landmarks
x1 y1 ... x5 y5. One thing is rearranged for speed, which changes results only by float rounding:
max pooling comes before the first PReLU, which it follows in the paper (`Graph.conv_pooled`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from mtcnn_rt._arrays import Float32
from mtcnn_rt._layers import Layer

OPSET = 13  # the oldest that has all operators; any newer onnxruntime runs it
IR_VERSION = 8
LEAST_HALVED = 256  # values of a constant; a cast of fewer is not worth it
CHANNEL_BLOCK = 16  # channels per block of onnxruntime's fast layout (AVX-512; half otherwise)


class Graph:
    """Builds a chain of layers: every method appends one.

    Attributes:
        name: Name of the graph.
        nodes: The nodes so far.
        weights: Their constants.
        input: The graph's input.
        output: The graph's output.
        last: Name of the last output so far.
        channel_order: The network's channels in the order in which the last output has them.
    """

    def __init__(
        self,
        name: str,
        input_shape: Sequence[int | str],
        output_shape: Sequence[int | str],
    ) -> None:
        self.name = name
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.input = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, input_shape)
        self.output = helper.make_tensor_value_info("faces", TensorProto.FLOAT, output_shape)
        self.last = "pixels"
        self.channel_order: NDArray[np.intp] | slice = slice(None)

    def node(self, operator: str, *inputs: str, outputs: int = 1, **attributes: Any) -> list[str]:
        """Adds an operator, and returns the names of its outputs."""
        name = f"{operator.lower()}{len(self.nodes)}"
        results = [name] if outputs == 1 else [f"{name}_{k}" for k in range(outputs)]
        self.nodes.append(helper.make_node(operator, inputs, results, **attributes))
        return results

    def constant(self, values: Any, dtype: type = np.float32) -> str:
        """Adds constant values, and returns their name.

        Values that float16 holds exactly take half of the space; the graph casts them.
        """
        name = f"weights{len(self.weights)}"
        exact: NDArray[Any] = np.ascontiguousarray(values, dtype)
        short = exact.astype(np.float16) if dtype == np.float32 else exact
        halved = exact.size >= LEAST_HALVED and np.array_equal(short, exact)
        self.weights.append(numpy_helper.from_array(short if halved else exact, name))
        return self.node("Cast", name, to=TensorProto.FLOAT)[0] if halved else name

    def conv(self, layer: Layer) -> None:
        """Appends a convolution, and its PReLU if it has one."""
        kernel = self.constant(layer.kernel[:, self.channel_order])
        (self.last,) = self.node("Conv", self.last, kernel, self.constant(layer.bias))
        self.channel_order = slice(None)
        if layer.slopes is not None:
            self.prelu(layer.slopes.reshape(-1, 1, 1))

    def dense(self, layer: Layer) -> None:
        """Appends a dense layer, and its PReLU if it has one."""
        kernel = self.constant(layer.kernel.T)
        (self.last,) = self.node("Gemm", self.last, kernel, self.constant(layer.bias))
        if layer.slopes is not None:
            self.prelu(layer.slopes)

    def prelu(self, slopes: Float32) -> None:
        """Appends a PReLU."""
        (self.last,) = self.node("PRelu", self.last, self.constant(slopes))

    def max_pool(self, size: int) -> None:
        """Appends max pooling with stride 2."""
        # The authors' framework rounds sizes up: a window may hang over the lower and right edge.
        (self.last,) = self.node(
            "MaxPool", self.last, kernel_shape=[size, size], strides=[2, 2], ceil_mode=1
        )

    def flatten(self) -> None:
        """Appends the change from features (N, C, H, W) to vectors (N, C * H * W)."""
        (self.last,) = self.node("Flatten", self.last, axis=1)

    def conv_pooled(self, layer: Layer, size: int) -> None:
        """Appends a convolution, a PReLU and max pooling, with the pooling before the PReLU.

        The PReLU, for which onnxruntime takes longer than for the convolution, then has a quarter
        of the values. This pays for the first layer of a network, where the image is large and the
        channels are few.

        If the slope s is not negative, PReLU never falls, so the order does not matter. If it is,
        PReLU(x) = max(x, s x), whose pooling is max(pooling of x, pooling of s x); the convolution
        gives s x as further channels.
        """
        kernel, bias, slopes = layer
        assert slopes is not None
        rising, falling = np.flatnonzero(slopes >= 0), np.flatnonzero(slopes < 0)
        order = np.concatenate([rising, falling])
        scale = slopes[falling]
        kernel = np.concatenate([kernel[order], kernel[falling] * scale.reshape(-1, 1, 1, 1)])
        bias = np.concatenate([bias[order], bias[falling] * scale])
        padding = -len(bias) % CHANNEL_BLOCK
        kernel = np.pad(kernel, [(0, padding)] + [(0, 0)] * 3)
        self.conv(Layer(kernel, np.pad(bias, (0, padding)), slopes=None))
        self.max_pool(size)
        parts = self.split([len(rising), len(falling), len(falling), padding])
        results = []
        if rising.size:
            self.last = parts[0]
            self.prelu(slopes[rising].reshape(-1, 1, 1))
            results.append(self.last)
        if falling.size:
            results += self.node("Max", parts[1], parts[2])
        self.last = results[0] if len(results) == 1 else self.node("Concat", *results, axis=1)[0]
        self.channel_order = order

    def split(self, counts: Sequence[int]) -> list[str]:
        """Splits the last output's channels into groups of these sizes.

        Returns:
            The names of the groups; "" for a group without channels.
        """
        present = [count for count in counts if count]
        if len(present) == 1:
            names = [self.last]
        else:
            sizes = self.constant(present, np.int64)
            names = self.node("Split", self.last, sizes, outputs=len(present), axis=1)
        remaining = iter(names)
        return [next(remaining) if count else "" for count in counts]

    def serialize(self) -> bytes:
        """Returns the checked graph as an ONNX file."""
        self.nodes[-1].output[0] = self.output.name
        graph = helper.make_graph(
            self.nodes, self.name, [self.input], [self.output], initializer=self.weights
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
        model.ir_version = IR_VERSION
        model.producer_name = "mtcnn-rt"
        onnx.checker.check_model(model, full_check=True)
        content: bytes = model.SerializeToString(deterministic=True)
        return content


def pnet(layers: Sequence[Layer]) -> bytes:
    """Builds the proposal network, which slides over an image of any size.

    It maps (1, 3, H, W) to (1, 5, ceil((H - 2) / 2) - 4, ceil((W - 2) / 2) - 4).
    """
    first, second, third, heads = layers
    graph = Graph("P-Net", [1, 3, "height", "width"], [1, 5, "rows", "columns"])
    graph.conv_pooled(first, size=2)
    graph.conv(second)
    graph.conv(third)
    graph.conv(heads)
    return graph.serialize()


def rnet(layers: Sequence[Layer]) -> bytes:
    """Builds the refinement network, which maps (N, 3, 24, 24) to (N, 5)."""
    first, second, third, fourth, heads = layers
    graph = Graph("R-Net", ["crops", 3, 24, 24], ["crops", 5])
    graph.conv_pooled(first, size=3)
    graph.conv(second)
    graph.max_pool(3)
    graph.conv(third)
    graph.flatten()
    graph.dense(fourth)
    graph.dense(heads)
    return graph.serialize()


def onet(layers: Sequence[Layer]) -> bytes:
    """Builds the output network, which maps (N, 3, 48, 48) to (N, 15)."""
    first, second, third, fourth, fifth, heads = layers
    graph = Graph("O-Net", ["crops", 3, 48, 48], ["crops", 15])
    graph.conv_pooled(first, size=3)
    graph.conv(second)
    graph.max_pool(3)
    graph.conv(third)
    graph.max_pool(2)
    graph.conv(fourth)
    graph.flatten()
    graph.dense(fifth)
    graph.dense(heads)
    return graph.serialize()


GRAPHS = {"pnet": pnet, "rnet": rnet, "onet": onet}
"""Functions from the layers of a network to its graph, an ONNX file."""
