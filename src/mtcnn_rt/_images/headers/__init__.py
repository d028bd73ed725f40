"""Reads the headers of image files, before anything is decoded.

OpenCV reserves the memory of an image before it knows if the file is whole, drops transparency,
takes the first frame of an animation, and does not turn AVIF. So the size, the transparency, the
number of frames and the turns are read here. Files that OpenCV reads and this does not know are
left to it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from mtcnn_rt._images.headers.boxes import is_avif, is_jpeg2000, read_avif, read_jpeg2000
from mtcnn_rt._images.headers.header import ORIENTATIONS, Alpha, HeaderError, ImageHeader
from mtcnn_rt._images.headers.raster import (
    PNG_SIGNATURE,
    read_bmp,
    read_gif,
    read_jpeg,
    read_pam,
    read_png,
    read_pnm,
    read_radiance,
    read_sun,
    read_webp,
)
from mtcnn_rt._images.headers.tiff import exif_orientation, is_tiff, read_tiff

__all__ = [
    "ORIENTATIONS",
    "Alpha",
    "HeaderError",
    "ImageHeader",
    "exif_orientation",
    "is_known",
    "read_header",
]

_Reader = Callable[[bytes], ImageHeader]

_READERS: tuple[tuple[Callable[[bytes], bool], _Reader], ...] = (
    (lambda content: content.startswith(b"\xff\xd8\xff"), read_jpeg),
    (lambda content: content.startswith(PNG_SIGNATURE), read_png),
    (lambda content: content[:4] == b"RIFF" and content[8:12] == b"WEBP", read_webp),
    (lambda content: content.startswith((b"GIF87a", b"GIF89a")), read_gif),
    (lambda content: content.startswith(b"BM"), read_bmp),
    (is_tiff, read_tiff),
    (is_avif, read_avif),
    (is_jpeg2000, read_jpeg2000),
    (lambda content: content[:2] in (b"P1", b"P2", b"P3", b"P4", b"P5", b"P6"), read_pnm),
    (lambda content: content[:2] in (b"PF", b"Pf"), read_pnm),
    (lambda content: content.startswith(b"P7"), read_pam),
    (lambda content: content.startswith(b"\x59\xa6\x6a\x95"), read_sun),
    (lambda content: content.startswith((b"#?RADIANCE", b"#?RGBE")), read_radiance),
)


def is_known(start: bytes) -> bool:
    """Returns true for the first bytes of a file whose header `read_header` reads."""
    return any(recognizes(start) for recognizes, _ in _READERS)


def read_header(content: bytes) -> ImageHeader | None:
    """Reads the header of an image file.

    Args:
        content: The bytes of the file.

    Returns:
        The header; None for a format that is not known here.

    Raises:
        HeaderError: The header is broken; a ValueError.
    """
    for recognizes, read in _READERS:
        if recognizes(content):
            try:
                header = read(content)
            except (struct.error, IndexError, OverflowError, RecursionError) as error:
                raise HeaderError("it ends within its header") from error
            if min(header.size) < 1:
                raise HeaderError("it has no pixels")
            return header
    return None
