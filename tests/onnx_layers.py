"""The layers of a packaged ONNX graph: (kernel OIHW, bias, PReLU slopes or None) each."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import numpy_helper


def convolutions(content: bytes):
    """Those of a graph of models/networks.py, with the pooling before the first PReLU undone."""
    graph = onnx.load_from_string(content).graph
    weights = {w.name: numpy_helper.to_array(w) for w in graph.initializer}
    layers = []
    for node in graph.node:
        parameters = [weights[name] for name in node.input if name in weights]
        if node.op_type == "Conv":
            layers.append((*parameters, None))
        elif node.op_type == "Split":
            sizes = parameters[0]
        elif node.op_type == "PRelu":
            kernel, bias, _ = layers[-1]
            layers[-1] = (kernel, bias, parameters[0].ravel())
    return [_unsplit(*layers[0], *sizes[:2]), *layers[1:]]


def _unsplit(kernel, bias, rising_slopes, rising, falling):
    """The channels are: those that rise, those that fall, those again times their slope, nothing.

    They stay in that order, which is also the next layer's."""
    channels = np.concatenate([kernel.reshape(len(kernel), -1), bias[:, np.newaxis]], axis=1)
    plain, scaled = np.split(channels[rising : rising + 2 * falling], 2)
    falling_slopes = (scaled * plain).sum(axis=1) / (plain * plain).sum(axis=1)
    slopes = np.concatenate([rising_slopes, falling_slopes])
    return kernel[: len(slopes)], bias[: len(slopes)], slopes
