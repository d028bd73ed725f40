"""Decodes JPEG files at a part of their size, which libjpeg does in a part of the time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._images.headers import HeaderError, read_header
from mtcnn_rt._packages import opencv_if_usable


@dataclass(frozen=True, eq=False)
class ReducedImage:
    """An image that was decoded at a part of its size.

    Attributes:
        pixels: (H, W, 3) uint8 BGR, upright.
        size: Width and height of the upright image before.
        scale: Width before over the width now, and the same for the height.
    """

    pixels: Pixels
    size: tuple[int, int]
    scale: tuple[float, float]


def reduced_jpeg(content: bytes, by: int, max_pixels: int) -> ReducedImage | None:
    """Decodes a whole JPEG file at 1 / `by` of its size.

    Args:
        content: The bytes of the file.
        by: 2, 4 or 8; 1 returns None.
        max_pixels: Most pixels of the image before.

    Returns:
        The image; None for what has to be decoded the usual way: other formats, damaged files, and
        every file where OpenCV is missing.
    """
    cv2 = opencv_if_usable() if by > 1 else None
    if cv2 is None:
        return None
    try:
        header = read_header(content)
    except HeaderError:
        return None
    if header is None or header.format != "JPEG" or not header.whole:
        return None
    if header.size[0] * header.size[1] > max_pixels:
        return None
    flag = getattr(cv2, f"IMREAD_REDUCED_COLOR_{by}")
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), flag)
    if pixels is None:
        return None
    width, height = header.size[::-1] if header.orientation > 4 else header.size
    rows, columns = pixels.shape[:2]
    return ReducedImage(pixels, (width, height), (width / columns, height / rows))
