"""Adapts mtcnn 1.x: the same networks in TensorFlow.

Version 1.0.0 computes the number of pyramid levels from the image alone. With a larger
min_face_size some levels are smaller than P-Net's window, and it raises an exception. The
comparison reports that failure.
"""

from __future__ import annotations

import os

import cv2

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._comparison.peer import Detect, Detections, as_detections
from mtcnn_rt._defaults import SCALE_FACTOR, THRESHOLDS

MODULES = ("mtcnn", "tensorflow")


def load(min_face_size: float, threads: int) -> Detect:
    """Builds the detector on the CPU; see `Peer.load`.

    TensorFlow reads the number of threads before its first operation.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import tensorflow as tf
    from mtcnn import MTCNN

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    detector = MTCNN(device="CPU:0")
    pnet, rnet, onet = THRESHOLDS

    def detect(image_bgr: Pixels) -> Detections:
        rows = detector.detect_faces(
            cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB),
            box_format="xyxy",
            output_type="numpy",
            min_face_size=min_face_size,
            scale_factor=SCALE_FACTOR,
            threshold_pnet=pnet,
            threshold_rnet=rnet,
            threshold_onet=onet,
        )
        return as_detections(rows[:, 1:5], rows[:, 5])

    return detect
