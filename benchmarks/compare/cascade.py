"""Runs this package's cascade with another library's networks."""

from __future__ import annotations

from dataclasses import replace

from mtcnn_rt._comparison.cascade import as_detect, new_detector
from mtcnn_rt._comparison.peer import Detect
from mtcnn_rt.engines.arrays import ArrayEngine, Networks


def with_networks(name: str, networks: Networks, min_face_size: float) -> Detect:
    """Builds a detector whose cascade runs the given networks.

    Args:
        name: The name of the library.
        networks: The networks.
        min_face_size: The smallest face to find, in pixels.

    Returns:
        A function from a BGR image to boxes and scores.
    """
    detector = new_detector("onnxruntime", min_face_size, threads=1)
    engine = ArrayEngine(name, ["cpu"], networks)
    detector._cascade = replace(detector._cascade, engine=engine)
    return as_detect(detector)
