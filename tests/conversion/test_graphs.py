"""Compares the graphs with the layers run one by one in NumPy, for weights of any kind."""

import numpy as np
import onnxruntime
import pytest
from helpers.reference_networks import conv, max_pool, prelu

from mtcnn_rt.conversion.graphs import CHANNEL_BLOCK, GRAPHS

POOLING = {"pnet": [2], "rnet": [3, 3], "onet": [3, 3, 2]}
SIZES = {"pnet": (21, 26), "rnet": (24, 24), "onet": (48, 48)}


def run(graph, pixels):
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    return session.run(None, {"pixels": pixels[np.newaxis]})[0][0]


def reference(network, layers, pixels):
    """Runs a network in the paper's order: every PReLU right after its layer, then the pooling."""
    pooling = iter(POOLING[network])
    x = pixels.transpose(1, 2, 0).astype(np.float64)
    for layer in layers:
        if layer.kernel.ndim == 4:
            x = conv(x, layer.kernel.transpose(2, 3, 1, 0), layer.bias)
        else:
            x = x if x.ndim == 1 else x.transpose(2, 0, 1).ravel()
            x = layer.kernel.astype(np.float64) @ x + layer.bias
        if layer.slopes is not None:
            x = prelu(x, layer.slopes)
        if size := next(pooling, None):
            x = max_pool(x, size)
    return x if x.ndim == 1 else x.transpose(2, 0, 1)


def with_slopes(layers, slopes):
    return [layers[0]._replace(slopes=slopes.astype(np.float32)), *layers[1:]]


@pytest.mark.parametrize("network", GRAPHS)
@pytest.mark.parametrize(
    "slopes_of",
    [
        lambda given: given,
        lambda given: np.abs(given),  # no channel falls
        lambda given: -np.abs(given),  # all channels fall
        lambda given: np.where(np.arange(len(given)) == 3, -1.5, 0.25),
        lambda given: np.zeros_like(given),
    ],
)
def test_a_graph_computes_prelus_of_any_slopes(random_layers, network, slopes_of):
    layers = random_layers[network]
    layers = with_slopes(layers, slopes_of(layers[0].slopes))
    pixels = np.random.default_rng(4).integers(0, 256, (3, *SIZES[network])).astype(np.float32)
    expected = reference(network, layers, pixels)
    assert np.ptp(expected) > 0.1
    np.testing.assert_allclose(run(GRAPHS[network](layers), pixels), expected, atol=2e-5)


def test_a_first_layer_that_needs_no_padding(random_layers):
    """With 32 channels that never fall, there is nothing to split."""
    layers = random_layers["onet"]
    assert len(layers[0].slopes) % CHANNEL_BLOCK == 0
    graph = GRAPHS["onet"](with_slopes(layers, np.ones(32)))
    assert b"Split" not in graph
    assert b"Split" in GRAPHS["onet"](layers)


@pytest.mark.parametrize("network", GRAPHS)
def test_the_same_layers_give_the_same_bytes(random_layers, network):
    first, second = (GRAPHS[network](random_layers[network]) for _ in range(2))
    assert first == second
