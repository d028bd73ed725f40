"""Finds the faces in all images below a folder and writes a row for each to a CSV file.

python examples/folder_to_csv.py photos/ --out faces.csv
"""

import argparse
import csv
import sys
from pathlib import Path

import sample

from mtcnn_rt import LANDMARKS, MTCNN

TYPES = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}


def main() -> None:
    """Parses the arguments and runs the example."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="photos; without, the sample's")
    parser.add_argument("--out", type=Path, default=Path("faces.csv"))
    options = parser.parse_args()
    folder = options.folder or sample.photos()

    detector = MTCNN()
    rows = 0
    with options.out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        points = [f"{name}_{axis}" for name in LANDMARKS for axis in "xy"]
        writer.writerow(["image", "x1", "y1", "x2", "y2", "score", *points])
        for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in TYPES):
            try:
                faces = detector.detect(path)
            except (OSError, ValueError) as error:
                print(f"skipped: {error}", file=sys.stderr)
                continue
            for face in faces.to_dicts():
                landmarks = [value for point in face["landmarks"].values() for value in point]
                row = [path.relative_to(folder), *face["box"], face["score"], *landmarks]
                writer.writerow(row)
                rows += 1
    print(f"{rows} faces in {options.out}")


if __name__ == "__main__":
    main()
