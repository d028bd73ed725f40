"""The pictures that the benchmarks work on."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from mtcnn_rt.comparison.peers import Image

MULTIFACE = Path(__file__).resolve().parents[1] / "../shared/media/multiface.jpg"


def read_image(path: Path) -> Image:
    """Read an image in OpenCV's BGR order; FileNotFoundError where OpenCV only says None."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise FileNotFoundError(f"{path} is not there or not an image")
    return np.asarray(image, np.uint8)


def resize(image: Image, width: int, height: int) -> Image:
    """Resize, whatever the aspect ratio: by area averaging, or where it grows by cubic splines."""
    shrinks = width * height < image.shape[0] * image.shape[1]
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    scaled = cv2.resize(image, (width, height), interpolation=interpolation)
    return np.asarray(scaled, np.uint8)


def crowd(face: Image, faces: int, width: int = 1920, height: int = 1080, cell: int = 60) -> Image:
    """So many copies of the picture of a face on plain gray, each in a cell of a grid, in an order
    that scatters them."""
    columns, rows = width // cell, height // cell
    if faces > columns * rows:
        raise ValueError(f"{faces} faces do not fit in {columns} x {rows} cells")
    frame = np.full((height, width, 3), 128, np.uint8)
    small = resize(face, cell, cell)
    for place in np.random.default_rng(0).permutation(columns * rows)[:faces]:
        top, left = cell * (place // columns), cell * (place % columns)
        frame[top : top + cell, left : left + cell] = small
    return frame
