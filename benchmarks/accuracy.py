"""Accuracy on the face mask photographs: average precision at IoU 0.5, as a Markdown table.

    python -m benchmarks.accuracy --detector mtcnn-rt

The figures stand or fall with the counting, so any peer can be put through the same code:
`--detector facenet-pytorch` gives the figures in the README of the data.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.average_precision import Photo, average_precision
from benchmarks.images import read_image
from mtcnn_rt.comparison import peers

DEFAULT_DATA = Path(__file__).resolve().parents[1] / "../shared/data/facemask"
LABELS = {"all labels": None, "`no_mask` only": "no_mask", "`mask` only": "mask"}
SPLITS = {"all": None, "test": "test"}


@dataclass(frozen=True)
class Entry:
    """A line of `annotations.jsonl`; boxes are x, y, width, height."""

    image: str
    size: tuple[int, int]
    boxes: list[list[float]]
    labels: list[str]
    split: str


def main() -> None:
    """Detect on all photographs and print the table."""
    arguments = parse_arguments()
    try:
        detect = peers.load(arguments.detector, arguments.min_face_size, arguments.threads)
    except ImportError as error:
        sys.exit(f"{arguments.detector} cannot be loaded: {error}")
    entries = read_entries(arguments.data)
    photos = [evaluate(entry, arguments.data, detect) for entry in progress(entries)]
    print(f"{arguments.detector}, min_face_size {arguments.min_face_size}: ", end="")
    print(f"AP (recall) at IoU 0.5, boxes >= {arguments.min_height:g} px high\n")
    print(table(entries, photos, arguments.min_height))


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


def read_entries(folder: Path) -> list[Entry]:
    """The annotations, in the order of the file."""
    lines = (folder / "annotations.jsonl").read_text(encoding="utf-8").splitlines()
    return [Entry(**json.loads(line)) for line in lines]


def evaluate(entry: Entry, folder: Path, detect: peers.Detect) -> Photo:
    """Run the detector on one photograph."""
    found, scores = detect(read_image(folder / "images" / entry.image))
    boxes = np.asarray(entry.boxes, np.float64).reshape(-1, 4)
    corners = np.hstack([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]])
    return Photo(corners, np.asarray(entry.labels, np.str_), found, scores)


def table(entries: list[Entry], photos: list[Photo], min_height: float) -> str:
    """A row for all photographs and one for the test split, a column for each label."""
    lines = ["| photos | " + " | ".join(LABELS) + " |", "|---|" + "---|" * len(LABELS)]
    pairs = list(zip(entries, photos, strict=True))
    for name, split in SPLITS.items():
        chosen = [photo for entry, photo in pairs if split in (None, entry.split)]
        results = [average_precision(chosen, label, min_height) for label in LABELS.values()]
        cells = [f"{ap:.3f} ({recall:.3f})" for ap, recall in results]
        lines.append(f"| {name} {len(chosen)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def progress(entries: list[Entry]) -> Iterable[Entry]:
    """Count the photographs on standard error when someone is watching."""
    for done, entry in enumerate(entries, start=1):
        yield entry
        if sys.stderr.isatty():
            end = "\n" if done == len(entries) else "\r"
            print(f"{done}/{len(entries)}", end=end, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
