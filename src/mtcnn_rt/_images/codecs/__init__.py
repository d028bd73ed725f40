"""Decodes and encodes images with the libraries that are there: OpenCV, Pillow and PyAV.

OpenCV is the fastest; what it does not decode, Pillow does, if it is installed. Where OpenCV is
missing or does not load, PyAV decodes what Pillow does not know or where it is missing, too. PyAV
does not take OpenCV's place otherwise, since it fills what is missing of a broken file. PNG, JPEG
of three channels, and other lossless formats have the same pixels with OpenCV and Pillow; PyAV
turns the colors of a JPEG into RGB by other arithmetic, so that values differ by a few.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._defaults import MAX_PIXELS
from mtcnn_rt._images import extra_formats
from mtcnn_rt._images.headers import ImageHeader
from mtcnn_rt._log import LOG
from mtcnn_rt._packages import PACKAGES, MissingPackageError, opencv, reason

NO_ALPHA = "{} does not decode its transparency, which may hide a part of the image"


@dataclass(frozen=True, eq=False)
class CodecImage:
    """An image as a codec gives it.

    Attributes:
        colors: (H, W, 3) uint8 BGR, also of transparent pixels.
        alpha: (H, W) uint8; None if every pixel is opaque, or it was not asked for.
        premultiplied: The colors are multiplied by alpha.
    """

    colors: Pixels
    alpha: NDArray[np.uint8] | None = None
    premultiplied: bool = False


class Wanted(NamedTuple):
    """Describes what to decode of an image file.

    Attributes:
        header: Its header, if its format is known; then its size is allowed.
        upright: Apply the EXIF orientation.
        alpha: Decode the transparency too. Pillow and PyAV, which know more formats, always do
            without a header.
        max_pixels: Most pixels to decode without a header.
    """

    header: ImageHeader | None
    upright: bool
    alpha: bool
    max_pixels: int = MAX_PIXELS


class Codec(Protocol):
    """A library that decodes and encodes images."""

    name: str

    def decode(self, content: bytes, wanted: Wanted) -> CodecImage | None:
        """Decodes the content of an image file.

        Args:
            content: The bytes of the file.
            wanted: What to decode of it.

        Returns:
            The pixels; None for what the library does not know.

        Raises:
            ValueError: The content is refused; the message has the reason.
        """

    def encode(self, extension: str, image: Pixels) -> bytes | None:
        """Encodes an image (H, W, 3) uint8 BGR.

        Args:
            extension: Extension of a file, such as ".png", which gives the format.
            image: The image.

        Returns:
            The content of the file; None for a format that the library does not know.

        Raises:
            ValueError: The image cannot be encoded; the message has the reason.
        """


class TooManyPixelsError(ValueError):
    """An image has more pixels than are allowed."""


def refuse_too_large(size: tuple[int, int], max_pixels: int) -> None:
    """Raises TooManyPixelsError if an image of this width and height has more pixels."""
    width, height = size
    if width * height > max_pixels:
        raise TooManyPixelsError(
            f"{width} x {height} pixels are more than {max_pixels}; max_pixels, or --max-pixels, "
            "allows more"
        )


@cache
def codecs() -> tuple[Codec, ...]:
    """Returns the libraries to try in turn.

    Raises:
        MissingPackageError: There is none. The message has the reason of each, and a cure.
    """
    try:
        opencv()
    except ImportError as error:
        why_no_opencv = reason(PACKAGES[0], error)
    else:
        LOG.info("image files: decoded by OpenCV")
        found = [_codec("with_opencv")]
        return (*found, _PillowWhenNeeded()) if extra_formats.is_decodable() else tuple(found)
    found = []
    for module in ("with_pillow", "with_pyav"):
        try:
            found.append(_codec(module))
        except ImportError:
            continue
    if not found:
        raise MissingPackageError(
            f"reading and writing image files needs Pillow: pip install pillow; or PyAV; or "
            f"{why_no_opencv}"
        )
    names = ", then ".join(codec.name for codec in found)
    LOG.info("image files: decoded by %s; without %s", names, why_no_opencv)
    return tuple(found)


class _PillowWhenNeeded:
    """Pillow as a codec, which is imported for the first file that needs it."""

    name = "Pillow"

    def decode(self, content: bytes, wanted: Wanted) -> CodecImage | None:
        """Decodes the content of an image file, see `Codec.decode`."""
        codec = self._codec
        return None if codec is None else codec.decode(content, wanted)

    def encode(self, extension: str, image: Pixels) -> bytes | None:
        """Encodes an image, see `Codec.encode`."""
        codec = self._codec
        return None if codec is None else codec.encode(extension, image)

    @cached_property
    def _codec(self) -> Codec | None:
        try:
            return _codec("with_pillow")
        except ImportError as error:
            LOG.info("Pillow does not load: %s", error)
            return None


def _codec(module: str) -> Codec:
    make: Callable[[], Codec] = import_module(f"{__name__}.{module}").codec
    return make()
