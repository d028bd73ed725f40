"""Follows people through a clip and prints when each of them is seen.

python examples/follow_people.py clip.mp4
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import sample

from mtcnn_rt import MTCNN, Tracker, stream


@dataclass
class Visit:
    """Holds when a face was seen, in seconds, and in how many frames."""

    first: float
    last: float
    frames: int = 0


def main() -> None:
    """Parses the arguments and runs the example."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", type=Path, nargs="?", default=sample.CLIP)
    options = parser.parse_args()

    tracker = Tracker(MTCNN())
    visits: dict[int, Visit] = {}
    frames = 0
    for result in stream(options.clip, tracker):
        frames += 1
        for face_id in result.ids.tolist():
            visit = visits.setdefault(face_id, Visit(result.time, result.time))
            visit.last = result.time
            visit.frames += 1

    for face_id, visit in visits.items():
        print(f"id {face_id}: {visit.first:.2f} s to {visit.last:.2f} s, {visit.frames} frames")
    print(f"{len(visits)} people in {frames} frames, {tracker.full_detections} full detections")


if __name__ == "__main__":
    main()
