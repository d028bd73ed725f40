"""Adapts mtcnn-rt with ONNX Runtime."""

from __future__ import annotations

from mtcnn_rt._comparison.cascade import as_detect, new_detector
from mtcnn_rt._comparison.peer import Detect

MODULES = ("mtcnn_rt", "onnxruntime")


def load(min_face_size: float, threads: int) -> Detect:
    """Builds the detector; see `Peer.load`."""
    return as_detect(new_detector("onnxruntime", min_face_size, threads))
