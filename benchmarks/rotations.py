"""Measures how many faces are found in turned photographs, with and without `rotations`.

    python -m benchmarks.rotations --images 150

Prints a Markdown table: recall at IoU 0.5, false positives and median milliseconds, for photographs
as they are and turned by 90, 180 and 270 degrees.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

from benchmarks.accuracy import DEFAULT_DATA, progress
from benchmarks.command_line import new_parser
from benchmarks.markdown import table
from mtcnn_rt import MTCNN
from mtcnn_rt._boxes import overlaps
from mtcnn_rt._defaults import ALL_ROTATIONS, MIN_FACE_SIZE, ROTATIONS
from mtcnn_rt._rotations import turned, turned_back
from mtcnn_rt.annotations import Annotated, read_annotations
from mtcnn_rt.faces import Faces
from mtcnn_rt.images import Image

HEADER = ("photographs turned by", "rotations", "recall", "false positives", "ms")


@dataclass(frozen=True)
class Found:
    """Counts what one detection found.

    Attributes:
        true: Number of annotated faces that were found.
        wrong: Number of faces found where none is annotated.
        seconds: Time of the detection.
    """

    true: int
    wrong: int
    seconds: float


def main() -> None:
    """Detects in all photographs and prints the table."""
    arguments = _arguments()
    images = list(read_annotations(arguments.data).images)
    chosen = images[:: max(1, len(images) // arguments.images)][: arguments.images]
    print(report(chosen, arguments.threads, arguments.min_face_size))


def report(images: Sequence[Annotated], threads: int | None, min_face_size: float) -> str:
    """Returns the table for these images."""
    detectors = {
        rotations: MTCNN(min_face_size, threads=threads, rotations=rotations)
        for rotations in (ROTATIONS, ALL_ROTATIONS)
    }
    found: dict[tuple[int, tuple[int, ...]], list[Found]] = {}
    for annotated in progress(images):
        image = Image(annotated.read(), bgr=True)
        for degrees in ALL_ROTATIONS:
            for rotations, detector in detectors.items():
                one = _search(annotated, image, degrees, detector)
                found.setdefault((degrees, rotations), []).append(one)
    faces = sum(int(_counted(annotated).sum()) for annotated in images)
    rows = (_row(*key, results, faces) for key, results in found.items())
    return f"{len(images)} photographs, {faces} faces\n\n{table(HEADER, rows)}"


def _arguments() -> Namespace:
    parser = new_parser("rotations", __doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help="annotated photographs")
    parser.add_argument("--images", type=int, default=150, help="default: %(default)s")
    parser.add_argument("--threads", type=int, help="threads; default: every core")
    parser.add_argument("--min-face-size", type=int, default=MIN_FACE_SIZE)
    return parser.parse_args()


def _search(annotated: Annotated, image: Image, degrees: int, detector: MTCNN) -> Found:
    """Detects in a turned image, and compares with the annotations."""
    pixels = turned(image, degrees).pixels
    start = perf_counter()
    faces = detector.detect(pixels)
    seconds = perf_counter() - start
    return _judged(annotated, turned_back(faces, degrees, image.size), seconds)


def _judged(annotated: Annotated, faces: Faces, seconds: float) -> Found:
    """Gives each annotated face to the best detection that overlaps it by half."""
    shares = overlaps(faces.boxes, annotated.boxes)
    taken: set[int] = set()
    true = wrong = 0
    counted = _counted(annotated)
    for row in shares:
        free = [i for i in np.argsort(-row).tolist() if row[i] >= 0.5 and i not in taken]
        if not free:
            wrong += 1
            continue
        taken.add(free[0])
        true += bool(counted[free[0]])
    return Found(true, wrong, seconds)


def _counted(annotated: Annotated) -> np.ndarray:
    """Returns a mask of the annotated faces that have to be found: those of 20 pixels or more."""
    boxes = annotated.boxes
    tall = boxes[:, 3] - boxes[:, 1] >= MIN_FACE_SIZE
    return np.asarray(tall & ~annotated.ignored)


def _row(
    degrees: int, rotations: Iterable[int], results: Sequence[Found], faces: int
) -> tuple[str, ...]:
    return (
        f"{degrees}°",
        ", ".join(map(str, rotations)),
        f"{sum(one.true for one in results) / faces:.3f}",
        str(sum(one.wrong for one in results)),
        f"{1e3 * median(one.seconds for one in results):.1f}",
    )


if __name__ == "__main__":
    main()
