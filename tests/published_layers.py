"""The layers of a packaged ONNX graph as `_native.RNet` and `_native.ONet` take them: kernel, bias
and PReLU slopes or None, in the paper's order of layers.

The graphs pool before the first PReLU (`max_pool_of_prelu` in models/networks.py): their first
convolution gives the channels whose slope is not negative, those whose slope is, the latter again
times their slope, and padding. Here it gives every channel once, in that order."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import numpy_helper

from mtcnn_rt.model import load_model


def published_layers(network: str) -> list[tuple]:
    graph = onnx.load_from_string(load_model().networks[network].content).graph
    constants = {array.name: numpy_helper.to_array(array) for array in graph.initializer}
    layers: list[tuple] = []
    for node in graph.node:
        weights = [constants[name] for name in node.input if name in constants]
        if node.op_type == "Conv":
            layers.append((*weights, None))
        elif node.op_type == "Gemm":
            layers.append((weights[0].T.copy(), weights[1], None))
        elif node.op_type == "Split":
            counts = weights[0]
        elif node.op_type == "PRelu":
            layers[-1] = (*layers[-1][:2], weights[0].ravel())
    layers[0] = _paper_layer(*layers[0], counts)
    return layers


def _paper_layer(kernel, bias, rising_slopes, counts):
    rising, falling = counts[:2]
    outputs = rising + falling
    plain = kernel[rising:outputs].reshape(falling, -1)
    scaled = kernel[outputs : outputs + falling].reshape(falling, -1)
    falling_slopes = (scaled * plain).sum(axis=1) / (plain * plain).sum(axis=1)
    return kernel[:outputs], bias[:outputs], np.concatenate([rising_slopes, falling_slopes])
