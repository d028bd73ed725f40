"""mtcnn-rt with the networks of its C++ core, P-Net in integers."""

from __future__ import annotations

from mtcnn_rt.comparison.peers import Detect
from mtcnn_rt.comparison.peers.cascade import with_engine
from mtcnn_rt.comparison.peers.rt_native import NativeNetworks
from mtcnn_rt.engines.arrays import Networks

MODULES = ("mtcnn_rt",)


def load(min_face_size: float, threads: int) -> Detect:
    """Build the detector."""
    return with_engine("native", min_face_size, threads, "int16")


def networks(threads: int) -> Networks:
    """The networks alone; they run in the thread that calls them, whatever `threads`."""
    return NativeNetworks("int16")
