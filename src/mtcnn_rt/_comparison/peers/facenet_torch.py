"""Adapts facenet-pytorch: the same networks in PyTorch."""

from __future__ import annotations

import cv2

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._comparison.peer import Detect, Detections, as_detections
from mtcnn_rt._defaults import SCALE_FACTOR, THRESHOLDS

MODULES = ("facenet_pytorch", "torch")


def load(min_face_size: float, threads: int) -> Detect:
    """Builds the detector on the CPU, to keep all faces; see `Peer.load`."""
    import torch
    from facenet_pytorch import MTCNN

    torch.set_num_threads(threads)
    detector = MTCNN(
        keep_all=True,
        min_face_size=min_face_size,
        thresholds=list(THRESHOLDS),
        factor=SCALE_FACTOR,
        device="cpu",
    )

    def detect(image_bgr: Pixels) -> Detections:
        return as_detections(*detector.detect(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB)))

    return detect
