"""The three networks (paper, figure 2) as PyTorch modules."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mtcnn_rt._layers import PIXEL_MEAN, PIXEL_SCALE

FACE, BOX, LANDMARKS = slice(0, 1), slice(1, 5), slice(5, 15)
"""Columns of an output: the face logit, the box regression, the landmarks x1 y1 ... x5 y5."""

MEAN_FACE = (0.3, 0.4, 0.7, 0.4, 0.5, 0.6, 0.35, 0.75, 0.65, 0.75)
"""Typical landmarks x1 y1 ... x5 y5, in sides of the crop."""

_OUTPUTS = {"face": 1, "box": 4, "landmarks": 10}
_SLOPE = 0.25  # of a PReLU before training


class Network(nn.Module):
    """Maps pixels (N, 3, size, size), planar RGB, 0 to 255, to outputs (N, 15).

    All three networks learn landmarks, as in the paper; detection uses only those of O-Net.

    Attributes:
        body: Maps normalized pixels to features.
        heads: Layers over these features: `face`, `box` and `landmarks`.
    """

    def __init__(self, body: nn.Sequential, heads: nn.ModuleDict) -> None:
        super().__init__()
        self.body, self.heads = body, heads
        _init_weights(body, heads)

    def forward(self, pixels: Tensor) -> Tensor:
        """Returns the outputs (N, 15), columns as in `FACE`, `BOX` and `LANDMARKS`."""
        features = self.body(normalize(pixels))
        return torch.cat([head(features) for head in self.heads.values()], dim=1).flatten(1)


def normalize(pixels: Tensor) -> Tensor:
    """Maps pixels from 0..255 to about -1..1, as the networks' bodies take them."""
    return (pixels - PIXEL_MEAN) / PIXEL_SCALE


def pnet() -> Network:
    """Returns a proposal network, 12 x 12, with random weights.

    It has no dense layer, so it slides over images of any size.
    """
    body = nn.Sequential(
        *_conv(3, 10, 3),
        _pool(2),
        *_conv(10, 16, 3),
        *_conv(16, 32, 3),
    )
    heads = {name: nn.Conv2d(32, outputs, 1) for name, outputs in _OUTPUTS.items()}
    return Network(body, nn.ModuleDict(heads))


def rnet() -> Network:
    """Returns a refinement network, 24 x 24, with random weights."""
    body = nn.Sequential(
        *_conv(3, 28, 3),
        _pool(3),
        *_conv(28, 48, 3),
        _pool(3),
        *_conv(48, 64, 2),
        *_dense(64 * 3 * 3, 128),
    )
    return Network(body, _dense_heads(128))


def onet() -> Network:
    """Returns an output network, 48 x 48, with random weights."""
    body = nn.Sequential(
        *_conv(3, 32, 3),
        _pool(3),
        *_conv(32, 64, 3),
        _pool(3),
        *_conv(64, 64, 3),
        _pool(2),
        *_conv(64, 128, 2),
        *_dense(128 * 3 * 3, 256),
    )
    return Network(body, _dense_heads(256))


NETWORKS = {"pnet": pnet, "rnet": rnet, "onet": onet}
"""Functions that return a network with random weights, in the order of the cascade."""


def _conv(inputs: int, outputs: int, size: int) -> tuple[nn.Module, ...]:
    return nn.Conv2d(inputs, outputs, size), nn.PReLU(outputs, _SLOPE)


def _dense(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    return nn.Flatten(), nn.Linear(inputs, outputs), nn.PReLU(outputs, _SLOPE)


def _dense_heads(inputs: int) -> nn.ModuleDict:
    return nn.ModuleDict({name: nn.Linear(inputs, outputs) for name, outputs in _OUTPUTS.items()})


def _pool(size: int) -> nn.MaxPool2d:
    return nn.MaxPool2d(size, stride=2, ceil_mode=True)  # the authors' framework rounds sizes up


def _init_weights(body: nn.Sequential, heads: nn.ModuleDict) -> None:
    """Sets random weights that keep the scale of the features from layer to layer (He et al. 2015).

    The heads start near the mean of what they will learn. Otherwise the loss of the landmarks, the
    largest by far, dominates the first steps, and O-Net may learn nothing else for long.
    """
    for module in body:
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight, a=_SLOPE)
            _set_bias(module, [0.0] * module.weight.shape[0])
    means = {"face": [0.0], "box": [0.0] * 4, "landmarks": list(MEAN_FACE)}
    for name, head in heads.items():
        assert isinstance(head, (nn.Conv2d, nn.Linear))
        nn.init.normal_(head.weight, std=0.001)
        _set_bias(head, means[name])


def _set_bias(layer: nn.Conv2d | nn.Linear, values: list[float]) -> None:
    assert layer.bias is not None
    with torch.no_grad():
        layer.bias.copy_(torch.tensor(values))
