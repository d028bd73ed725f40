"""Reads the index of a JPEG file with several images (CIPA DC-007, Multi-Picture Format)."""

from __future__ import annotations

import re
import struct

MARK = b"MPF\0"
"""The beginning of the segment with the index."""

_ENTRIES = 0xB002
_LARGE_THUMBNAIL = 1  # class of an image that is a preview of the first one
_MAP = re.compile(rb"AuxiliaryImageType|hdrgm|iso:ts:21496")  # in XMP, or ISO's mark of gain maps
_HEAD = 1 << 16  # bytes of an image in which it is said that it is a map


def count_images(content: bytes, start: int) -> int:
    """Returns the number of images in a JPEG file; 1 for an index that is broken.

    Previews do not count, nor gain and depth maps, which most phones add to the photo.

    Args:
        content: The bytes of the file.
        start: The place of the index, behind its mark; other places count from there.
    """
    try:
        others = [place for place in _others(content, start) if _is_picture(content, place)]
    except struct.error:
        return 1
    return 1 + len(others)


def _others(content: bytes, start: int) -> list[int]:
    """Returns the places of all images but the first one and its previews."""
    order = "<" if content[start : start + 2] == b"II" else ">"
    [at] = struct.unpack_from(order + "I", content, start + 4)
    [tags] = struct.unpack_from(order + "H", content, start + at)
    for index in range(tags):
        entry = start + at + 2 + 12 * index
        tag, _, size, place = struct.unpack_from(order + "HHII", content, entry)
        if tag == _ENTRIES:
            images = [
                struct.unpack_from(order + "I4xI", content, start + place + 16 * image)
                for image in range(size // 16)
            ]
            return [
                start + offset
                for attributes, offset in images
                if offset and attributes >> 16 & 0xFF != _LARGE_THUMBNAIL
            ]
    return []


def _is_picture(content: bytes, place: int) -> bool:
    """Returns true if there is an image at a place, and it is no map of another one."""
    is_there = content.startswith(b"\xff\xd8\xff", place)
    return is_there and _MAP.search(content, place, place + _HEAD) is None
