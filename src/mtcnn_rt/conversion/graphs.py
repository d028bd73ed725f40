"""The three networks of the paper (figure 2) as ONNX graphs.

Every graph has one input, raw RGB pixels 0..255 as planar float32, and one output, whose columns
(P-Net: planes) are the face logit, the box regression x1 y1 x2 y2 and, in O-Net, the landmarks
x1 y1 ... x5 y5. Some things are rearranged for speed; none changes a result beyond float rounding:

- the normalisation (x - 127.5) / 128 is folded into the first convolution, which pads nothing;
- the heads are one layer;
- softmax over two logits is the sigmoid of their difference, so the difference is the only logit;
- max pooling comes before the PReLU that it follows in the paper (`Graph.max_pool_of_prelu`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Array = NDArray[np.float32]

OPSET = 13  # what is needed; any newer onnxruntime runs it
IR_VERSION = 8
CHANNEL_BLOCK = 16  # onnxruntime's fast layout takes channels by so many (AVX-512) or half of it


class Graph:
    """A chain of layers; every method appends one. Weights come in Keras' layout (HWIO)."""

    def __init__(self, name: str, input_shape: Sequence[int | str], output_shape: Sequence) -> None:
        self.name, self.nodes, self.weights = name, [], []
        self.input = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, input_shape)
        self.output = helper.make_tensor_value_info("faces", TensorProto.FLOAT, output_shape)
        self.last = "pixels"
        self.channel_order = slice(
            None
        )  # which of the network's channels the last output has where

    def node(
        self, operator: str, *inputs: str, outputs: int = 1, **attributes: object
    ) -> list[str]:
        name = f"{operator.lower()}{len(self.nodes)}"
        results = [name] if outputs == 1 else [f"{name}_{k}" for k in range(outputs)]
        self.nodes.append(helper.make_node(operator, inputs, results, **attributes))
        return results

    def constant(self, values: Array, dtype: type = np.float32) -> str:
        name = f"weights{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values, dtype), name))
        return name

    def conv(self, kernel: Array, bias: Array) -> None:
        kernel = kernel[:, :, self.channel_order].transpose(3, 2, 0, 1)
        (self.last,) = self.node("Conv", self.last, self.constant(kernel), self.constant(bias))
        self.channel_order = slice(None)

    def prelu(self, slope: Array) -> None:
        slope = slope.reshape(-1, 1, 1) if slope.ndim == 3 else slope
        (self.last,) = self.node("PRelu", self.last, self.constant(slope))

    def max_pool(self, size: int) -> None:
        # The authors' framework rounds sizes up: a window may hang over the lower and right edge.
        (self.last,) = self.node(
            "MaxPool", self.last, kernel_shape=[size, size], strides=[2, 2], ceil_mode=1
        )

    def max_pool_of_prelu(self, kernel: Array, bias: Array, slope: Array, size: int) -> None:
        """Convolution, PReLU, max pooling, with the pooling before the PReLU, which then has a
        quarter of the values: onnxruntime takes longer for it than for the convolution. Pays for
        the first layer of a network, where the image is large and the channels are few.

        Where the slope s is not negative, PReLU never falls, so the order does not matter. Where it
        is, PReLU(x) = max(x, s x), whose pooling is max(pooling of x, pooling of s x); the
        convolution gives s x as further channels."""
        rising, falling = np.flatnonzero(slope.ravel() >= 0), np.flatnonzero(slope.ravel() < 0)
        order = np.concatenate([rising, falling])
        scale = slope.ravel()[falling]
        kernel = np.concatenate([kernel[..., order], kernel[..., falling] * scale], axis=-1)
        bias = np.concatenate([bias[order], bias[falling] * scale])
        padding = -len(bias) % CHANNEL_BLOCK
        self.conv(np.pad(kernel, [(0, 0)] * 3 + [(0, padding)]), np.pad(bias, (0, padding)))
        self.max_pool(size)
        counts = [len(rising), len(falling), len(falling), padding]
        parts = [count for count in counts if count]
        sizes = self.constant(parts, np.int64)
        self.last, x, s_x, *_ = self.node("Split", self.last, sizes, outputs=len(parts), axis=1)
        self.prelu(slope[..., rising])
        (larger,) = self.node("Max", x, s_x)
        (self.last,) = self.node("Concat", self.last, larger, axis=1)
        self.channel_order = order

    def flatten(self) -> None:
        (self.last,) = self.node("Flatten", self.last, axis=1)

    def dense(self, kernel: Array, bias: Array) -> None:
        (self.last,) = self.node("Gemm", self.last, self.constant(kernel), self.constant(bias))

    def serialize(self) -> bytes:
        self.nodes[-1].output[0] = self.output.name
        graph = helper.make_graph(
            self.nodes, self.name, [self.input], [self.output], initializer=self.weights
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
        model.ir_version = IR_VERSION
        model.producer_name = "mtcnn-rt"
        onnx.checker.check_model(model, full_check=True)
        return model.SerializeToString(deterministic=True)


def fold_normalisation(kernel: Array, bias: Array) -> tuple[Array, Array]:
    """The convolution of x that equals `kernel` over (x - 127.5) / 128."""
    exact = kernel.astype(np.float64) / 128
    return exact.astype(np.float32), (bias - 127.5 * exact.sum(axis=(0, 1, 2))).astype(np.float32)


def merge_heads(*heads: tuple[Array, Array]) -> tuple[Array, Array]:
    """Layers over the same input as one: outputs side by side."""
    kernels, biases = zip(*heads, strict=True)
    return np.concatenate(kernels, axis=-1), np.concatenate(biases)


def face_logit(kernel: Array, bias: Array) -> tuple[Array, Array]:
    """softmax([a, b])[1] = sigmoid(b - a)."""
    return kernel[..., 1:] - kernel[..., :1], bias[1:] - bias[:1]


def channels_first(kernel: Array, height: int, width: int) -> Array:
    """Rows of a dense layer from the authors' order (width, height, channel) to ONNX's Flatten of
    (channel, height, width). Their framework stores images column by column."""
    rows = kernel.reshape(width, height, -1, kernel.shape[1])
    return rows.transpose(2, 1, 0, 3).reshape(kernel.shape)


def interleave_landmarks(kernel: Array, bias: Array) -> tuple[Array, Array]:
    """From x1..x5 y1..y5 to x1 y1 ... x5 y5."""
    order = np.arange(10).reshape(2, 5).T.ravel()
    return kernel[:, order], bias[order]


def pnet(weights: list[Array]) -> bytes:
    """Proposal network: (1, 3, H, W) -> (1, 5, ceil((H - 2) / 2) - 4, ceil((W - 2) / 2) - 4)."""
    k1, b1, s1, k2, b2, s2, k3, b3, s3, box_k, box_b, face_k, face_b = weights
    graph = Graph("P-Net", [1, 3, "height", "width"], [1, 5, "rows", "columns"])
    graph.max_pool_of_prelu(*fold_normalisation(k1, b1), s1, size=2)
    graph.conv(k2, b2)
    graph.prelu(s2)
    graph.conv(k3, b3)
    graph.prelu(s3)
    graph.conv(*merge_heads(face_logit(face_k, face_b), (box_k, box_b)))
    return graph.serialize()


def rnet(weights: list[Array]) -> bytes:
    """Refinement network: (N, 3, 24, 24) -> (N, 5)."""
    k1, b1, s1, k2, b2, s2, k3, b3, s3, k4, b4, s4, box_k, box_b, face_k, face_b = weights
    graph = Graph("R-Net", ["crops", 3, 24, 24], ["crops", 5])
    graph.max_pool_of_prelu(*fold_normalisation(k1, b1), s1, size=3)
    graph.conv(k2, b2)
    graph.prelu(s2)
    graph.max_pool(3)
    graph.conv(k3, b3)
    graph.prelu(s3)
    graph.flatten()
    graph.dense(channels_first(k4, 3, 3), b4)
    graph.prelu(s4)
    graph.dense(*merge_heads(face_logit(face_k, face_b), (box_k, box_b)))
    return graph.serialize()


def onet(weights: list[Array]) -> bytes:
    """Output network: (N, 3, 48, 48) -> (N, 15)."""
    k1, b1, s1, k2, b2, s2, k3, b3, s3, k4, b4, s4, k5, b5, s5, *heads = weights
    box_k, box_b, points_k, points_b, face_k, face_b = heads
    graph = Graph("O-Net", ["crops", 3, 48, 48], ["crops", 15])
    graph.max_pool_of_prelu(*fold_normalisation(k1, b1), s1, size=3)
    graph.conv(k2, b2)
    graph.prelu(s2)
    graph.max_pool(3)
    graph.conv(k3, b3)
    graph.prelu(s3)
    graph.max_pool(2)
    graph.conv(k4, b4)
    graph.prelu(s4)
    graph.flatten()
    graph.dense(channels_first(k5, 3, 3), b5)
    graph.prelu(s5)
    graph.dense(
        *merge_heads(
            face_logit(face_k, face_b),
            (box_k, box_b),
            interleave_landmarks(points_k, points_b),
        )
    )
    return graph.serialize()
