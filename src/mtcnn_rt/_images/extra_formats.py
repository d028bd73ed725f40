"""Knows the image formats that Pillow decodes and OpenCV does not. Pillow need not be installed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.util import find_spec
from struct import unpack_from

from mtcnn_rt._files.extensions import TGA

NAMES = ("ICO", "CUR", "DDS", "ICNS", "PSD", "QOI", "SGI", "PCX", "PCD", "DIB", "TGA")
"""The formats, by Pillow's names. TGA is the last one, since nothing marks its files.

Formats that are missing are no photographs, or are drawn by other programs: Pillow starts
Ghostscript for EPS.
"""

_STARTS = {
    b"\0\0\1\0": "ICO",
    b"\0\0\2\0\0\0": "TGA",
    b"\0\0\2\0": "CUR",
    b"DDS ": "DDS",
    b"icns": "ICNS",
    b"8BPS": "PSD",
    b"qoif": "QOI",
    b"\x01\xda": "SGI",
    **{bytes([10, version, 1]): "PCX" for version in (0, 2, 3, 5)},
}
_ICONS = (b"\0\0\1\0", b"\0\0\2\0")
_PNG = b"\x89PNG\r\n\x1a\n"
_INNER = re.compile(rb"\x89PNG\r\n\x1a\n.{8}(.{8})|\xff\x4f\xff\x51.{4}(.{8})", re.DOTALL)
"""The width and height of a PNG, and of a codestream of JPEG 2000."""
_TGA_END = b"TRUEVISION-XFILE.\0"


def is_decodable() -> bool:
    """Returns true if Pillow is installed."""
    try:
        return find_spec("PIL") is not None
    except (ImportError, ValueError):  # a finder that refuses it, or a module without a spec
        return False


def extra_format(content: bytes, name: str = "") -> str | None:
    """Returns the format of a file that needs Pillow, by its first bytes or its name, or None."""
    for start, found in _STARTS.items():
        if content.startswith(start):
            return found
    return "TGA" if content.endswith(_TGA_END) or name.lower().endswith(TGA) else None


def inner_sizes(content: bytes) -> Iterator[tuple[int, int]]:
    """Yields the sizes of the images within an icon file, which may be larger than it states.

    Pillow decodes them before its caller sees any size.
    """
    if content.startswith(b"icns"):
        for png, codestream in _INNER.findall(content):
            yield unpack_from(">II", png or codestream)
    if content.startswith(_ICONS) and len(content) >= 6:
        entries = min(unpack_from("<H", content, 4)[0], (len(content) - 6) // 16)
        for index in range(entries):
            [at] = unpack_from("<I", content, 6 + 16 * index + 12)
            head = content[at : at + 24]
            if len(head) == 24:
                width, height = unpack_from(">II", head, 16)
                if not head.startswith(_PNG):  # a bitmap with its mask below it
                    width, height = (abs(side) for side in unpack_from("<ii", head, 4))
                    height //= 2
                yield width, height
