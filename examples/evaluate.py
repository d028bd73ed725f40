"""Measures how good a detector is on annotated images: average precision and recall.

The annotations are in one of the formats that docs/guides/training.md lists. `mtcnn-rt evaluate
boxes` does the same, with plots and a report.

python examples/evaluate.py mydata/
"""

import argparse
import sys
from pathlib import Path

import sample

from mtcnn_rt import MTCNN
from mtcnn_rt.annotations.reading import read_annotations
from mtcnn_rt.evaluation.average_precision import average_precision, judged_image


def main() -> None:
    """Parses the arguments and runs the example."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", help="annotations; without, the sample's")
    parser.add_argument("--min-iou", type=float, default=0.5)
    options = parser.parse_args()

    annotations = read_annotations(options.data or sample.annotated())
    for problem in annotations.problems:
        print(problem, file=sys.stderr)
    images = annotations.images
    for size in (20, 80):
        detector = MTCNN(min_face_size=size)
        found = [detector.detect(image.read()) for image in images]
        photos = [judged_image(i, f.boxes, f.scores) for i, f in zip(images, found, strict=True)]
        precision, recall = average_precision(photos, min_iou=options.min_iou)
        print(f"min_face_size {size}: average precision {precision:.3f}, recall {recall:.3f}")


if __name__ == "__main__":
    main()
