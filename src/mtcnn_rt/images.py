"""Reads, checks, decodes and writes images."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._defaults import CHANNEL_ORDERS
from mtcnn_rt._files import write_finished


@dataclass(frozen=True, eq=False)
class Image:
    """pixels: (H, W, 3) uint8, the pixels of a row adjacent, rows at any distance.
    bgr: their channel order is BGR, else RGB."""

    pixels: NDArray[np.uint8]
    bgr: bool

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)"""
        height, width = self.pixels.shape[:2]
        return height, width


def as_image(image: Any, color: str = "bgr") -> Image:
    """`image` with a known color order.

    image: a uint8 array (H, W, 3), (H, W, 4), whose alpha channel is ignored, or (H, W), gray; or
    the path of a file; or a PIL image. color: "bgr" or "rgb", the channel order of an array.

    A three-channel array is not copied, whatever the distance of its rows.
    Raises TypeError or ValueError that says what was given."""
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
    return _as_pixels(image, color == "bgr")


def read_image(path: Path) -> NDArray[np.uint8]:
    """The picture in a file, upright (EXIF orientation applied), (H, W, 3) uint8 BGR.

    Raises OSError where the file cannot be opened, ValueError where it is no picture."""
    return decode_image(path.read_bytes(), str(path))


def decode_image(content: bytes, name: str, upright: bool = True) -> NDArray[np.uint8]:
    """The picture in the content of a file, (H, W, 3) uint8 BGR; `upright`: EXIF orientation
    applied.

    Raises ValueError, which calls it `name`, where it is no picture."""
    flags = cv2.IMREAD_COLOR if upright else cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        pixels = cv2.imdecode(np.frombuffer(content, np.uint8), flags) if content else None
    except cv2.error as error:  # such as a size beyond OpenCV's limit
        raise ValueError(f"cannot read {name}: {error.err}") from error
    if pixels is None:
        raise ValueError(f"cannot read {name}: not a picture in a format that OpenCV knows")
    return np.asarray(pixels, np.uint8)


def _as_pixels(image: NDArray[Any], bgr: bool) -> Image:
    if image.dtype != np.uint8:
        raise TypeError(f"image: expected dtype uint8, not {image.dtype}")
    if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[2] not in (1, 3, 4)):
        raise ValueError(f"image: expected shape (H, W), (H, W, 3) or (H, W, 4), not {image.shape}")
    if image.size == 0:
        raise ValueError(f"image: has no pixels, its shape is {image.shape}")
    if image.ndim == 2 or image.shape[2] == 1:
        image = np.repeat(image.reshape(*image.shape[:2], 1), 3, axis=2)
    image = image[..., :3]
    if image.strides[2] == -1:  # image[..., ::-1], the usual way to swap the color order
        image, bgr = image[..., ::-1], not bgr
    if image.strides[1:] != (3, 1):
        image = np.ascontiguousarray(image)
    return Image(image, bgr)


def check_pixels(image: NDArray[np.uint8]) -> None:
    """Raises TypeError unless `image` is an array, ValueError unless it is uint8 (H, W, 3)."""
    if not isinstance(image, np.ndarray):
        raise TypeError(f"image: expected a NumPy array, not {type(image).__name__}")
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"image: expected uint8 (H, W, 3), not {image.dtype} {image.shape}")


def write_image(path: Path, image: NDArray[np.uint8], overwrite: bool = False) -> None:
    """Writes (H, W, 3) uint8 BGR in the format of the extension, into a folder that is made where
    it is missing. The file is finished or absent, and has no metadata.

    Raises OSError that names the file: FileExistsError where it exists and `overwrite` is false."""
    if path.exists() and not overwrite:
        raise FileExistsError(f"cannot write {path}: it exists")
    try:
        encoded, content = cv2.imencode(path.suffix, image)
        if not encoded:
            raise OSError("not a size that this format takes")
        path.parent.mkdir(parents=True, exist_ok=True)
        write_finished(path, content.tobytes(), overwrite)
    except (OSError, cv2.error) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "err", None) or error
        raise OSError(f"cannot write {path}: {reason}") from error
