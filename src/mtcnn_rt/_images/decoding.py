"""Decodes image files: upright, without transparency, and not beyond a number of pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._defaults import MAX_PIXELS
from mtcnn_rt._errors import EMPTY
from mtcnn_rt._files.extensions import WHY_RAW, is_raw
from mtcnn_rt._files.first_bytes import LENGTH, is_video
from mtcnn_rt._images import codecs, heic
from mtcnn_rt._images.codecs import TooManyPixelsError, refuse_too_large
from mtcnn_rt._images.extra_formats import extra_format
from mtcnn_rt._images.headers import ORIENTATIONS, HeaderError, ImageHeader, read_header
from mtcnn_rt._images.library_lines import UNHEARD, LibraryLines, jpeg_damage
from mtcnn_rt._images.transparency import on_white
from mtcnn_rt._log import LOG

_CUT = "the end of the file is missing"
_DAMAGED = "{}: its data are damaged ({}), and a part of the image may be wrong"
_LEFT_OUT = "{}: it has {} images, and the primary one, which viewers show, is used"
_UNKNOWN = {
    b"\xff\x0a": "JPEG XL",
    b"\0\0\0\x0cJXL ": "JPEG XL",
    b"\x76\x2f\x31\x01": "OpenEXR",
}


@dataclass(frozen=True, eq=False)
class Decoded:
    """The pixels of an image file, and what is to be said about them.

    Attributes:
        pixels: (H, W, 3) uint8 BGR.
        note: A line about a fault that did not prevent decoding; "" if there is none.
        left_out: A line about other images of the file, which is no fault; "" if there are none.
    """

    pixels: Pixels
    note: str = ""
    left_out: str = ""


def decode(
    content: bytes,
    name: str,
    upright: bool = True,
    max_pixels: int = MAX_PIXELS,
    only_frame: bool = False,
    lines: LibraryLines = UNHEARD,
) -> Decoded:
    """Decodes the content of an image file.

    Transparent parts are laid on white, as browsers and most viewers show them: the colors that
    files have below them are often not meant to be seen.

    Args:
        content: The bytes of the file.
        name: The file's name in messages.
        upright: Apply the EXIF orientation. The turns of AVIF, which are no EXIF, always apply.
        max_pixels: Most pixels to decode; the header is asked first.
        only_frame: Refuse an animation and several pages; otherwise the first one is decoded. Of
            other files with several images, such as HEIC, it is the primary one, with a line about
            the others if this is true.
        lines: Holds what libraries write to standard error meanwhile, from which the damage of a
            JPEG file is known. Unheard, it goes unnoticed, unless the end of the file is missing.

    Raises:
        ValueError: The content is not an image that can be decoded, or is refused; the message
            has the name.
    """
    lines.take()  # about the image before
    try:
        if not content:
            raise ValueError(EMPTY)
        header = read_header(content)
        if header is not None:
            refuse_too_large(header.size, max_pixels)
            if only_frame and header.frames > 1:
                raise ValueError(_why_not_several(header))
        whole = header is None or header.whole
        if header is not None and header.format == "PNG" and not whole:
            raise ValueError(_CUT)  # OpenCV takes memory for a part of any length first
        if header is not None and header.format == "JPEG" and not whole:
            content += b"\xff\xd9"  # decoders refuse the file without its end
        pixels = _decode(content, name, header, upright, max_pixels)
        if pixels is None:
            raise ValueError(_why_unreadable(content, name, header) if whole else _CUT)
        refuse_too_large((pixels.shape[1], pixels.shape[0]), max_pixels)
    except HeaderError as error:
        raise ValueError(f"cannot read {name}: its header is broken: {error}") from error
    except ValueError as error:
        raise ValueError(f"cannot read {name}: {error}") from error
    images = _images(header, content) if only_frame else 1
    left_out = _LEFT_OUT.format(name, images) if images > 1 else ""
    if not whole:
        return Decoded(pixels, f"{name}: {_CUT}, and maybe a part of the image", left_out)
    damage = jpeg_damage(lines.take())
    return Decoded(pixels, _DAMAGED.format(name, damage) if damage else "", left_out)


def _decode(
    content: bytes, name: str, header: ImageHeader | None, upright: bool, max_pixels: int
) -> Pixels | None:
    """Returns (H, W, 3) BGR; None for what no library here knows."""
    if header is not None and header.format == "TIFF" and is_raw(name):
        return None  # libraries decode its preview
    if _is_heic(header, content):
        return heic.decode(content, lambda size: refuse_too_large(size, max_pixels))
    plain = header is None or (header.alpha == "none" and header.format != "AVIF")
    hides = not plain and _hides(header)
    wanted = codecs.Wanted(header, upright and plain, hides, max_pixels)
    decoded = _decode_by_any(content, name, wanted)
    if decoded is None:
        return None
    pixels = decoded.colors
    if decoded.alpha is not None:
        pixels = on_white(pixels, decoded.alpha, decoded.premultiplied)
    if plain or header is None:
        return pixels
    if upright:
        pixels = ORIENTATIONS[header.orientation](pixels)
    for turn in header.turns:
        pixels = turn(pixels)
    return np.ascontiguousarray(pixels)


def _is_heic(header: ImageHeader | None, content: bytes) -> bool:
    return header is None and heic.is_heic(content)


def _images(header: ImageHeader | None, content: bytes) -> int:
    """Returns the number of images of a file that was decoded, of which one is primary."""
    if header is not None:
        return header.images
    return heic.count(content) if heic.is_heic(content) else 1


def _decode_by_any(content: bytes, name: str, wanted: codecs.Wanted) -> codecs.CodecImage | None:
    """Decodes with the first library that can; raises the first ValueError if none does."""
    refused: ValueError | None = None
    for codec in codecs.codecs():
        try:
            decoded = codec.decode(content, wanted)
        except TooManyPixelsError:
            raise
        except ValueError as error:
            refused = refused or error
            decoded = None
        if decoded is not None:
            LOG.debug("%s: decoded by %s", name, codec.name)
            return decoded
        LOG.debug("%s: not decoded by %s", name, codec.name)
    if refused is not None:
        raise refused
    return None


def _hides(header: ImageHeader | None) -> bool:
    return header is not None and header.alpha != "none"


def _why_not_several(header: ImageHeader) -> str:
    if header.format == "TIFF":
        return "it has several pages; split it into files of one page"
    found = "an animation with several frames, of which a copy would have only one"
    return f"{found}; `mtcnn-rt process` takes all of them"


def _why_unreadable(content: bytes, name: str, header: ImageHeader | None) -> str:
    libraries = [codec.name for codec in codecs.codecs()]
    names, several = " and ".join(libraries), len(libraries) > 1
    if is_raw(name):
        return WHY_RAW
    if heic.is_heic(content):
        return "HEIC, which needs pillow-heif: pip install pillow-heif; or convert it to JPEG"
    if is_video(content[:LENGTH]):
        return "a video, which `mtcnn-rt process` takes, and in Python `stream`"
    extra = extra_format(content, name) if header is None else None
    if extra is not None and "Pillow" not in libraries:
        return f"{extra}, which needs Pillow: pip install pillow; or convert it to JPEG"
    if kind := next((kind for start, kind in _UNKNOWN.items() if content.startswith(start)), None):
        return f"{kind}, which {names} {'do' if several else 'does'} not know; convert it to JPEG"
    why = f"not an image in a format that {names} {'know' if several else 'knows'}"
    return why if header is None else f"{why}: a broken {header.format}, or a rare kind of it"
