"""Reads the headers of PNG, JPEG, GIF, BMP, WebP, and of the simple formats."""

from __future__ import annotations

import re
from struct import unpack_from

from mtcnn_rt._images.headers import multi_picture
from mtcnn_rt._images.headers.header import Alpha, HeaderError, ImageHeader
from mtcnn_rt._images.headers.tiff import exif_orientation

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
END_OF_JPEG = b"\xff\xd9"
_SCAN = 0xDA  # what comes before it says how the image is stored
# Markers without a length are skipped, and bytes 0xff that fill up. With "\xff+" the time would
# grow with the square of their number.
_JPEG_MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd7\xff])")
_SIZE = re.compile(rb"[-+][XY] +(\d{1,9}) +[-+][XY] +(\d{1,9})")
_COMMENT = re.compile(rb"#[^\n\r]*")


def read_png(content: bytes) -> ImageHeader:
    """Reads the chunks of a PNG or APNG file."""
    if content[12:16] != b"IHDR":
        raise HeaderError("it has no header")
    width, height, depth, color_type = unpack_from(">IIBB", content, 16)
    alpha, frames, whole, orientation, at = color_type in (4, 6), 1, False, 1, 8
    clear_gray: int | None = None
    while at + 12 <= len(content):
        length, kind = unpack_from(">I4s", content, at)
        if kind == b"tRNS":
            alpha = True
            if color_type == 0 and length >= 2:
                clear_gray = _as_decoded(unpack_from(">H", content, at + 8)[0], depth)
        elif kind == b"acTL":
            frames = int(unpack_from(">I", content, at + 8)[0])
        elif kind == b"eXIf":
            orientation = exif_orientation(content[at + 8 : at + 8 + length])
        elif kind == b"IEND":
            whole = True
            break
        at += 12 + length
    return ImageHeader(
        "PNG",
        (width, height),
        _straight(alpha),
        max(1, frames),
        whole,
        orientation,
        clear_gray=clear_gray,
    )


def _as_decoded(gray: int, depth: int) -> int:
    """Returns a gray of a PNG with so many bits as OpenCV gives it, in 8 bits, or 16 of 16."""
    most = (1 << depth) - 1
    return gray & most if depth >= 8 else (gray & most) * 255 // max(1, most)


def read_jpeg(content: bytes) -> ImageHeader:
    """Reads the segments of a JPEG file up to the size, and finds out if its end is missing."""
    at, size, images = 2, None, 1
    orientation: int | None = None
    while marker := _JPEG_MARKER.search(content, at):
        kind, at = marker[1][0], marker.end()
        if kind == END_OF_JPEG[1]:
            break
        if at + 2 > len(content):
            return _jpeg(size, orientation, images, whole=False)
        if kind == 0xE1 and orientation is None and content.startswith(b"Exif\0\0", at + 2):
            [length] = unpack_from(">H", content, at)
            orientation = exif_orientation(content[at + 2 : at + length])
        if kind == 0xE2 and content.startswith(multi_picture.MARK, at + 2):
            images = multi_picture.count_images(content, at + 2 + len(multi_picture.MARK))
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC) and size is None:
            if at + 7 > len(content):
                raise HeaderError("it ends within its header")
            height, width = unpack_from(">HH", content, at + 3)
            size = (width, height)
        if kind == _SCAN and content.endswith(END_OF_JPEG):
            return _jpeg(size, orientation, images, whole=True)
        at += unpack_from(">H", content, at)[0]
    return _jpeg(size, orientation, images, whole=marker is not None)


def _jpeg(
    size: tuple[int, int] | None, orientation: int | None, images: int, whole: bool
) -> ImageHeader:
    if size is None:
        raise HeaderError("it has no size")
    return ImageHeader("JPEG", size, whole=whole, orientation=orientation or 1, images=images)


