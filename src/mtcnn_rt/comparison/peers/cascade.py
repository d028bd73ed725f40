"""This package's cascade as a peer, with one of its own engines or another library's networks."""

from __future__ import annotations

from dataclasses import replace

from mtcnn_rt import MTCNN
from mtcnn_rt._defaults import EngineName, Precision
from mtcnn_rt.comparison.peers import SCALE_FACTOR, THRESHOLDS, Detect, Detections, Pixels
from mtcnn_rt.engines.arrays import ArrayEngine, Networks


def with_engine(
    engine: EngineName, min_face_size: float, threads: int, precision: Precision = "float32"
) -> Detect:
    """The published model in the engine of this name."""
    return _detect(_cascade(engine, min_face_size, threads, precision))


def with_networks(name: str, networks: Networks, min_face_size: float) -> Detect:
    """The same cascade, in which `networks` look."""
    detector = _cascade("onnxruntime", min_face_size, threads=1)
    engine = ArrayEngine(name, ["cpu"], networks)
    detector._cascade = replace(detector._cascade, engine=engine)
    return _detect(detector)


def _cascade(
    engine: EngineName, min_face_size: float, threads: int, precision: Precision = "float32"
) -> MTCNN:
    return MTCNN(
        min_face_size=min_face_size,
        scale_factor=SCALE_FACTOR,
        thresholds=THRESHOLDS,
        threads=threads,
        engine=engine,
        precision=precision,
    )


def _detect(detector: MTCNN) -> Detect:
    def detect(image_bgr: Pixels) -> Detections:
        faces = detector.detect(image_bgr, color="bgr")
        return faces.boxes, faces.scores

    return detect
