"""Prepares the images of the benchmarks."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from mtcnn_rt._arrays import Pixels

MULTIFACE = Path(__file__).resolve().parents[1] / "../shared/media/multiface.jpg"


def read_image(path: Path) -> Pixels:
    """Reads an image file with OpenCV.

    Args:
        path: The image file.

    Returns:
        The pixels in BGR order.

    Raises:
        FileNotFoundError: The file is missing or has no image. OpenCV itself returns None.
    """
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise FileNotFoundError(f"{path} is missing or not an image file")
    return np.asarray(image, np.uint8)


def resize(image: Pixels, width: int, height: int) -> Pixels:
    """Resizes an image without regard to its aspect ratio.

    Args:
        image: The image, (H, W, 3).
        width: The new width in pixels.
        height: The new height in pixels.

    Returns:
        The image, shrunk by area averaging or enlarged by cubic splines.
    """
    shrinks = width * height < image.shape[0] * image.shape[1]
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    scaled = cv2.resize(image, (width, height), interpolation=interpolation)
    return np.asarray(scaled, np.uint8)


def crowd(
    face: Pixels, faces: int, width: int = 1920, height: int = 1080, cell: int = 60
) -> Pixels:
    """Draws copies of a face on a plain gray image, each in a square of a grid, in random order.

    Args:
        face: A square crop with a face.
        faces: The number of copies.
        width: The width of the image in pixels.
        height: The height of the image in pixels.
        cell: The sides of the grid's squares in pixels.

    Returns:
        The image, (height, width, 3).

    Raises:
        ValueError: The grid has fewer squares than `faces`.
    """
    columns, rows = width // cell, height // cell
    if faces > columns * rows:
        raise ValueError(f"{faces} faces do not fit in {columns} x {rows} cells")
    frame = np.full((height, width, 3), 128, np.uint8)
    small = resize(face, cell, cell)
    for place in np.random.default_rng(0).permutation(columns * rows)[:faces]:
        top, left = cell * (place // columns), cell * (place % columns)
        frame[top : top + cell, left : left + cell] = small
    return frame
