"""Cuts the faces out of photos, turned upright, as face recognition networks expect them.

python examples/crops_for_recognition.py one.jpg two.jpg --out crops
"""

import argparse
from pathlib import Path

import numpy as np
import sample

from mtcnn_rt import MTCNN
from mtcnn_rt.align import crops
from mtcnn_rt.images import read_image, write_image


def main() -> None:
    """Parses the arguments and runs the example."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path, nargs="*", help="photos; without, the sample's")
    parser.add_argument("--out", type=Path, default=Path("crops"))
    options = parser.parse_args()

    detector = MTCNN(min_face_size=40)
    for path in options.photos or [sample.photo()]:
        image = read_image(path)
        faces = detector.detect(image)
        aligned = crops(image, faces.landmarks)  # (N, 112, 112, 3) uint8 BGR
        for number, crop in enumerate(aligned, start=1):
            write_image(options.out / f"{path.stem}-{number}.png", crop, overwrite=True)

        # What ArcFace and similar networks take: (N, 3, 112, 112) float32 RGB, -1 to 1.
        batch = (aligned[..., ::-1].transpose(0, 3, 1, 2).astype(np.float32) - 127.5) / 127.5
        print(f"{path.name}: batch {batch.shape}, {batch.min():.2f} to {batch.max():.2f}")


if __name__ == "__main__":
    main()
