"""facenet-pytorch: the same networks in PyTorch."""

from __future__ import annotations

import cv2

from mtcnn_rt.comparison.peers import (
    SCALE_FACTOR,
    THRESHOLDS,
    Detect,
    Detections,
    Pixels,
    detections,
)

MODULES = ("facenet_pytorch", "torch")


def load(min_face_size: float, threads: int) -> Detect:
    """Build the detector on the CPU; all faces are kept."""
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
        return detections(*detector.detect(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB)))

    return detect
