"""Adapts mtcnn-rt with its C++ core, P-Net in integers."""

from __future__ import annotations

from mtcnn_rt._comparison.cascade import as_detect, new_detector
from mtcnn_rt._comparison.peer import Detect

MODULES = ("mtcnn_rt",)


def load(min_face_size: float, threads: int) -> Detect:
    """Builds the detector; see `Peer.load`."""
    return as_detect(new_detector("native", min_face_size, threads, "int16"))
