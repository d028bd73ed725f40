"""Detects in several threads with the same detectors: the faces are always the same.

    python fuzz/native_threads.py --seconds 60

For ThreadSanitizer, which finds the races: `tools/sanitize.sh threads` runs it. Threads share
detectors that have threads of their own, and open and close others meanwhile.
"""

from __future__ import annotations

import argparse
import random
import sys
import threading
import time
from pathlib import Path

import av
import cv2

import mtcnn_rt
from mtcnn_rt import MTCNN
from mtcnn_rt._arrays import Pixels

SHARED = (1, 2, 3)
"""Threads of the detectors that all share."""
CALLERS = 4


def images() -> list[Pixels]:
    """Returns a frame with faces in several sizes."""
    with av.open(str(Path(mtcnn_rt.__file__).with_name("sample.mp4"))) as clip:
        frame = next(clip.decode(video=0)).to_ndarray(format="bgr24")
    return [cv2.resize(frame, size) for size in ((640, 360), (321, 181), (160, 90))]


def main() -> int:
    """Runs the command line; returns its exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60, help="duration")
    seconds = parser.parse_args().seconds
    given, shared = images(), [MTCNN(threads=threads) for threads in SHARED]
    with MTCNN(threads=1) as detector:
        expected = [detector.detect(image).boxes.tobytes() for image in given]
    end, counts, wrong = time.monotonic() + seconds, [0] * CALLERS, []

    def call(number: int) -> None:
        choose = random.Random(number)
        while time.monotonic() < end:
            which = choose.randrange(len(given))
            if choose.random() < 0.1:
                with MTCNN(threads=choose.choice(SHARED)) as own:
                    found = own.detect(given[which])
            else:
                found = choose.choice(shared).detect(given[which])
            if found.boxes.tobytes() != expected[which]:
                wrong.append(which)
            counts[number] += 1

    callers = [threading.Thread(target=call, args=(number,)) for number in range(CALLERS)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    for each in shared:
        each.close()
    print(f"{sum(counts)} detections, {len(wrong)} with other faces")
    return 1 if wrong or min(counts) == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