def read_gif(content: bytes) -> ImageHeader:
    """Reads the size of a GIF file, and counts its frames up to two."""
    width, height, flags = unpack_from("<HHB", content, 6)
    at = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    frames = 0
    while at < len(content) and frames < 2:
        if content[at] == 0x2C and at + 10 <= len(content):  # a frame
            frames += 1
            local = content[at + 9]
            at += 10 + (3 << (local & 7) + 1 if local & 0x80 else 0) + 1
        elif content[at] == 0x21:  # an extension
            at += 2
        else:
            break
        while at < len(content) and content[at]:  # its blocks
            at += 1 + content[at]
        at += 1
    return ImageHeader("GIF", (width, height), "straight", max(1, frames))


def read_bmp(content: bytes) -> ImageHeader:
    """Reads the header of a BMP file."""
    [header] = unpack_from("<I", content, 14)
    if header == 12:
        width, height = unpack_from("<HH", content, 18)
        return ImageHeader("BMP", (width, height))
    width, height = map(abs, unpack_from("<ii", content, 18))
    [bits] = unpack_from("<H", content, 28)
    masked = bits == 32 and header >= 56 and unpack_from("<I", content, 66)[0] != 0
    return ImageHeader("BMP", (width, height), _straight(masked))


def read_webp(content: bytes) -> ImageHeader:
    """Reads the chunks of a WebP file."""
    kind = content[12:16]
    if kind == b"VP8 ":
        width, height = unpack_from("<HH", content, 26)
        return ImageHeader("WebP", (width & 0x3FFF, height & 0x3FFF))
    if kind == b"VP8L":
        [packed] = unpack_from("<I", content, 21)
        size = ((packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1)
        return ImageHeader("WebP", size, _straight(packed >> 28 & 1))
    if kind != b"VP8X":
        raise HeaderError("it has no image")
    flags = content[20]
    width, height = (1 + int.from_bytes(content[at : at + 3], "little") for at in (24, 27))
    orientation, frames, at = 1, 0, 12
    while at + 8 <= len(content):
        chunk, length = unpack_from("<4sI", content, at)
        frames += chunk == b"ANMF"
        if chunk == b"EXIF":
            orientation = exif_orientation(content[at + 8 : at + 8 + length])
        at += 8 + length + length % 2
    alpha = _straight(flags & 0x10)
    animated = bool(flags & 2)
    return ImageHeader(
        "WebP", (width, height), alpha, max(1, frames if animated else 1), True, orientation
    )


def read_pnm(content: bytes) -> ImageHeader:
    """Reads the header of PBM, PGM, PPM and PFM."""
    words = _COMMENT.sub(b" ", content[:65536]).split(None, 3)[:3]
    if len(words) < 3:
        raise HeaderError("it ends within its header")
    _, width, height = words
    if not (width.isdigit() and height.isdigit() and len(width) < 10 and len(height) < 10):
        raise HeaderError("it has no size")
    floats = content[:2] in (b"PF", b"Pf")
    return ImageHeader("PNM", (int(width), int(height)), unscaled=floats)


def read_pam(content: bytes) -> ImageHeader:
    """Reads the header of PAM."""
    fields = dict(re.findall(rb"(WIDTH|HEIGHT|DEPTH)\s+(\d{1,9})\s", content[:4096]))
    if not {b"WIDTH", b"HEIGHT", b"DEPTH"} <= fields.keys():
        raise HeaderError("it has no size")
    depth = int(fields[b"DEPTH"])
    size = (int(fields[b"WIDTH"]), int(fields[b"HEIGHT"]))
    return ImageHeader("PAM", size, _straight(depth in (2, 4)))


def read_sun(content: bytes) -> ImageHeader:
    """Reads the header of a Sun raster file."""
    width, height = unpack_from(">II", content, 4)
    return ImageHeader("Sun raster", (width, height))


def read_radiance(content: bytes) -> ImageHeader:
    """Reads the header of a Radiance HDR file."""
    size = _SIZE.search(content[:65536])
    if size is None:
        raise HeaderError("it has no size")
    return ImageHeader("Radiance HDR", (int(size[2]), int(size[1])))


def _straight(alpha: bool | int) -> Alpha:
    return "straight" if alpha else "none"
