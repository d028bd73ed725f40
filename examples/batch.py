"""Finds the faces of many photos at once, a few in each batch.

R-Net and O-Net take the crops of all images of a batch together.

python examples/batch.py one.jpg two.jpg three.jpg
"""

import argparse
import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

import sample

from mtcnn_rt import MTCNN


def batches(paths: Iterable[Path], size: int) -> Iterator[list[Path]]:
    """Yields lists of up to `size` paths."""
    remaining = iter(paths)
    while batch := list(itertools.islice(remaining, size)):
        yield batch


def main() -> None:
    """Parses the arguments and runs the example."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path, nargs="*", help="photos; without, the sample's")
    parser.add_argument("--size", type=int, default=4, help="images in one batch")
    options = parser.parse_args()
    photos = options.photos or sorted(sample.photos(count=5).iterdir())

    detector = MTCNN()
    total = 0
    for batch in batches(photos, options.size):
        results = detector.detect_batch(batch)  # paths, arrays or PIL images of any sizes
        for path, faces in zip(batch, results, strict=True):
            print(f"{path.name}: {len(faces)} faces")
            total += len(faces)
    print(f"{total} faces in {len(photos)} photos")


if __name__ == "__main__":
    main()
