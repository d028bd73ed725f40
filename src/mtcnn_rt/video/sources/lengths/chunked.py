"""Checks of containers that are a row of chunks with lengths."""

from __future__ import annotations

from typing import BinaryIO

from mtcnn_rt.video.sources.lengths.reading import (
    END_MISSING,
    MOST_PARTS,
    big,
    little,
    read,
    short_of,
)

BOXES = {
    *(b"mdat", b"moov", b"moof", b"mfra", b"free", b"skip", b"wide", b"pnot", b"meta"),
    *(b"sidx", b"styp", b"uuid", b"udta", b"emsg", b"prft", b"ssix", b"pdin"),
}
"""Kinds of boxes of MP4 that may follow each other in a file."""


def iso_media(file: BinaryIO, size: int) -> str | None:
    """Checks MP4, MOV, 3GP and AVIF: boxes with lengths."""
    at, kind = 0, b""
    for _ in range(MOST_PARTS):
        header = read(file, at, 16)
        if len(header) < 8 or (header[4:8] not in BOXES and at > 0):
            break  # the end, or something that a camera has appended
        kind, length = header[4:8], big(header[:4])
        if length == 1:
            length = big(header[8:16])
        if length == 0:  # up to the end
            return ""
        if length < 8:
            return None
        at += length
        if at > size:
            return short_of(size, at)
    return END_MISSING if kind == b"moof" else ""  # its samples should follow


_SEGMENT = 0x18538067


def matroska(file: BinaryIO, size: int) -> str | None:
    """Checks Matroska and WebM: the length of the segment, or those of its clusters."""
    at = 0
    for _ in range(MOST_PARTS):
        if at >= size:
            return short_of(size, at)
        name, after = _ebml_number(file, at, keep_marker=True)
        length, data = _ebml_number(file, after)
        if length >= 0:
            at = data + length
        elif name == _SEGMENT:  # its parts may state theirs
            at = data
        else:
            return None
    return None


def _ebml_number(file: BinaryIO, at: int, keep_marker: bool = False) -> tuple[int, int]:
    """Returns a number of variable length, -1 for an unknown length, and where it ends."""
    data = read(file, at, 8)
    count = 9 - data[0].bit_length()
    if count > 8 or len(data) < count:
        raise ValueError("no number of EBML")
    number = big(data[:count])
    if not keep_marker:
        number -= 1 << 7 * count
        if number == (1 << 7 * count) - 1:
            number = -1
    return number, at + count


_RIFF_EXCESS = 8  # bytes of the header, which some programs count, too


def riff(file: BinaryIO, size: int) -> str | None:
    """Checks AVI and WebP: one chunk, or several of AVI's, with lengths."""
    at = 0
    for _ in range(MOST_PARTS):
        header = read(file, at, 8)
        if header[:4] != b"RIFF" or len(header) < 8:
            return ""
        length = little(header[4:])
        if length == 0:  # it is filled in at the end
            return END_MISSING
        at += 8 + length
        if at > size + _RIFF_EXCESS:
            return short_of(size, at)
        at += length % 2
    return None


_GIF_HEAD = 13  # bytes


def gif(file: BinaryIO, size: int) -> str | None:
    """Checks GIF: blocks up to a trailer."""
    head = read(file, 0, _GIF_HEAD)
    if len(head) < _GIF_HEAD:
        return END_MISSING
    at = _GIF_HEAD + _palette_bytes(head[10])
    for _ in range(MOST_PARTS):
        kind = read(file, at, 10)
        if not kind:
            return END_MISSING
        if kind[0] == 0x3B:  # the trailer
            return ""
        if kind[0] == 0x21:  # an extension
            at += 2
        elif kind[0] == 0x2C and len(kind) == 10:  # an image
            at += 11 + _palette_bytes(kind[9])
        elif kind[0] == 0x2C:
            return END_MISSING
        else:
            return None
        while (length := read(file, at, 1)) not in (b"", b"\0"):
            at += 1 + length[0]
        if not length:
            return END_MISSING
        at += 1
    return None


def _palette_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def png(file: BinaryIO, size: int) -> str | None:
    """Checks PNG and APNG: chunks up to IEND."""
    at = 8
    for _ in range(MOST_PARTS):
        header = read(file, at, 8)
        if len(header) < 8:
            return END_MISSING
        at += 12 + big(header[:4])
        if at > size:
            return short_of(size, at)
        if header[4:] == b"IEND":
            return ""
    return None


_REAL_MEDIA_EXCESS = 10  # bytes by which FFmpeg states the length of the data too long


def real_media(file: BinaryIO, size: int) -> str | None:
    """Checks RealMedia: chunks with lengths."""
    at = 0
    for _ in range(MOST_PARTS):
        header = read(file, at, 8)
        length = big(header[4:8])
        if len(header) < 8 or length < 8:
            return "" if at else None
        at += length
        if at > size + _REAL_MEDIA_EXCESS:
            return short_of(size, at)
    return None
