"""Following faces instead of searching every frame: what it saves and what it misses.

    python -m benchmarks.tracking

A Markdown table. Throughput is that of detection alone, on frames decoded before, of a video in
which people come and go; identities are counted on the clip that comes with mtcnn-rt, where it is
known which face is where.
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

from benchmarks.images import resize
from mtcnn_rt import MTCNN, Faces
from mtcnn_rt._boxes import Boxes, overlaps
from mtcnn_rt.comparison.agreement import count_matches
from mtcnn_rt.comparison.machine import describe, heading
from mtcnn_rt.comparison.peers import Image
from mtcnn_rt.tracking import Tracked, Tracker
from tools.make_sample_clip import tracks

DEFAULT_VIDEO = Path(__file__).resolve().parents[1] / "../shared/media/video.mp4"
SIZE = (1280, 720)
MIN_IOU = 0.5


@dataclass(frozen=True)
class Frame:
    """A decoded frame and its time in seconds."""

    image: Image
    time: float


@dataclass(frozen=True)
class TrackingResult:
    """What is known for one smallest face size. Frames a second, medians of the rounds; ratio: the
    median of the rounds' ratios."""

    min_face_size: int
    full_rate: float
    tracking_rate: float
    ratio: float
    searched: float
    kept: float
    added: float
    switches: int
    missing: float


def main() -> None:
    """Measure every smallest face size and print the table."""
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
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.tracking",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--video", type=Path, default=DEFAULT_VIDEO, help="beside the repository by default")
    add("--min-face-sizes", type=int, nargs="+", default=[40, 20], metavar="PX")
    add("--rounds", type=int, default=5)
    return parser.parse_args()


def read_video(path: Path, size: tuple[int, int] | None = None) -> list[Frame]:
    """All frames, resized by area averaging to (width, height) where that is given."""
    frames = []
    with av.open(str(path)) as container:
        for picture in container.decode(video=0):
            image = picture.to_ndarray(format="bgr24")
            image = resize(image, *size) if size else image
            frames.append(Frame(image, float(picture.time)))
    return frames


def measure(
    min_face_size: int, video: Sequence[Frame], sample: Sequence[Frame], rounds: int
) -> TrackingResult:
    """Both ways through the video, in turn, so that a drift of the machine hits both."""
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
    return TrackingResult(
        min_face_size=min_face_size,
        full_rate=len(video) / statistics.median(full_seconds),
        tracking_rate=len(video) / statistics.median(tracking_seconds),
        ratio=statistics.median(ratios),
        searched=tracker.full_detections / len(video),
        kept=kept / faces,
        added=(sum(len(one.faces) for one in tracked) - kept) / faces,
        switches=switches,
        missing=missing,
    )


def search(detector: MTCNN, frames: Sequence[Frame]) -> list[Faces]:
    """A full detection on every frame."""
    return [detector.detect(frame.image) for frame in frames]


def follow(tracker: Tracker, frames: Sequence[Frame]) -> list[Tracked]:
    """The tracker's way."""
    return [tracker.update(frame.image, frame.time) for frame in frames]


def compare_identities(truth: Boxes, tracked: Sequence[Tracked]) -> tuple[int, float]:
    """How often a face changes its id, and the share of the faces that are not found.

    truth: where the faces are, (frames, faces, 4)."""
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


def table(results: Sequence[TrackingResult]) -> str:
    """A row for each smallest face size."""
    header = ["min face", "every frame, fps", "tracker, fps", "ratio", "frames searched"]
    header += [f"faces kept (IoU {MIN_IOU})", "others", "id switches, clip", "faces missed, clip"]
    rows = [
        [
            str(one.min_face_size),
            f"{one.full_rate:.1f}",
            f"{one.tracking_rate:.1f}",
            f"{one.ratio:.2f}",
            f"{one.searched:.0%}",
            f"{one.kept:.1%}",
            f"{one.added:.1%}",
            str(one.switches),
            f"{one.missing:.1%}",
        ]
        for one in results
    ]
    return "\n".join(
        "| " + " | ".join(row) + " |" for row in [header, ["---"] * len(header), *rows]
    )


if __name__ == "__main__":
    main()
