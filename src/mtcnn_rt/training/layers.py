"""Between PyTorch modules and the plain layers of a model folder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from mtcnn_rt._arrays import Float32
from mtcnn_rt._layers import Layer, fold_normalization, unfold_normalization
from mtcnn_rt.training.networks import BOX, FACE, LANDMARKS, NETWORKS, Network

COLUMNS = {"face": FACE, "box": BOX, "landmarks": LANDMARKS}


def to_layers(name: str, network: Network) -> list[Layer]:
    """The layers of a trained network: the normalization of the pixels goes into the first, the
    heads are one. P-Net's and R-Net's landmarks, which detection does not ask for, are left out."""
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
    """A network with the weights of a model folder; where this has no landmarks (P-Net, R-Net),
    their head has the weights of chance."""
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
    return list(COLUMNS) if name == "onet" else ["face", "box"]


def _head(network: Network, output: str) -> nn.Conv2d | nn.Linear:
    head = network.heads[output]
    assert isinstance(head, (nn.Conv2d, nn.Linear))
    return head


def _body(network: Network) -> list[tuple[nn.Conv2d | nn.Linear, nn.PReLU]]:
    """The layers with weights, each with the PReLU that follows it."""
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
