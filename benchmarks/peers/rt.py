"""mtcnn-rt, the package of this repository."""

from __future__ import annotations

from benchmarks.peers import SCALE_FACTOR, THRESHOLDS, Detect, Detections, Image

MODULES = ("mtcnn_rt", "onnxruntime")


def load(min_face_size: int, threads: int) -> Detect:
    """Build the detector with the shipped model and the default engine."""
    from mtcnn_rt import MTCNN

    detector = MTCNN(
        min_face_size=min_face_size,
        scale_factor=SCALE_FACTOR,
        thresholds=THRESHOLDS,
        threads=threads,
    )

    def detect(image_bgr: Image) -> Detections:
        faces = detector.detect(image_bgr, color="bgr")
        return faces.boxes, faces.scores

    return detect
