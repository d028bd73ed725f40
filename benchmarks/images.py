"""Reading an image as every detector here gets it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from benchmarks.peers import Image


def read_image(path: Path) -> Image:
    """Read an image in OpenCV's BGR order; FileNotFoundError where OpenCV only says None."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise FileNotFoundError(f"{path} is not there or not an image")
    return np.asarray(image, np.uint8)


def resize(image: Image, width: int, height: int) -> Image:
    """Resize by area averaging, whatever the aspect ratio."""
    scaled = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(scaled, np.uint8)
