"""Removes the comments from the headers of Vorbis sound.

Matroska keeps them as they were in the file that the sound came from, with its tags and, as
METADATA_BLOCK_PICTURE, its cover image.
"""

from __future__ import annotations

_LACED = b"\x02"  # the number of headers before the last, whose lengths follow
_NO_COMMENTS = b"\x03vorbis" + bytes(8) + b"\x01"  # no vendor, no comments, and the final bit


def without_comments(headers: bytes) -> bytes:
    """Returns the headers of a Vorbis stream with a comment header that is empty.

    Args:
        headers: The three headers as FFmpeg and Matroska have them; others are returned as they
            are.
    """
    parts = _laced(headers) if headers.startswith(_LACED) else _prefixed(headers)
    if len(parts) != 3 or not parts[1].startswith(b"\x03vorbis"):
        return headers
    first, _, last = parts
    lengths = b"".join(
        b"\xff" * (len(p) // 255) + bytes([len(p) % 255]) for p in (first, _NO_COMMENTS)
    )
    return _LACED + lengths + first + _NO_COMMENTS + last


def _laced(data: bytes) -> list[bytes]:
    """Returns three headers, of which the lengths of two come first, each as a sum of bytes."""
    at, ends = 1, [0]
    for _ in range(2):
        length = 0
        while data[at : at + 1] == b"\xff":
            length, at = length + 255, at + 1
        if at >= len(data):
            return []
        ends.append(ends[-1] + length + data[at])
        at += 1
    rest = data[at:]
    return [rest[: ends[1]], rest[ends[1] : ends[2]], rest[ends[2] :]]


def _prefixed(data: bytes) -> list[bytes]:
    """Returns headers that have their lengths in two bytes before them."""
    parts = []
    while len(data) > 2:
        end = 2 + int.from_bytes(data[:2], "big")
        parts.append(data[2:end])
        data = data[end:]
    return parts
