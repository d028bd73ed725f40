"""Draws annotated images with faces, for the tests of the training."""

import json
from pathlib import Path

import cv2
import numpy as np

FACE = [[0.3, 0.35], [0.7, 0.35], [0.5, 0.55], [0.35, 0.75], [0.65, 0.75]]
"""Landmarks of a drawn face, in sides of its box."""


def draw_face(image: np.ndarray, left: int, top: int, side: int) -> None:
    """Draws a pale disc with dark eyes and mouth, which is easy to learn and to find."""
    for x, y, radius, color in (
        (0.5, 0.5, 0.5, (190, 210, 235)),
        *((x, y, 0.09, (20, 20, 20)) for x, y in FACE[:2]),
        (*FACE[2], 0.06, (60, 60, 200)),
        *((x, y, 0.08, (30, 30, 120)) for x, y in FACE[3:]),
    ):
        center = (round(left + x * side), round(top + y * side))
        cv2.circle(image, center, max(1, round(radius * side)), color, -1)


def draw_image(rng: np.random.Generator) -> tuple[np.ndarray, list[list[int]]]:
    """Draws two faces before a noisy wall, (96, 128, 3); returns it and their boxes x y side."""
    wall = rng.integers(0, 140, (12, 16, 3), np.uint8)
    image = cv2.resize(wall, (128, 96), interpolation=cv2.INTER_NEAREST)
    faces = []
    for column in range(2):
        side = int(rng.integers(26, 46))
        left = 64 * column + int(rng.integers(2, 62 - side))
        top = int(rng.integers(2, 94 - side))
        draw_face(image, left, top, side)
        faces.append([left, top, side])
    return image, faces


def write_drawn(folder: Path, count: int = 24) -> None:
    """Writes a data set of drawn images with boxes and landmarks, as JSON lines."""
    (folder / "images").mkdir()
    rng = np.random.default_rng(5)
    lines = []
    for number in range(count):
        image, faces = draw_image(rng)
        cv2.imwrite(str(folder / "images" / f"{number}.png"), image)
        boxes = [[left, top, side, side] for left, top, side in faces]
        landmarks = [
            [[left + side * x, top + side * y] for x, y in FACE] for left, top, side in faces
        ]
        lines.append({"image": f"{number}.png", "boxes": boxes, "landmarks": landmarks})
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "annotations.jsonl").write_text(text)
