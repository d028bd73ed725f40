"""Reads, checks, decodes and writes images.

What only files need is imported where it is used: arrays are searched without it.
"""

from __future__ import annotations

import os

import numpy as np

from mtcnn_rt._arrays import GivenPixels, Pixels
from mtcnn_rt._defaults import MAX_PIXELS
from mtcnn_rt._errors import REPLACES
from mtcnn_rt._files.paths import is_there, path_of
from mtcnn_rt._images.kinds import (
    BinaryFile,
    Image,
    ImageLike,
    PilImage,
    Tensor,
    as_image,
    as_images,
)

__all__ = [
    "BinaryFile",
    "Image",
    "ImageLike",
    "PilImage",
    "Tensor",
    "as_image",
    "as_images",
    "check_pixels",
    "decode_image",
    "read_image",
    "write_image",
]


def read_image(path: str | os.PathLike[str], max_pixels: int = MAX_PIXELS) -> Pixels:
    """Reads an image file. Of several frames, pages or images it reads the first, or primary, one.

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
        TypeError: `path` is no path.
        MissingPackageError: No library that decodes images is installed; an ImportError.
    """
    from mtcnn_rt._images.reading import read_content

    file, name = path_of(path), os.fsdecode(path)
    return decode_image(read_content(file, max_pixels), name, max_pixels=max_pixels)


def decode_image(
    content: bytes | bytearray | memoryview,
    name: str,
    upright: bool = True,
    max_pixels: int = MAX_PIXELS,
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
        ValueError: The content is not an image that can be decoded, or a larger one.
        TypeError: It is no bytes.
        MissingPackageError: No library that decodes images is installed; an ImportError.
    """
    from mtcnn_rt._images.decoding import decode

    if not isinstance(content, (bytes, bytearray, memoryview)):
        raise TypeError(f"content: expected the bytes of a file, not {type(content).__name__}")
    return decode(bytes(content), name, upright, max_pixels).pixels


def check_pixels(image: GivenPixels) -> None:
    """Validates pixels to draw on or to cut from.

    Raises:
        TypeError: `image` is not an array.
        ValueError: It is not uint8 (H, W, 3).
    """
    if not isinstance(image, np.ndarray):
        raise TypeError(f"image: expected a NumPy array, not {type(image).__name__}")
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"image: expected uint8 (H, W, 3), not {image.dtype} {image.shape}")


def write_image(path: str | os.PathLike[str], image: GivenPixels, overwrite: bool = False) -> None:
    """Writes an image file, which is then finished or absent, and has no metadata.

    Args:
        path: Path of the file, whose extension gives the format. Its folder is made if it is
            missing.
        image: (H, W, 3) uint8 BGR.
        overwrite: Replace a file that exists.

    Raises:
        FileExistsError: The file exists and `overwrite` is false.
        OSError: It cannot be written; the message names it.
        TypeError: The image is no array, or the path no path.
        ValueError: The image is not uint8 (H, W, 3), or is empty.
    """
    from mtcnn_rt._files.finished import naming_folder, write_finished

    check_pixels(image)
    if image.size == 0:
        raise ValueError(f"image: has no pixels, its shape is {image.shape}")
    path = path_of(path, written=True)
    try:
        in_the_way = is_there(path) and not overwrite
    except OSError as error:
        raise OSError(f"cannot write {path}: {error.strerror}") from error
    if in_the_way:
        raise FileExistsError(f"cannot write {path}: it exists ({REPLACES})")
    try:
        content = _encode(path.suffix, image)
        with naming_folder(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        write_finished(path, content, overwrite, folder_too=False)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OSError(f"cannot write {path}: {reason}") from error


def _encode(extension: str, image: Pixels) -> bytes:
    """Encodes an image; raises ValueError where no library here can."""
    from mtcnn_rt._images.codecs import codecs

    for codec in codecs():
        content = codec.encode(extension, image)
        if content is not None:
            return content
    libraries = " and ".join(codec.name for codec in codecs())
    raise ValueError(f"{libraries} cannot write the format {extension!r}; use .png or .jpg")
