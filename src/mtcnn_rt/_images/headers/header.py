"""Holds what the header of an image file says, and the errors of reading it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from mtcnn_rt._arrays import Pixels

Alpha: TypeAlias = Literal["none", "straight", "premultiplied"]
Turn: TypeAlias = Callable[[Pixels], Pixels]
"""Turns, mirrors or cuts the decoded pixels (H, W, C)."""


class HeaderError(ValueError):
    """The header is broken; the message has the reason."""


@dataclass(frozen=True)
class ImageHeader:
    """The header of an image file.

    Attributes:
        format: Name of the file format, such as "PNG".
        size: Width and height in pixels, as stored.
        alpha: Whether there may be transparency, and how OpenCV gives the colors below it.
        frames: Number of frames or pages, at least 1; 2 may mean more.
        whole: False if the end of the file is missing.
        orientation: EXIF orientation, 1 to 8, of JPEG, PNG and WebP.
        turns: What a viewer does to the pixels apart from EXIF, in this order.
        clear_gray: The gray that is transparent, as OpenCV gives it, in 8 or 16 bits; None: none.
        unscaled: The values are floating-point numbers or 32-bit integers, of any range.
        images: Number of images of which one is primary, as of two lenses, at least 1. Thumbnails,
            tiles, and depth and gain maps do not count.
    """

    format: str
    size: tuple[int, int]
    alpha: Alpha = "none"
    frames: int = 1
    whole: bool = True
    orientation: int = 1
    turns: tuple[Turn, ...] = ()
    clear_gray: int | None = None
    unscaled: bool = False
    images: int = 1


ORIENTATIONS: dict[int, Turn] = {
    1: lambda pixels: pixels,
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    8: lambda pixels: np.rot90(pixels),
}
"""The turn that makes an image upright, by its EXIF orientation."""
