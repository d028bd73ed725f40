"""mtcnn-rt with the networks of its C++ core."""

from __future__ import annotations

from typing import Any

from mtcnn_rt import _native
from mtcnn_rt.comparison.peers import Detect
from mtcnn_rt.comparison.peers.cascade import with_engine
from mtcnn_rt.engines.arrays import Networks
from mtcnn_rt.model import load_model

MODULES = ("mtcnn_rt",)


def load(min_face_size: float, threads: int) -> Detect:
    """Build the detector."""
    return with_engine("native", min_face_size, threads)


def networks(threads: int) -> Networks:
    """The networks alone; they run in the thread that calls them, whatever `threads`."""
    return NativeNetworks()


class NativeNetworks:
    """The C++ core's networks as functions of arrays. propose: P-Net from an image to candidates,
    as `_native.Engine.propose`."""

    def __init__(self, precision: str = "float32") -> None:
        core: Any = _native
        networks = load_model().networks
        pnet, rnet, onet = (network.layers for network in networks.values())
        how = networks["pnet"].statistics, precision == "int16"
        self.propose = core.Engine(pnet, rnet, onet, 1, *how).propose
        self.pnet = core.PNet(pnet, *how).cells
        self.rnet = core.RNet(rnet).run
        self.onet = core.ONet(onet).run
