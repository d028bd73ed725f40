"""Measures accuracy on the face mask photographs: average precision at IoU 0.5.

    python -m benchmarks.accuracy --detector mtcnn-rt:native

Prints a Markdown table. The figures depend on the counting, so any peer can run through the same
code: `--detector facenet-pytorch` gives the figures in the README of the data.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from benchmarks.compare.peers import NATIVE, PEERS
from mtcnn_rt._comparison.peer import Detect
from mtcnn_rt._defaults import MIN_FACE_SIZE
from mtcnn_rt.annotations import Annotated, read_annotations
from mtcnn_rt.evaluation.average_precision import JudgedImage, average_precision, judged_image

DEFAULT_DATA = Path(__file__).resolve().parents[1] / "../shared/data/facemask"
LABELS = {"all labels": None, "`no_mask` only": "no_mask", "`mask` only": "mask"}
SPLITS = {"all": None, "test": "test"}


def main() -> None:
    """Detects in all photographs and prints the table."""
    arguments = parse_arguments()
    try:
        detect = PEERS.load(arguments.detector, arguments.min_face_size, arguments.threads)
    except ImportError as error:
        sys.exit(f"{arguments.detector} cannot be loaded: {error}")
    images = read_annotations(arguments.data).images
    judged = [evaluate(image, detect) for image in progress(images)]
    print(f"{arguments.detector}, min_face_size {arguments.min_face_size}: ", end="")
    print(f"AP (recall) at IoU 0.5, boxes >= {arguments.min_height:g} px high\n")
    print(table(images, judged, arguments.min_height))


def parse_arguments() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.accuracy",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--detector",
        choices=PEERS.names,
        default=NATIVE,
        metavar="NAME",
        help=f"detector to measure: {', '.join(PEERS.names)}; default: %(default)s",
    )
    parser.add_argument(
        "--min-face-size",
        type=int,
        default=MIN_FACE_SIZE,
        help="smallest face to find, in pixels; default: %(default)s",
    )
    parser.add_argument(
        "--min-height",
        type=float,
        default=20.0,
        help="height in pixels from which a box counts; default: %(default)g",
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
    return parser.parse_args()


def evaluate(annotated: Annotated, detect: Detect) -> JudgedImage:
    """Runs the detector on one photograph."""
    return judged_image(annotated, *detect(annotated.read()))


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


def progress(images: list[Annotated]) -> Iterable[Annotated]:
    """Counts the photographs on standard error where that is a terminal."""
    for done, image in enumerate(images, start=1):
        yield image
        if sys.stderr.isatty():
            end = "\n" if done == len(images) else "\r"
            print(f"{done}/{len(images)}", end=end, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
