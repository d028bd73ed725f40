"""Converts between PyTorch modules and the plain layers of a model folder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from mtcnn_rt._arrays import Float32
from mtcnn_rt._layers import Layer, fold_normalization, unfold_normalization
from mtcnn_rt.training.networks import BOX, FACE, LANDMARKS, NETWORKS, Network

COLUMNS = {"face": FACE, "box": BOX, "landmarks": LANDMARKS}
"""Columns of each head in an output."""


def to_layers(name: str, network: Network) -> list[Layer]:
    """Converts a trained network to layers.

    The first layer includes the normalization of the pixels; the heads become one layer. The
    landmarks of P-Net and R-Net, which detection does not use, are left out.

    Args:
        name: "pnet", "rnet" or "onet".
        network: The network, on any device.

    Returns:
        The layers, with the shapes of `KERNELS`.
    """
    layers = [
        Layer(_array(layer.weight), _array(layer.bias), _array(prelu.weight))
        for layer, prelu in _body(network)
    ]
    layers[0] = fold_normalization(layers[0])
    heads = [_head(network, output) for output in _outputs(name)]
    kernel = np.concatenate([_array(head.weight) for head in heads])
    bias = np.concatenate([_array(head.bias) for head in heads])
    return [*layers, Layer(kernel, bias, None)]


def from_layers(name: str, layers: Sequence[Layer]) -> Network:
    """Converts the layers of a model folder to a network.

    Args:
        name: "pnet", "rnet" or "onet".
        layers: The layers. Those of P-Net and R-Net have no landmarks.

    Returns:
        The network; a head that the layers do not have gets random weights.
    """
    network = NETWORKS[name]()
    plain = [unfold_normalization(layers[0]), *layers[1:-1]]
    with torch.no_grad():
        for (layer, prelu), (kernel, bias, slopes) in zip(_body(network), plain, strict=True):
            _put(layer.weight, kernel)
            _put(layer.bias, bias)
            _put(prelu.weight, slopes)
        for output in _outputs(name):
            head = _head(network, output)
            _put(head.weight, layers[-1].kernel[COLUMNS[output]])
            _put(head.bias, layers[-1].bias[COLUMNS[output]])
    return network


def _outputs(name: str) -> list[str]:
    """Returns the heads that detection uses."""
    return list(COLUMNS) if name == "onet" else ["face", "box"]


def _head(network: Network, output: str) -> nn.Conv2d | nn.Linear:
    head = network.heads[output]
    assert isinstance(head, (nn.Conv2d, nn.Linear))
    return head


def _body(network: Network) -> list[tuple[nn.Conv2d | nn.Linear, nn.PReLU]]:
    """Returns the layers that have weights, each with the PReLU that follows it."""
    layers = [module for module in network.body if isinstance(module, (nn.Conv2d, nn.Linear))]
    prelus = [module for module in network.body if isinstance(module, nn.PReLU)]
    return list(zip(layers, prelus, strict=True))


def _array(tensor: Tensor | None) -> Float32:
    assert tensor is not None
    array: Float32 = tensor.detach().cpu().numpy().astype(np.float32)
    return np.ascontiguousarray(array)


def _put(tensor: Tensor | None, values: Float32 | None) -> None:
    assert tensor is not None
    assert values is not None
    tensor.copy_(torch.from_numpy(np.ascontiguousarray(values)))
