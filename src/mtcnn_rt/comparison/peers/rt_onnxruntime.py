"""mtcnn-rt with its networks in ONNX Runtime."""

from __future__ import annotations

from mtcnn_rt.comparison.peers import Detect
from mtcnn_rt.comparison.peers.cascade import with_engine
from mtcnn_rt.engines.arrays import Networks
from mtcnn_rt.model import load_model

MODULES = ("mtcnn_rt", "onnxruntime")


def load(min_face_size: float, threads: int) -> Detect:
    """Build the detector."""
    return with_engine("onnxruntime", min_face_size, threads)


def networks(threads: int) -> Networks:
    """The networks alone."""
    from mtcnn_rt.engines.onnx import OnnxNetworks

    return OnnxNetworks(load_model(), threads, ["cpu"])
