"""Times non-maximum suppression of 100,000 random candidates.

python -m benchmarks.nms
"""

from __future__ import annotations

from statistics import median
from time import perf_counter

import numpy as np

from mtcnn_rt import _native

COUNT = 100_000
IMAGES = {"640x480": (640, 480), "1920x1080": (1920, 1080), "7680x4320": (7680, 4320)}


def main() -> None:
    """Prints a Markdown table of median milliseconds, for boxes of 20 to 200 pixels."""
    print(f"{COUNT:,} random candidates, instruction set {_native.isa()}\n")
    print("| image | IoU 0.5 | IoU 0.7 | 0.7 of the smaller |\n|---|---|---|---|")
    for name, size in IMAGES.items():
        cells = [
            milliseconds(size, 0.5),
            milliseconds(size, 0.7),
            milliseconds(size, 0.7, "smaller"),
        ]
        print(f"| {name} | " + " | ".join(f"{cell:.0f}" for cell in cells) + " |")


def milliseconds(size: tuple[int, int], threshold: float, over: str = "union") -> float:
    """Returns the median time of five calls.

    Args:
        size: The width and height of the image in pixels.
        threshold: The overlap from which a box is suppressed.
        over: "union" or "smaller": the area that the intersection is divided by.
    """
    random = np.random.default_rng(0)
    corners = random.uniform(0, 1, (COUNT, 2)) * size
    sides = random.uniform(20, 200, (COUNT, 1))
    boxes = np.hstack([corners, corners + sides]).astype(np.float32)
    scores = random.uniform(0, 1, COUNT).astype(np.float32)
    nms = _native.Nms()
    times = []
    for _ in range(5):
        start = perf_counter()
        nms(boxes, scores, threshold, over)
        times.append(1e3 * (perf_counter() - start))
    return median(times)


if __name__ == "__main__":
    main()
