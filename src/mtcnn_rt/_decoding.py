"""Decodes image files: upright, without transparency, and not beyond a number of pixels."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._defaults import MAX_PIXELS
from mtcnn_rt._image_headers import ORIENTATIONS, HeaderError, ImageHeader, read_header

BYTES_A_PIXEL, HEAD = 16, 64 << 20
"""A file has at most this many bytes for each pixel that is allowed, and these besides."""
WHITE = 255
CHUNK = 1 << 20  # bytes that are read at a time
_CUT = "the end of the file is missing"
ROWS = 256  # that are laid on white at a time, to need little memory
_NO_ALPHA = "OpenCV does not decode its transparency, which may hide a part of the image"
_SURE = ("TIFF", "JPEG 2000", "PAM", "BMP")  # formats whose header promises a channel of alpha


@dataclass(frozen=True, eq=False)
class Decoded:
    """The pixels of an image file, and what is to be said about them.

    Attributes:
        pixels: (H, W, 3) uint8 BGR.
        note: A line about a fault that did not prevent decoding; "" if there is none.
    """

    pixels: Pixels
    note: str = ""


def read_content(path: Path, max_pixels: int = MAX_PIXELS) -> bytes:
    """Reads a file that is not larger than an image of so many pixels can be.

    Raises:
        OSError: The file cannot be opened.
        ValueError: It is larger, or a device.
    """
    most = BYTES_A_PIXEL * max_pixels + HEAD
    with path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
            raise ValueError(f"cannot read {path}: a device, not a file")
        parts, size = [], 0
        while part := file.read(CHUNK):  # `read(most)` would reserve all of it
            parts.append(part)
            size += len(part)
            if size > most:
                raise ValueError(f"cannot read {path}: larger than {most} bytes")
    return b"".join(parts)


def decode(
    content: bytes,
    name: str,
    upright: bool = True,
    max_pixels: int = MAX_PIXELS,
    only_frame: bool = False,
) -> Decoded:
    """Decodes the content of an image file.

    Transparent parts are laid on white, as browsers and most viewers show them: the colors that
    files have below them are often not meant to be seen.

    Args:
        content: The bytes of the file.
        name: The file's name in messages.
        upright: Apply the EXIF orientation. The turns of AVIF, which are no EXIF, always apply.
        max_pixels: Most pixels to decode; the header is asked first.
        only_frame: Refuse an animation and several pages; otherwise the first one is decoded.

    Raises:
        ValueError: The content is not an image that can be decoded, or is refused; the message
            has the name.
    """
    try:
        header = read_header(content)
        if header is not None:
            _refuse_too_large(header.size, max_pixels)
            if only_frame and header.frames > 1:
                raise ValueError(_why_not_several(header))
        whole = header is None or header.whole
        if header is not None and header.format == "PNG" and not whole:
            raise ValueError(_CUT)  # OpenCV takes memory for a part of any length first
        if header is not None and header.format == "JPEG" and not whole:
            content += b"\xff\xd9"  # OpenCV refuses the file without its end
        pixels = _decode(content, header, upright)
        if pixels is None:
            raise ValueError(_why_unreadable(content) if whole else _CUT)
        _refuse_too_large((pixels.shape[1], pixels.shape[0]), max_pixels)
    except HeaderError as error:
        raise ValueError(f"cannot read {name}: its header is broken: {error}") from error
    except ValueError as error:
        raise ValueError(f"cannot read {name}: {error}") from error
    except cv2.error as error:  # such as a size beyond OpenCV's limit
        reason = " ".join(error.err.split())
        raise ValueError(f"cannot read {name}: {reason}") from error
    return Decoded(pixels, "" if whole else f"{name}: {_CUT}, and maybe a part of the image")


def on_white(colors: Pixels, alpha: Pixels, premultiplied: bool = False) -> Pixels:
    """Lays an image on white.

    Args:
        colors: (H, W, 3) uint8.
        alpha: (H, W) uint8; 0 is transparent.
        premultiplied: The colors are multiplied by alpha already.

    Returns:
        (H, W, 3) uint8.
    """
    if alpha.size == 0 or alpha.min() == WHITE:
        return colors
    laid = np.empty(colors.shape, np.uint8)
    for first in range(0, len(colors), ROWS):
        rows = slice(first, first + ROWS)
        cover = alpha[rows, :, np.newaxis].astype(np.uint32)
        part = colors[rows].astype(np.uint32)
        if premultiplied:
            laid[rows] = np.minimum(part + (WHITE - cover), WHITE)
        else:
            laid[rows] = (part * cover + WHITE * (WHITE - cover) + WHITE // 2) // WHITE
    return laid


def _decode(content: bytes, header: ImageHeader | None, upright: bool) -> Pixels | None:
    """Returns (H, W, 3) BGR; None for what OpenCV does not know."""
    if not content:
        return None
    encoded = np.frombuffer(content, np.uint8)
    plain = header is None or (header.alpha == "none" and header.format != "AVIF")
    if upright and plain:
        return _imdecode(encoded, cv2.IMREAD_COLOR)
    pixels = _imdecode(encoded, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    if pixels is None or header is None:
        return pixels
    if header.alpha != "none":
        if header.format == "PAM":  # OpenCV 5 mixes up its channels
            raise ValueError(_NO_ALPHA)
        alpha = _alpha(encoded, pixels.shape[:2], header.clear_gray)
        if alpha is None and header.format in _SURE:
            raise ValueError(_NO_ALPHA)
        if alpha is not None:
            pixels = on_white(pixels, alpha, header.alpha == "premultiplied")
    if upright:
        pixels = ORIENTATIONS[header.orientation](pixels)
    for turn in header.turns:
        pixels = turn(pixels)
    return np.ascontiguousarray(pixels)


def _imdecode(encoded: NDArray[np.uint8], flags: int) -> Pixels | None:
    pixels = cv2.imdecode(encoded, flags)
    return None if pixels is None else np.asarray(pixels, np.uint8)


def _alpha(
    encoded: NDArray[np.uint8], size: tuple[int, ...], clear_gray: int | None
) -> NDArray[np.uint8] | None:
    """Returns the transparency (H, W) in 8 bits; None if there is none."""
    pixels: NDArray[Any] | None = cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.shape[:2] != size:
        raise ValueError(_NO_ALPHA)
    if pixels.ndim == 2 and clear_gray is not None:
        return np.where(pixels == clear_gray, 0, WHITE).astype(np.uint8)
    if pixels.ndim != 3 or pixels.shape[2] not in (2, 4):
        return None
    alpha = pixels[..., -1]
    if alpha.dtype == np.uint16:
        return np.asarray(alpha >> 8, np.uint8)
    if alpha.dtype != np.uint8:
        return np.asarray(np.clip(np.nan_to_num(alpha), 0, 1) * WHITE).astype(np.uint8)
    return np.asarray(alpha, np.uint8)


def _refuse_too_large(size: tuple[int, int], max_pixels: int) -> None:
    width, height = size
    if width * height > max_pixels:
        raise ValueError(
            f"{width} x {height} pixels are more than {max_pixels}; max_pixels, or --max-pixels, "
            "allows more"
        )


def _why_not_several(header: ImageHeader) -> str:
    if header.format == "TIFF":
        return "it has several pages; split it into files of one page"
    found = "an animation with several frames, of which a copy would have only one"
    return f"{found}; `mtcnn-rt process` takes all of them"


def _why_unreadable(content: bytes) -> str:
    if content[4:8] == b"ftyp" and content[8:11] in (b"hei", b"hev", b"mif", b"msf"):
        return "HEIC, which OpenCV does not know; convert it to JPEG"
    if content.startswith((b"\xff\x0a", b"\0\0\0\x0cJXL ")):
        return "JPEG XL, which OpenCV does not know; convert it to JPEG"
    return "not an image in a format that OpenCV knows"
