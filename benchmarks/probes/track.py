"""Follows the faces of a video, and prints what it takes for each frame as JSON.

python -m benchmarks.probes.track VIDEO MIN_FACE_SIZE [spread]
"""

from __future__ import annotations

import json
import sys
import time

from mtcnn_rt import MTCNN
from mtcnn_rt.tracking import Tracker
from mtcnn_rt.video import FileSource


def main(video: str, min_face_size: str, spread: str = "") -> None:
    """Prints the seconds of each frame, and the processor seconds of all, of one thread."""
    detector = MTCNN(min_face_size=float(min_face_size), threads=1)
    tracker = Tracker(detector, spread=bool(spread))
    seconds, processor = [], 0.0
    with FileSource(video) as source:
        for frame in source:
            start, busy = time.perf_counter(), time.thread_time()
            tracker.update(frame.content, frame.time)
            seconds.append(time.perf_counter() - start)
            processor += time.thread_time() - busy
    print(json.dumps({"seconds": seconds, "processor": processor}))


if __name__ == "__main__":
    main(*sys.argv[1:])
