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
        check(image.size)
        if image.mode not in ("RGB", "RGBA"):
            image.convert_to("RGB")
        pixels = np.asarray(image)
    except (OSError, RuntimeError, EOFError, SyntaxError) as error:
        raise ValueError(f"HEIC that cannot be decoded: {error}") from error
    colors = np.ascontiguousarray(pixels[..., 2::-1])
    if pixels.shape[2] == 4:
        premultiplied = bool(image.info.get("premultiplied", False))
        return on_white(colors, np.asarray(pixels[..., 3], np.uint8), premultiplied)
    return colors
