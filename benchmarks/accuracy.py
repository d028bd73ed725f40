"""Measures accuracy on the face mask photographs: average precision at IoU 0.5.

    python -m benchmarks.accuracy --detector mtcnn-rt:native
    python -m benchmarks.accuracy --peer yunet=FILE.onnx --peer scrfd=FILE.onnx

Prints a Markdown table for each detector. The figures depend on the counting, so any peer can run
through the same code: `--detector facenet-pytorch` gives the figures in the README of the data.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from benchmarks.command_line import new_parser
from benchmarks.compare.peers import NATIVE, PEERS
from mtcnn_rt._arrays import Pixels
from mtcnn_rt._comparison.peer import Detect, Detections
from mtcnn_rt._comparison.single_shot.choice import (
    KINDS,
    SYNTAX,
    DetectFaces,
    parse_peer,
    unique_peers,
)
from mtcnn_rt._defaults import MIN_FACE_SIZE
from mtcnn_rt.annotations import Annotated, read_annotations
from mtcnn_rt.evaluation.average_precision import JudgedImage, average_precision, judged_image

T = TypeVar("T")

DEFAULT_DATA = Path(__file__).resolve().parents[1] / "../shared/data/facemask"
LABELS = {"all labels": None, "`no_mask` only": "no_mask", "`mask` only": "mask"}
SPLITS = {"all": None, "test": "test"}


def main() -> None:
    """Detects in all photographs and prints the table."""
    arguments = parse_arguments()
    detectors = load_or_exit(load, arguments)
    images = read_annotations(arguments.data).images
    judged: dict[str, list[JudgedImage]] = {title: [] for title in detectors}
    for image in progress(images):
        for title, detect in detectors.items():
            judged[title].append(evaluate(image, detect))
    for title, of_one in judged.items():
        print(f"{title}: AP (recall) at IoU 0.5, boxes >= {arguments.min_height:g} px high\n")
        print(f"{table(images, of_one, arguments.min_height)}\n")


def load_or_exit(load: Callable[[argparse.Namespace], T], arguments: argparse.Namespace) -> T:
    """Builds detectors from the command line; ends the program where one cannot be loaded."""
    try:
        return load(arguments)
    except (ImportError, OSError, ValueError) as error:
        sys.exit(f"cannot be loaded: {error}")


def load(arguments: argparse.Namespace) -> dict[str, Detect]:
    """Builds the detectors, by their titles. Without any, takes this package's."""
    names = arguments.detector or ([] if arguments.peer else [NATIVE])
    size, threads = arguments.min_face_size, arguments.threads
    detectors = {f"{name}, min_face_size {size}": PEERS.load(name, size, threads) for name in names}
    for peer in unique_peers(arguments.peer):
        file = "" if peer.path is None else f", {peer.path.name}"
        detectors[f"{peer.name}{file}"] = without_landmarks(peer.load(threads))
    return detectors


def without_landmarks(detect: DetectFaces) -> Detect:
    """Adapts a detector that returns faces."""

    def boxes_and_scores(image_bgr: Pixels) -> Detections:
        faces = detect(image_bgr)
        return faces.boxes, faces.scores

    return boxes_and_scores


def parse_arguments() -> argparse.Namespace:
    """Reads the command line."""
    parser = new_parser("accuracy", __doc__)
    parser.add_argument(
        "--detector",
        action="append",
        choices=PEERS.names,
        metavar="NAME",
        help=f"detector to measure, several: {', '.join(PEERS.names)}; default, without --peer: "
        f"{NATIVE}",
    )
    parser.add_argument(
        "--min-face-size",
        type=int,
        default=MIN_FACE_SIZE,
        help="smallest face to find, in pixels; default: %(default)s",
    )
    parser.add_argument(
        "--threads", type=int, default=os.cpu_count(), help="threads; default: every core"
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=DEFAULT_DATA,
        help="folder with annotations.jsonl and images/; default: shared/data/facemask beside the "
        "repository",
    )
    add_shared_options(parser)
    return parser.parse_args()


def add_shared_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options of all benchmarks that measure accuracy: other detectors, and counting."""
    parser.add_argument(
        "--peer",
        action="append",
        default=[],
        type=parse_peer,
        metavar=SYNTAX,
        help=f"another detector and its network file, several; KIND: {', '.join(KINDS)} (no file); "
        "with SIDE the longer side of every image is resized to so many pixels",
    )
    parser.add_argument(
        "--min-height",
        type=float,
        default=20.0,
        help="height in pixels from which a box counts; default: %(default)g",
    )


def evaluate(annotated: Annotated, detect: Detect) -> JudgedImage:
    """Runs the detector on one photograph."""
    return judged_image(annotated, *detect(annotated.read()))


def progress(images: Sequence[Annotated]) -> Iterator[Annotated]:
    """Counts the images on standard error where that is a terminal."""
    for done, image in enumerate(images, start=1):
        yield image
        if sys.stderr.isatty():
            end = "\n" if done == len(images) else "\r"
            print(f"{done}/{len(images)}", end=end, file=sys.stderr, flush=True)


def table(images: list[Annotated], judged: list[JudgedImage], min_height: float) -> str:
    """Writes a row for all photographs and one for the test split, a column for each label."""
    lines = ["| photos | " + " | ".join(LABELS) + " |", "|---|" + "---|" * len(LABELS)]
    pairs = list(zip(images, judged, strict=True))
    for name, split in SPLITS.items():
        chosen = [one for image, one in pairs if split in (None, image.split)]
        results = [average_precision(chosen, label, min_height) for label in LABELS.values()]
        cells = [f"{ap:.3f} ({recall:.3f})" for ap, recall in results]
        lines.append(f"| {name} {len(chosen)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
