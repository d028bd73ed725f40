"""Checks of containers whose header or end states a size or a place."""

from __future__ import annotations

import math
import re
import struct
from typing import BinaryIO

from mtcnn_rt.video.sources.lengths.reading import END_MISSING, big, little, read, short_of


def flash(file: BinaryIO, size: int) -> str | None:
    """Checks FLV: the size of the file, which most programs write into its description."""
    head = read(file, 0, 1 << 16)
    found = re.search(rb"filesize\x00(.{8})", head, re.DOTALL)
    if not found:
        return None
    (stated,) = struct.unpack(">d", found[1])
    if not 0 < stated < math.inf:
        return None
    return short_of(size, int(stated)) or ""


def shockwave(file: BinaryIO, size: int) -> str | None:
    """Checks SWF: the size of the file."""
    return short_of(size, little(read(file, 4, 4)))


def nut(file: BinaryIO, size: int) -> str | None:
    """Checks NUT: an index at the end, whose last bytes are its length and a checksum."""
    length = big(read(file, max(0, size - 12), 8))
    start = read(file, max(0, size - length), 8)
    return "" if start == bytes.fromhex("4e58dd672f23e64e") else END_MISSING


def mxf(file: BinaryIO, size: int) -> str | None:
    """Checks MXF: the place of the footer, in the header."""
    first = read(file, 16, 1)[0]
    value = 17 + (first & 0x7F if first & 0x80 else 0)
    footer = big(read(file, value + 24, 8))
    return None if footer == 0 else short_of(size, footer + 17)


_ASF_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_ASF_LIVE = 1


def asf(file: BinaryIO, size: int) -> str | None:
    """Checks ASF and WMV: the size of the file."""
    head = read(file, 0, 1 << 16)
    at = head.index(_ASF_PROPERTIES)
    if head[at + 88] & _ASF_LIVE:
        return None
    stated = little(head[at + 40 : at + 48])
    return short_of(size, stated) or ("" if stated else None)
