"""Reads, checks, decodes and writes images."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mtcnn_rt import _native
from mtcnn_rt._arrays import Pixels
from mtcnn_rt._defaults import CHANNEL_ORDERS
from mtcnn_rt._files import write_finished


@dataclass(frozen=True, eq=False)
class Image:
    """Pixels with a known channel order.

    Attributes:
        pixels: (H, W, 3) uint8; the pixels of a row are adjacent, rows are at any distance.
        bgr: The channel order is BGR, else RGB.
    """

    pixels: Pixels
    bgr: bool

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        height, width = self.pixels.shape[:2]
        return height, width


def as_image(image: Any, color: str = "bgr") -> Image:
    """Returns an image with a known channel order.

    A three-channel array is not copied, whatever the distance of its rows.

    Args:
        image: A uint8 array (H, W, 3), (H, W, 4), whose alpha channel is ignored, or (H, W), gray;
            or the path of a file; or a PIL image.
        color: The channel order of an array, "bgr" or "rgb".

    Raises:
        TypeError: The image has another type or dtype; the message names what was given.
        ValueError: It has another shape, the channel order is unknown, or the file has no image
            that can be read.
        OSError: The file cannot be opened.
    """
    if color not in CHANNEL_ORDERS:
        raise ValueError(f"color: expected 'bgr' or 'rgb', not {color!r}")
    if isinstance(image, (str, os.PathLike)):
        return Image(read_image(Path(image)), bgr=True)
    if hasattr(image, "convert") and hasattr(image, "getbands"):  # PIL, which need not be installed
        return as_image(np.asarray(image.convert("RGB")), "rgb")
    if not isinstance(image, np.ndarray):
        raise TypeError(
            f"image: expected a NumPy array, a path or a PIL image, not {type(image).__name__}"
        )
    return _as_image(image, color == "bgr")


def read_image(path: Path) -> Pixels:
    """Reads an image file.

    Returns:
        (H, W, 3) uint8 BGR, upright: the EXIF orientation is applied.

    Raises:
        OSError: The file cannot be opened.
        ValueError: It has no image that can be read.
    """
    return decode_image(path.read_bytes(), str(path))


def decode_image(content: bytes, name: str, upright: bool = True) -> Pixels:
    """Decodes the content of an image file.

    Args:
        content: The bytes of the file.
        name: The file's name in the error message.
        upright: Apply the EXIF orientation.

    Returns:
        (H, W, 3) uint8 BGR.

    Raises:
        ValueError: The content is not an image that OpenCV can decode.
    """
    flags = cv2.IMREAD_COLOR if upright else cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        pixels = cv2.imdecode(np.frombuffer(content, np.uint8), flags) if content else None
    except cv2.error as error:  # such as a size beyond OpenCV's limit
        raise ValueError(f"cannot read {name}: {error.err}") from error
    if pixels is None:
        raise ValueError(f"cannot read {name}: not an image in a format that OpenCV knows")
    return np.asarray(pixels, np.uint8)


def _as_image(image: NDArray[Any], bgr: bool) -> Image:
    """Returns an array as an image; raises TypeError or ValueError for other arrays."""
    if image.dtype != np.uint8:
        raise TypeError(f"image: expected dtype uint8, not {image.dtype}")
    if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[2] not in (1, 3, 4)):
        raise ValueError(f"image: expected shape (H, W), (H, W, 3) or (H, W, 4), not {image.shape}")
    if image.size == 0:
        raise ValueError(f"image: has no pixels, its shape is {image.shape}")
    _native.check_size(*image.shape[:2])  # before a copy: a view may seem larger than the memory
    if image.ndim == 2 or image.shape[2] == 1:
        image = np.repeat(image.reshape(*image.shape[:2], 1), 3, axis=2)
    image = image[..., :3]
    if image.strides[2] == -1:  # image[..., ::-1], the usual way to swap the channel order
        image, bgr = image[..., ::-1], not bgr
    if image.strides[1:] != (3, 1):
        image = np.ascontiguousarray(image)
    return Image(image, bgr)


def check_pixels(image: Pixels) -> None:
    """Validates pixels to draw on or to cut from.

    Raises:
        TypeError: `image` is not an array.
        ValueError: It is not uint8 (H, W, 3).
    """
    if not isinstance(image, np.ndarray):
        raise TypeError(f"image: expected a NumPy array, not {type(image).__name__}")
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"image: expected uint8 (H, W, 3), not {image.dtype} {image.shape}")


def write_image(path: Path, image: Pixels, overwrite: bool = False) -> None:
    """Writes an image file, which is then finished or absent, and has no metadata.

    Args:
        path: Path of the file, whose extension gives the format. Its folder is made if it is
            missing.
        image: (H, W, 3) uint8 BGR.
        overwrite: Replace a file that exists.

    Raises:
        FileExistsError: The file exists and `overwrite` is false.
        OSError: It cannot be written; the message names it.
    """
    if path.exists() and not overwrite:
        raise FileExistsError(f"cannot write {path}: it exists")
    try:
        encoded, content = cv2.imencode(path.suffix, image)
        if not encoded:
            raise OSError("this format cannot store an image of this size")
        path.parent.mkdir(parents=True, exist_ok=True)
        write_finished(path, content.tobytes(), overwrite)
    except (OSError, cv2.error) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "err", None) or error
        raise OSError(f"cannot write {path}: {reason}") from error
