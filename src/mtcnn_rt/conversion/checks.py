"""Checks that layers are those of the paper's networks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mtcnn_rt._layers import KERNELS, Layer


def check_layers(network: str, layers: Sequence[Layer]) -> None:
    """Checks the layers of a network.

    Args:
        network: "pnet", "rnet" or "onet".
        layers: Its layers.

    Raises:
        ValueError: A shape is not that of `KERNELS`, or a value is not finite.
    """
    kernels = tuple(layer.kernel.shape for layer in layers)
    if kernels != KERNELS[network]:
        raise ValueError(f"{network}: kernels have shapes {kernels}, not {KERNELS[network]}")
    for number, layer in enumerate(layers, start=1):
        outputs = layer.kernel.shape[:1]
        wanted = None if number == len(layers) else outputs
        slopes = None if layer.slopes is None else layer.slopes.shape
        if layer.bias.shape != outputs or slopes != wanted:
            raise ValueError(f"{network}: bias or slopes of layer {number} do not fit its kernel")
        if not all(np.isfinite(array).all() for array in layer if array is not None):
            raise ValueError(f"{network}: a weight of layer {number} is not finite")
