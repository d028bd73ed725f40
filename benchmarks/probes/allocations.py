"""Counts the allocations of the C++ core in a detection, on average of ten after the warm-up.

    python -m benchmarks.probes.allocations ENGINE IMAGE

Allocations of the bindings, which hold arguments and results, do not count. Needs
native/allocations.cpp preloaded.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

from mtcnn_rt import MTCNN, _native
from mtcnn_rt.images import read_image

DETECTIONS = 10


def main(engine: str, image_file: str) -> None:
    """Detects with one thread, so that no other allocates for the first time after the warm-up."""
    image = read_image(Path(image_file))
    detector = MTCNN(engine=engine, threads=1)
    for _ in range(3):
        detector.detect(image)
    counter = ctypes.CDLL(None)
    counter.allocations.restype = ctypes.c_long
    if not counter.watch(_native.__file__.encode()):
        sys.exit(f"{_native.__file__} is not a loaded library")
    for _ in range(DETECTIONS):
        detector.detect(image)
    print(counter.allocations() / DETECTIONS)


if __name__ == "__main__":
    main(*sys.argv[1:])
