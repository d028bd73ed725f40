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
    """The C++ core's networks as functions of arrays."""

    def __init__(self) -> None:
        core: Any = _native
        layers = {name: network.layers for name, network in load_model().networks.items()}
        self.network = core.PNet(layers["pnet"])
        self.pnet = self.network.cells
        self.rnet = core.RNet(layers["rnet"]).run
        self.onet = core.ONet(layers["onet"]).run
