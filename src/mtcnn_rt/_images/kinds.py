"""Takes images of every kind that people have, as pixels with a known channel order.

What only files need is imported where it is used: arrays are searched without it.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt import _native
from mtcnn_rt._arrays import Boxes, Pixels
from mtcnn_rt._defaults import CHANNEL_ORDERS, MAX_PIXELS, ChannelOrder
from mtcnn_rt._files.paths import path_of
from mtcnn_rt._images.array_cures import converting, reshaping, scaling
from mtcnn_rt._images.pil import is_pil_image, upright_pil_pixels
from mtcnn_rt._images.tensors import is_tensor, tensor_pixels
from mtcnn_rt._images.transparency import on_white


class BinaryFile(Protocol):
    """A file that is open for reading bytes."""

    def read(self, size: int = ..., /) -> bytes:
        """Returns the next bytes."""


class PilImage(Protocol):
    """An image of Pillow."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""

    def getbands(self) -> tuple[str, ...]:
        """Returns the names of the channels."""


class Tensor(Protocol):
    """A tensor of PyTorch."""

    def detach(self) -> Any:
        """Returns the tensor without its history."""

    def cpu(self) -> Any:
        """Returns the tensor in the memory of the CPU."""


ImageLike: TypeAlias = (
    "NDArray[Any] | str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryFile"
    " | PilImage | Tensor | Image"
)
"""The types that `MTCNN.detect` takes as an image."""


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

    def near(self, boxes: Boxes) -> Pixels:
        """Returns an array as large as the image, right in these boxes (N, 4), in pixels.

        Elsewhere it may have any values, so that not all of an image needs to be converted.
        """
        return self.pixels

    def rows(self, step: int) -> Pixels:
        """Returns every `step`-th row of the image, from the first on."""
        return self.pixels[::step]

    def part(self, area: tuple[int, int, int, int]) -> Image:
        """Returns a part of the image.

        Args:
            area: Columns and rows x1 y1 x2 y2 within the image; x2 and y2 are outside.
        """
        x1, y1, x2, y2 = area
        return Image(self.pixels[y1:y2, x1:x2], self.bgr)


def as_image(image: ImageLike, color: ChannelOrder = "bgr", max_pixels: int = MAX_PIXELS) -> Image:
    """Returns an image with a known channel order.

    A three-channel array is not copied, whatever the distance of its rows.

    Args:
        image: A uint8 array (H, W, 3); (H, W, 4), whose fourth channel is alpha, and whose
            transparent parts are laid on white; or (H, W), gray. Or an encoded image: the path of a
            file, its bytes, or a file that is open for reading bytes. Or a PIL image, which is
            turned by its EXIF orientation. Or a uint8 tensor of PyTorch, RGB or gray, (C, H, W),
            (H, W, C) or (H, W).
        color: The channel order of an array, "bgr" or "rgb".
        max_pixels: Most pixels of an encoded or PIL image, see `read_image`.

    Raises:
        TypeError: The image has another type or dtype; the message names what was given.
        ValueError: It has another shape, the channel order is unknown, or the file has no image
            that can be read.
        OSError: The file cannot be opened.
        MissingPackageError: No library that decodes images is installed; an ImportError.
    """
    if color not in CHANNEL_ORDERS:
        raise ValueError(f"color: expected 'bgr' or 'rgb', not {color!r}")
    if isinstance(image, Image):
        return image
    if isinstance(image, memoryview) and image.ndim > 1:
        image = np.asarray(image)
    if isinstance(image, np.ndarray):
        if color == "bgr" and _is_surely_rgb(image):
            warnings.warn(_RGB, UserWarning, stacklevel=_caller())
        return _as_image(image, color == "bgr")
    content = _encoded(image, max_pixels)
    if content is not None:
        from mtcnn_rt._images.decoding import decode

        return Image(decode(*content, max_pixels=max_pixels).pixels, bgr=True)
    if is_pil_image(image):
        return _as_image(_pil_pixels(image, max_pixels), bgr=False)
    if is_tensor(image):
        return _as_image(tensor_pixels(image), bgr=False)
    raise TypeError(
        "image: expected a NumPy array, a path, the bytes of an image file, a file that is open "
        f"for reading bytes, a PIL image or a tensor, not {type(image).__name__}{converting(image)}"
    )


