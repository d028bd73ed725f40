"""Accuracy on the face mask photographs: average precision at IoU 0.5, as a Markdown table.

    python -m benchmarks.accuracy --detector mtcnn-rt

The figures stand or fall with the counting, so any peer can be put through the same code:
`--detector facenet-pytorch` gives the figures in the README of the data.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from mtcnn_rt.annotations import Annotated, read_annotations
from mtcnn_rt.comparison import peers
from mtcnn_rt.evaluation.average_precision import Photo, average_precision, photo_of

DEFAULT_DATA = Path(__file__).resolve().parents[1] / "../shared/data/facemask"
LABELS = {"all labels": None, "`no_mask` only": "no_mask", "`mask` only": "mask"}
SPLITS = {"all": None, "test": "test"}


def main() -> None:
    """Detect on all photographs and print the table."""
    arguments = parse_arguments()
    try:
        detect = peers.load(arguments.detector, arguments.min_face_size, arguments.threads)
    except ImportError as error:
        sys.exit(f"{arguments.detector} cannot be loaded: {error}")
    images = read_annotations(arguments.data).images
    photos = [evaluate(image, detect) for image in progress(images)]
    print(f"{arguments.detector}, min_face_size {arguments.min_face_size}: ", end="")
    print(f"AP (recall) at IoU 0.5, boxes >= {arguments.min_height:g} px high\n")
    print(table(images, photos, arguments.min_height))


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.accuracy",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--detector", choices=peers.NAMES, default=peers.OURS[0])
    parser.add_argument("--min-face-size", type=int, default=20)
    parser.add_argument("--min-height", type=float, default=20.0, help="of a box that counts")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument(
        "--data",
        type=Path,
        default=DEFAULT_DATA,
        help="folder with annotations.jsonl and images/ (beside the repository by default)",
    )
    return parser.parse_args()


def evaluate(annotated: Annotated, detect: peers.Detect) -> Photo:
    """Run the detector on one photograph."""
    return photo_of(annotated, *detect(annotated.read()))


def table(images: list[Annotated], photos: list[Photo], min_height: float) -> str:
    """A row for all photographs and one for the test split, a column for each label."""
    lines = ["| photos | " + " | ".join(LABELS) + " |", "|---|" + "---|" * len(LABELS)]
    pairs = list(zip(images, photos, strict=True))
    for name, split in SPLITS.items():
        chosen = [photo for image, photo in pairs if split in (None, image.split)]
        results = [average_precision(chosen, label, min_height) for label in LABELS.values()]
        cells = [f"{ap:.3f} ({recall:.3f})" for ap, recall in results]
        lines.append(f"| {name} {len(chosen)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def progress(images: list[Annotated]) -> Iterable[Annotated]:
    """Count the photographs on standard error when someone is watching."""
    for done, image in enumerate(images, start=1):
        yield image
        if sys.stderr.isatty():
            end = "\n" if done == len(images) else "\r"
            print(f"{done}/{len(images)}", end=end, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
