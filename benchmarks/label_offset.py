"""Measures how far landmark annotations are from the convention of the published networks.

    python -m benchmarks.label_offset train.jsonl --out shifted.jsonl

Data sets differ in the place of an eye by more than the error of a trained network. Prints the
median offset of the published networks' landmarks from the annotated ones, a row a point, in
spreads of the five points. --out writes the annotations (JSON lines, an image of one face each)
moved by the mean of these offsets, for a training that starts from the published networks and is to
keep their convention.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.command_line import new_parser
from mtcnn_rt import LANDMARKS, MTCNN
from mtcnn_rt.annotations import Annotated, read_annotations
from mtcnn_rt.evaluation.landmarks import detect_enlarged

SIZE, MIN_FACE_SIZE = 240, 60  # as in MTFL's protocol
FARTHEST = 1.0
"""Spreads between the centers of a face and of its annotation, at most."""


def main() -> None:
    """Prints the offsets and writes the moved annotations."""
    parser = new_parser("label_offset", __doc__)
    parser.add_argument("annotations", type=Path, help="annotations as JSON lines")
    parser.add_argument("--out", type=Path, help="new file for the moved annotations")
    parser.add_argument(
        "--images",
        type=int,
        default=2000,
        help="largest number of images to use; default: %(default)s",
    )
    parser.add_argument("--threads", type=int, default=1, help="threads; default: %(default)s")
    arguments = parser.parse_args()
    images = read_annotations(arguments.annotations).images
    step = max(1, len(images) // arguments.images)
    published = MTCNN(MIN_FACE_SIZE, threads=arguments.threads, model="published")
    offsets = measured(images[::step], published)
    medians = np.median(offsets, axis=0)
    for name, (x, y) in zip(LANDMARKS, medians, strict=True):
        print(f"{name:12} x {x:+.3f} y {y:+.3f}")
    print(f"{'mean':12} x {medians[:, 0].mean():+.3f} y {medians[:, 1].mean():+.3f}")
    if arguments.out:
        lines = arguments.annotations.read_text(encoding="utf-8").splitlines()
        text = "".join(moved(line, medians.mean(axis=0)) + "\n" for line in lines)
        with arguments.out.open("x", encoding="utf-8") as file:
            file.write(text)


def measured(images: list[Annotated], detector: MTCNN) -> NDArray[np.float64]:
    """Measures the offsets of the landmarks that a detector finds from the annotated ones.

    Args:
        images: Annotated images of one face each.
        detector: The detector.

    Returns:
        Offsets in spreads, (N, 5, 2), without the faces that are not found.
    """
    offsets = []
    for image in images:
        [truth] = image.landmarks
        faces = detect_enlarged(image.read(), SIZE, detector.detect)
        moves = (faces.landmarks - truth) / spread(truth)
        distances = np.linalg.norm(moves.mean(axis=1), axis=1)
        if distances.min(initial=np.inf) < FARTHEST:
            offsets.append(moves[distances.argmin()])
    return np.array(offsets, np.float64)


def spread(points: NDArray[np.floating]) -> float:
    """Returns the root of the mean squared distance of points (5, 2) from their center."""
    return float(np.sqrt(((points - points.mean(axis=0)) ** 2).sum(axis=1).mean()))


def moved(line: str, offset: NDArray[np.float64]) -> str:
    """Moves the landmarks in a line of JSON by an offset in spreads."""
    described = json.loads(line)
    points = np.array(described["landmarks"], np.float64)
    described["landmarks"] = np.round(points + spread(points) * offset, 3).tolist()
    return json.dumps(described)


if __name__ == "__main__":
    main()
