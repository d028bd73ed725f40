"""Allocations of the C++ core in a detection, on average of ten after the warm-up, without those
of the bindings, which hold arguments and results; with native/allocations.cpp preloaded.

python -m benchmarks.probes.allocations ENGINE PICTURE
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

from mtcnn_rt import MTCNN, _native
from mtcnn_rt.images import read_image

DETECTIONS = 10


def main(engine: str, picture: str) -> None:
    """One thread, so that none allocates a first time later than the warm-up."""
    image = read_image(Path(picture))
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
