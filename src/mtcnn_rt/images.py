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
from mtcnn_rt._decoding import decode, on_white, read_content
from mtcnn_rt._defaults import CHANNEL_ORDERS, MAX_PIXELS
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


def as_image(image: Any, color: str = "bgr", max_pixels: int = MAX_PIXELS) -> Image:
    """Returns an image with a known channel order.

    A three-channel array is not copied, whatever the distance of its rows.

    Args:
        image: A uint8 array (H, W, 3); (H, W, 4), whose fourth channel is alpha, and whose
            transparent parts are laid on white; or (H, W), gray; or the path of a file; or a PIL
            image.
        color: The channel order of an array, "bgr" or "rgb".
        max_pixels: Most pixels of a file or PIL image, see `read_image`.

    Raises:
        TypeError: The image has another type or dtype; the message names what was given.
        ValueError: It has another shape, the channel order is unknown, or the file has no image
            that can be read.
        OSError: The file cannot be opened.
    """
    if color not in CHANNEL_ORDERS:
        raise ValueError(f"color: expected 'bgr' or 'rgb', not {color!r}")
    if isinstance(image, (str, os.PathLike)):
        return Image(read_image(Path(image), max_pixels), bgr=True)
    if hasattr(image, "convert") and hasattr(image, "getbands"):  # PIL, which need not be installed
        return as_image(_pil_pixels(image, max_pixels), "rgb")
    if not isinstance(image, np.ndarray):
        raise TypeError(
            f"image: expected a NumPy array, a path or a PIL image, not {type(image).__name__}"
        )
    return _as_image(image, color == "bgr")


def read_image(path: Path, max_pixels: int = MAX_PIXELS) -> Pixels:
    """Reads an image file. Of an animation, or of several pages, it reads the first one.

    Args:
        path: Path of the file.
        max_pixels: Most pixels to decode. The size is read from the header first, so that a small
            file of a huge image does not take all memory.

    Returns:
        (H, W, 3) uint8 BGR, upright: the EXIF orientation, or that of AVIF, is applied. Transparent
        parts are laid on white. Of a JPEG without its end, what there is.

    Raises:
        OSError: The file cannot be opened.
        ValueError: It has no image that can be read, or a larger one.
    """
    return decode_image(read_content(path, max_pixels), str(path), max_pixels=max_pixels)


def decode_image(
    content: bytes, name: str, upright: bool = True, max_pixels: int = MAX_PIXELS
) -> Pixels:
    """Decodes the content of an image file.

    Args:
        content: The bytes of the file.
        name: The file's name in the error message.
        upright: Apply the EXIF orientation.
        max_pixels: As for `read_image`.

    Returns:
        (H, W, 3) uint8 BGR, transparent parts laid on white.

    Raises:
        ValueError: The content is not an image that OpenCV can decode, or a larger one.
    """
    return decode(content, name, upright, max_pixels).pixels


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
    if image.shape[2] == 4:
        image = on_white(image[..., :3], image[..., 3])
    if image.strides[2] == -1:  # image[..., ::-1], the usual way to swap the channel order
        image, bgr = image[..., ::-1], not bgr
    if image.strides[1:] != (3, 1):
        image = image.copy(order="C")  # `ascontiguousarray` keeps the strides of a single column
    return Image(image, bgr)


def _pil_pixels(image: Any, max_pixels: int) -> NDArray[Any]:
    """Returns the pixels of a PIL image: (H, W), (H, W, 3) or (H, W, 4) uint8."""
    width, height = image.size
    if width * height > max_pixels:
        raise ValueError(f"image: {width} x {height} pixels are more than {max_pixels}")
    if image.mode.startswith("I;16"):
        return (np.asarray(image).astype(np.uint16) >> 8).astype(np.uint8)
    if image.mode in ("I", "F"):
        raise TypeError(f"image: expected 8 or 16 bits a channel, not PIL's mode {image.mode!r}")
    transparent = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info
    return np.asarray(image.convert("RGBA" if transparent else "RGB"))


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
        write_finished(path, content.tobytes(), overwrite, folder_too=False)
    except (OSError, cv2.error) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "err", None) or error
        raise OSError(f"cannot write {path}: {reason}") from error
