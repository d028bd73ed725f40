"""Compares following faces with full detections: the time saved, the faces missed.

    python -m benchmarks.tracking

Prints a Markdown table. Throughput is that of detection alone, on decoded frames of a video in
which people come and go. Ids are counted on the clip in the package, whose faces are known.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import av
import numpy as np

from benchmarks.command_line import add_numbers, add_video, new_parser
from benchmarks.images import resize
from benchmarks.machine import describe, heading
from mtcnn_rt import MTCNN, Faces
from mtcnn_rt._arrays import Boxes, Pixels
from mtcnn_rt._boxes import overlaps
from mtcnn_rt._comparison.agreement import count_matches
from mtcnn_rt.tracking import Tracked, Tracker
from tools.make_sample_clip import tracks

SIZE = (1280, 720)
MIN_IOU = 0.5


@dataclass(frozen=True)
class Frame:
    """Holds a decoded frame and its time in seconds."""

    image: Pixels
    time: float


@dataclass(frozen=True)
class TrackingSpeed:
    """Holds what is measured for one smallest face size.

    Attributes:
        min_face_size: The smallest face to find, in pixels.
        full_rate: Frames per second with a full detection in every frame, the median of the rounds.
        tracking_rate: Frames per second with the tracker, the median of the rounds.
        ratio: The median of the rounds' ratios of the two times.
        detected: The share of the frames in which the tracker ran a full detection.
        kept: The share of the faces of the full detection that the tracker has too.
        added: The tracker's other faces, as a share of the faces of the full detection.
        switches: How often a face of the packaged clip changes its id.
        missing: The share of the faces of the packaged clip that the tracker misses.
    """

    min_face_size: int
    full_rate: float
    tracking_rate: float
    ratio: float
    detected: float
    kept: float
    added: float
    switches: int
    missing: float


def main() -> None:
    """Measures every smallest face size and prints the table."""
    arguments = parse_arguments()
    video = read_video(arguments.video, SIZE)
    sample = read_video(Path(str(files("mtcnn_rt") / "sample.mp4")))
    print(heading(describe(["mtcnn_rt", "onnxruntime"])))
    print(
        f"\n{arguments.video.name}, {len(video)} frames of {SIZE[0]}x{SIZE[1]}, 1 thread, ", end=""
    )
    print(f"{arguments.rounds} rounds of both in turn\n")
    print(table([measure(n, video, sample, arguments.rounds) for n in arguments.min_face_sizes]))


def parse_arguments() -> argparse.Namespace:
    """Reads the command line."""
    parser = new_parser("tracking", __doc__)
    add_video(parser)
    add_numbers(parser, "--min-face-sizes", [40, 20], "PX", "smallest faces to find, in pixels")
    return parser.parse_args()


def read_video(path: Path, size: tuple[int, int] | None = None) -> list[Frame]:
    """Reads all frames, and resizes them to (width, height) where that is given."""
    frames = []
    with av.open(str(path)) as container:
        for decoded in container.decode(video=0):
            image = decoded.to_ndarray(format="bgr24")
            image = resize(image, *size) if size else image
            frames.append(Frame(image, float(decoded.time)))
    return frames


def measure(
    min_face_size: int, video: Sequence[Frame], sample: Sequence[Frame], rounds: int
) -> TrackingSpeed:
    """Measures both in turn, so that a drift of the machine affects both alike."""
    detector = MTCNN(min_face_size=min_face_size, threads=1)
    search(detector, video[:3])
    full_seconds, tracking_seconds = [], []
    for _ in range(rounds):
        start = time.perf_counter()
        found = search(detector, video)
        middle = time.perf_counter()
        tracker = Tracker(detector)
        tracked = follow(tracker, video)
        end = time.perf_counter()
        full_seconds.append(middle - start)
        tracking_seconds.append(end - middle)
    switches, missing = compare_identities(tracks(len(sample)), follow(Tracker(detector), sample))
    faces = sum(len(one) for one in found)
    kept = sum(
        count_matches(one.boxes, other.faces.boxes, MIN_IOU)
        for one, other in zip(found, tracked, strict=True)
    )
    ratios = [a / b for a, b in zip(full_seconds, tracking_seconds, strict=True)]
    return TrackingSpeed(
        min_face_size=min_face_size,
        full_rate=len(video) / statistics.median(full_seconds),
        tracking_rate=len(video) / statistics.median(tracking_seconds),
        ratio=statistics.median(ratios),
        detected=tracker.full_detections / len(video),
        kept=kept / faces,
        added=(sum(len(one.faces) for one in tracked) - kept) / faces,
        switches=switches,
        missing=missing,
    )


def search(detector: MTCNN, frames: Sequence[Frame]) -> list[Faces]:
    """Runs a full detection on every frame."""
    return [detector.detect(frame.image) for frame in frames]


def follow(tracker: Tracker, frames: Sequence[Frame]) -> list[Tracked]:
    """Runs the tracker on every frame."""
    return [tracker.update(frame.image, frame.time) for frame in frames]


def compare_identities(truth: Boxes, tracked: Sequence[Tracked]) -> tuple[int, float]:
    """Compares the tracker's ids with the known faces.

    Args:
        truth: The boxes of the faces, (frames, faces, 4).
        tracked: The tracker's faces in each frame.

    Returns:
        How often a face changes its id, and the share of the faces that are not found.
    """
    last: dict[int, int] = {}
    switches = missing = 0
    for boxes, one in zip(truth, tracked, strict=True):
        overlap = overlaps(boxes, one.faces.boxes)
        for face in range(len(boxes)):
            if overlap[face].max(initial=0) < MIN_IOU:
                missing += 1
                continue
            identity = int(one.ids[overlap[face].argmax()])
            switches += last.get(face, identity) != identity
            last[face] = identity
    return switches, missing / np.prod(truth.shape[:2]).item()


def table(speeds: Sequence[TrackingSpeed]) -> str:
    """Writes a row for each smallest face size."""
    header = ["min face", "every frame, fps", "tracker, fps", "ratio", "frames searched"]
    header += [f"faces kept (IoU {MIN_IOU})", "others", "id switches, clip", "faces missed, clip"]
    rows = [
        [
            str(one.min_face_size),
            f"{one.full_rate:.1f}",
            f"{one.tracking_rate:.1f}",
            f"{one.ratio:.2f}",
            f"{one.detected:.0%}",
            f"{one.kept:.1%}",
            f"{one.added:.1%}",
            str(one.switches),
            f"{one.missing:.1%}",
        ]
        for one in speeds
    ]
    return "\n".join(
        "| " + " | ".join(row) + " |" for row in [header, ["---"] * len(header), *rows]
    )


if __name__ == "__main__":
    main()