def as_images(images: Iterable[ImageLike] | Tensor, color: ChannelOrder = "bgr") -> list[Image]:
    """Returns several images with a known channel order.

    Args:
        images: Images of any sizes and kinds, each as `as_image` takes it; or all of one size in an
            array (N, H, W), (N, H, W, C), or a tensor (N, C, H, W), (N, H, W, C).
        color: The channel order of arrays, "bgr" or "rgb".

    Raises:
        TypeError: As `as_image`; or `images` is one image, or nothing with several.
        ValueError: As `as_image`.
        OSError: As `as_image`.
    """
    if is_one_image(images):
        raise TypeError("images: expected several images, not one, which `detect` takes")
    try:
        # A memoryview of several dimensions gives no items.
        each = iter(np.asarray(images) if isinstance(images, memoryview) else images)  # type: ignore[arg-type]
    except TypeError as error:
        raise TypeError(f"images: expected several images, not {type(images).__name__}") from error
    return [as_image(image, color) for image in each]


def is_one_image(images: Any) -> bool:
    """Returns true for what `as_image` takes, and false for several images."""
    if isinstance(images, list):  # by far the most frequent
        return False
    if isinstance(images, np.ndarray) and images.dtype.kind in "OU":  # of images, or of paths
        return False
    if isinstance(images, (np.ndarray, memoryview)) or is_tensor(images):
        return bool(images.ndim < 4)
    return (
        isinstance(images, (Image, str, os.PathLike, bytes, bytearray))
        or hasattr(images, "read")
        or is_pil_image(images)
    )


def _as_image(image: NDArray[Any], bgr: bool) -> Image:
    """Returns an array as an image; raises TypeError or ValueError for other arrays."""
    if image.dtype != np.uint8:
        raise TypeError(f"image: expected dtype uint8, not {image.dtype}{scaling(image.dtype)}")
    if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[2] not in (1, 3, 4)):
        raise ValueError(
            f"image: expected shape (H, W), (H, W, 3) or (H, W, 4), not {image.shape}"
            f"{reshaping(image.shape)}"
        )
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


_RGB = (
    "image: the array comes from an RGB image, but color is 'bgr', with which faces are missed; "
    "pass color='rgb', or the image itself"
)


def _is_surely_rgb(image: NDArray[Any]) -> bool:
    """Returns true for an array that only `np.asarray` of a PIL image, or imageio, makes."""
    if image.ndim != 3 or image.shape[2] not in (3, 4):
        return False
    # An array that was sent to another process is of bytes, too, but it may be written to.
    of_pil = isinstance(image.base, bytes) and not image.flags.writeable
    return of_pil or type(image).__module__.startswith("imageio.")


def _caller() -> int:
    """Returns the number of frames between the warning and the code that called this package."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and str(frame.f_globals["__name__"]).startswith("mtcnn_rt"):
        frame, level = frame.f_back, level + 1
    return level


def _encoded(image: Any, max_pixels: int) -> tuple[bytes, str] | None:
    """Returns the content of an image file and its name; None for what is no such file."""
    from mtcnn_rt._images.reading import read_content, read_opened

    if isinstance(image, (str, os.PathLike)):
        path = path_of(image)
        return read_content(path, max_pixels), str(path)
    if isinstance(image, (bytes, bytearray, memoryview)):
        return bytes(image), "the bytes"
    if hasattr(image, "read") and not is_pil_image(image):
        name = getattr(image, "name", None)
        named = name if isinstance(name, str) else "the file"
        return read_opened(image, named, max_pixels), named
    return None


def _pil_pixels(image: Any, max_pixels: int) -> NDArray[Any]:
    width, height = image.size
    if width * height > max_pixels:
        raise ValueError(f"image: {width} x {height} pixels are more than {max_pixels}")
    return upright_pil_pixels(image)
