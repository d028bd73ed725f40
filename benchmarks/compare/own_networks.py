"""Runs the networks of this package's engines without the cascade."""

from __future__ import annotations

from typing import Any

from mtcnn_rt import _native
from mtcnn_rt._defaults import Precision
from mtcnn_rt.engines.arrays import Networks
from mtcnn_rt.model import load_model


def native(threads: int) -> Networks:
    """Returns the networks of the C++ core. They run in the calling thread, for any `threads`."""
    return NativeNetworks()


def int16(threads: int) -> Networks:
    """Returns the networks of the C++ core, P-Net in integers; see `native`."""
    return NativeNetworks("int16")


def onnxruntime(threads: int) -> Networks:
    """Returns the networks in ONNX Runtime, with `threads` threads each."""
    from mtcnn_rt.engines.onnx import OnnxNetworks

    return OnnxNetworks(load_model("published"), threads, ["cpu"])


class NativeNetworks:
    """Wraps the C++ core's networks as functions of arrays.

    Args:
        precision: The number type of P-Net.

    Attributes:
        propose: P-Net from an image to candidates, as `_native.Engine.propose`.
        pnet: See `Networks.pnet`.
        rnet: See `Networks.rnet`.
        onet: See `Networks.onet`.
    """

    def __init__(self, precision: Precision = "float32") -> None:
        core: Any = _native
        networks = load_model("published").networks
        pnet, rnet, onet = (network.layers for network in networks.values())
        options = networks["pnet"].statistics, precision == "int16"
        self.propose = core.Engine(pnet, rnet, onet, 1, *options).propose
        self.pnet = core.PNet(pnet, *options).cells
        self.rnet = core.RNet(rnet).run
        self.onet = core.ONet(onet).run
