"""Decodes HEIC with pillow-heif, where it is installed: OpenCV and Pillow do not know it."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._images.transparency import on_white

EXTENSIONS = {".heic", ".heics", ".heif", ".heifs", ".hif"}
"""Extensions of HEIC files."""

_REFUSALS = (OSError, RuntimeError, EOFError, SyntaxError, ValueError)


def is_heic(content: bytes) -> bool:
    """Returns true for the first bytes of a HEIC file."""
    return content[4:8] == b"ftyp" and content[8:11] in (b"hei", b"hev", b"mif", b"msf")


def is_decodable() -> bool:
    """Returns true if pillow-heif is installed."""
    return find_spec("pillow_heif") is not None


def count(content: bytes) -> int:
    """Returns the number of images of a HEIC file that was decoded, without their thumbnails.

    Photographs of two lenses and bursts have several, of which one is primary: viewers show it.
    """
    import pillow_heif

    return len(pillow_heif.open_heif(content))


def decode(content: bytes, check: Callable[[tuple[int, int]], None]) -> Pixels | None:
    """Decodes a HEIC file, upright: libheif turns, mirrors and cuts it as the file says.

    Args:
        content: The bytes of the file.
        check: Raises ValueError for a width and height that are too large.

    Returns:
        (H, W, 3) uint8 BGR, transparent parts laid on white; None without pillow-heif.

    Raises:
        ValueError: The file is broken or too large.
    """
    if not is_decodable():
        return None
    import pillow_heif

    try:
        image: Any = pillow_heif.open_heif(content, convert_hdr_to_8bit=True)
    except _REFUSALS as error:
        raise ValueError(_why(error)) from error
    if len(image) == 0:  # those that it cannot decode are left out
        raise ValueError(_why("it has no image that pillow-heif knows"))
    check(image.size)
    try:
        pixels = np.asarray(image)
    except _REFUSALS as error:
        raise ValueError(_why(error)) from error
    if pixels.dtype == np.uint16:  # of gray the conversion to 8 bits leaves more
        pixels = (pixels >> 8).astype(np.uint8)
    if pixels.ndim == 2:
        return np.ascontiguousarray(np.repeat(pixels[..., np.newaxis], 3, axis=2))
    colors = np.ascontiguousarray(pixels[..., 2::-1])
    if not image.has_alpha:
        return colors
    return on_white(colors, pixels[..., 3], image.premultiplied_alpha)


def _why(error: Exception | str) -> str:
    return f"HEIC that cannot be decoded: {str(error).strip()}"  # libheif's may end with a newline
