"""Finds the faces in a photo, prints them and writes an annotated copy.

python examples/faces_in_a_photo.py photo.jpg --out annotated.png
"""

import argparse
from pathlib import Path

import sample

from mtcnn_rt import LANDMARKS, MTCNN
from mtcnn_rt.drawing.overlay import draw
from mtcnn_rt.images import read_image, write_image


def main() -> None:
    """Parses the arguments and runs the example."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photo", type=Path, nargs="?", help="a photo; without, the sample's")
    parser.add_argument("--out", type=Path, default=Path("annotated.png"))
    options = parser.parse_args()

    image = read_image(options.photo or sample.photo())
    faces = MTCNN().detect(image)
    for face in faces:
        box = face.boxes[0].round().astype(int).tolist()  # x1 y1 x2 y2
        x, y = face.landmarks[0][LANDMARKS.index("left_eye")]
        print(f"score {face.scores[0]:.3f}, box {box}, left eye {x:.1f} {y:.1f}")
    print(f"{len(faces)} faces")

    draw(image, faces)
    write_image(options.out, image, overwrite=True)


if __name__ == "__main__":
    main()
