"""Checks of single containers: is a file as long as they state?

Each check takes a file and its size in bytes. It returns a reason such as "it has 900 of at least
1000 bytes" if the file is cut off, "" if it is whole, and None if it states no length.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from typing import BinaryIO, TypeAlias

Check: TypeAlias = Callable[[BinaryIO, int], "str | None"]

_END_MISSING = "its end is missing"
_MOST_PARTS = 1_000_000  # that are walked through, for files that are made to take long
_TAIL = 1 << 18  # bytes at the end that are searched for the last page or pack


def _short_of(size: int, stated: int) -> str:
    """Returns the reason for a file of `size` bytes that should have `stated` ones; "" if none."""
    return f"it has {size} of at least {stated} bytes" if size < stated else ""


def _read(file: BinaryIO, at: int, count: int) -> bytes:
    file.seek(at)
    return file.read(count)


def _big(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")


BOXES = {
    *(b"mdat", b"moov", b"moof", b"mfra", b"free", b"skip", b"wide", b"pnot", b"meta"),
    *(b"sidx", b"styp", b"uuid", b"udta", b"emsg", b"prft", b"ssix", b"pdin"),
}
"""Kinds of boxes of MP4 that may follow each other in a file."""


def iso_media(file: BinaryIO, size: int) -> str | None:
    """Checks MP4, MOV, 3GP and AVIF: boxes with lengths."""
    at, kind = 0, b""
    for _ in range(_MOST_PARTS):
        header = _read(file, at, 16)
        if len(header) < 8 or (header[4:8] not in BOXES and at > 0):
            break  # the end, or something that a camera has appended
        kind, length = header[4:8], _big(header[:4])
        if length == 1:
            length = _big(header[8:16])
        if length == 0:  # up to the end
            return ""
        if length < 8:
            return None
        at += length
        if at > size:
            return _short_of(size, at)
    return _END_MISSING if kind == b"moof" else ""  # its samples should follow


_SEGMENT = 0x18538067


def _matroska(file: BinaryIO, size: int) -> str | None:
    """Checks Matroska and WebM: the length of the segment, or those of its clusters."""
    at = 0
    for _ in range(_MOST_PARTS):
        if at >= size:
            return _short_of(size, at)
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
    data = _read(file, at, 8)
    count = 9 - data[0].bit_length()
    if count > 8 or len(data) < count:
        raise ValueError("no number of EBML")
    number = _big(data[:count])
    if not keep_marker:
        number -= 1 << 7 * count
        if number == (1 << 7 * count) - 1:
            number = -1
    return number, at + count


_RIFF_EXCESS = 8  # bytes of the header, which some programs count, too


def _riff(file: BinaryIO, size: int) -> str | None:
    """Checks AVI and WebP: one chunk, or several of AVI's, with lengths."""
    at = 0
    for _ in range(_MOST_PARTS):
        header = _read(file, at, 8)
        if header[:4] != b"RIFF" or len(header) < 8:
            return ""
        length = _little(header[4:])
        if length == 0:  # it is filled in at the end
            return _END_MISSING
        at += 8 + length
        if at > size + _RIFF_EXCESS:
            return _short_of(size, at)
        at += length % 2
    return None


def _flash(file: BinaryIO, size: int) -> str | None:
    """Checks FLV: the size of the file, which most programs write into its description."""
    head = _read(file, 0, 1 << 16)
    found = re.search(rb"filesize\x00(.{8})", head, re.DOTALL)
    if not found:
        return None
    (stated,) = struct.unpack(">d", found[1])
    return _short_of(size, int(stated)) or ("" if stated > 0 else None)


def _shockwave(file: BinaryIO, size: int) -> str | None:
    """Checks SWF: the size of the file."""
    return _short_of(size, _little(_read(file, 4, 4)))


def _gif(file: BinaryIO, size: int) -> str | None:
    """Checks GIF: blocks up to a trailer."""
    flags = _read(file, 10, 1)[0]
    at = 13 + _palette_bytes(flags)
    for _ in range(_MOST_PARTS):
        kind = _read(file, at, 10)
        if not kind:
            return _END_MISSING
        if kind[0] == 0x3B:  # the trailer
            return ""
        if kind[0] == 0x21:  # an extension
            at += 2
        elif kind[0] == 0x2C and len(kind) == 10:  # an image
            at += 11 + _palette_bytes(kind[9])
        elif kind[0] == 0x2C:
            return _END_MISSING
        else:
            return None
        while (length := _read(file, at, 1)) not in (b"", b"\0"):
            at += 1 + length[0]
        if not length:
            return _END_MISSING
        at += 1
    return None


def _palette_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _png(file: BinaryIO, size: int) -> str | None:
    """Checks PNG and APNG: chunks up to IEND."""
    at = 8
    for _ in range(_MOST_PARTS):
        header = _read(file, at, 8)
        if len(header) < 8:
            return _END_MISSING
        at += 12 + _big(header[:4])
        if at > size:
            return _short_of(size, at)
        if header[4:] == b"IEND":
            return ""
    return None


def _nut(file: BinaryIO, size: int) -> str | None:
    """Checks NUT: an index at the end, whose last bytes are its length and a checksum."""
    length = _big(_read(file, max(0, size - 12), 8))
    start = _read(file, max(0, size - length), 8)
    return "" if start == bytes.fromhex("4e58dd672f23e64e") else _END_MISSING


def _mxf(file: BinaryIO, size: int) -> str | None:
    """Checks MXF: the place of the footer, in the header."""
    first = _read(file, 16, 1)[0]
    value = 17 + (first & 0x7F if first & 0x80 else 0)
    footer = _big(_read(file, value + 24, 8))
    return None if footer == 0 else _short_of(size, footer + 17)


_ASF_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_ASF_LIVE = 1


def _asf(file: BinaryIO, size: int) -> str | None:
    """Checks ASF and WMV: the size of the file."""
    head = _read(file, 0, 1 << 16)
    at = head.index(_ASF_PROPERTIES)
    if head[at + 88] & _ASF_LIVE:
        return None
    stated = _little(head[at + 40 : at + 48])
    return _short_of(size, stated) or ("" if stated else None)


_OGG_LAST = 4


def _ogg(file: BinaryIO, size: int) -> str | None:
    """Checks Ogg: the last page of each stream has a mark."""
    tail = _read(file, max(0, size - _TAIL), _TAIL)
    last: dict[bytes, bool] = {}
    at, end = tail.find(b"OggS\0"), 0
    while 0 <= at < len(tail) - 27:
        data = at + 27 + tail[at + 26]
        end = data + sum(tail[at + 27 : data])
        last[tail[at + 14 : at + 18]] = bool(tail[at + 5] & _OGG_LAST)
        at = tail.find(b"OggS\0", end)
    return "" if last and all(last.values()) and end <= len(tail) else _END_MISSING


def _ivf(file: BinaryIO, size: int) -> str | None:
    """Checks IVF: frames with lengths, and the time of the end."""
    header = _read(file, 0, 32)
    at, stated = _little(header[6:8]), _little(header[24:28])
    frames, last, step = 0, 0, 1
    while at < size and frames < _MOST_PARTS:
        frame = _read(file, at, 12)
        at += 12 + _little(frame[:4])
        if len(frame) < 12 or at > size:
            return _END_MISSING
        step, last = max(1, _little(frame[4:12]) - last), _little(frame[4:12])
        frames += 1
    short = max(frames, last + step) < stated < 1 << 31
    return _END_MISSING if short else ""


_REAL_MEDIA_EXCESS = 10  # bytes by which FFmpeg states the length of the data too long


def _real_media(file: BinaryIO, size: int) -> str | None:
    """Checks RealMedia: chunks with lengths."""
    at = 0
    for _ in range(_MOST_PARTS):
        header = _read(file, at, 8)
        length = _big(header[4:8])
        if len(header) < 8 or length < 8:
            return "" if at else None
        at += length
        if at > size + _REAL_MEDIA_EXCESS:
            return _short_of(size, at)
    return None


def _program_stream(file: BinaryIO, size: int) -> str | None:
    """Checks MPEG program streams, such as VOB: packets with lengths, from the last packs on."""
    tail = _read(file, max(0, size - _TAIL), _TAIL)
    at = tail.find(b"\0\0\1\xba")
    while 0 <= at < len(tail):
        code = tail[at : at + 4]
        if code == b"\0\0\1\xba":
            kind = tail[at + 4 : at + 5]
            if kind[:1] and kind[0] >> 6 == 1:  # of MPEG-2, with padding
                at += 14 + (tail[at + 13] & 7 if len(tail) > at + 13 else 0)
            else:
                at += 12
        elif code == b"\0\0\1\xb9":  # the end
            return ""
        elif code[:3] == b"\0\0\1" and len(code) == 4 and code[3] >= 0xBB:
            at += 6 + _big(tail[at + 4 : at + 6])
        elif not any(tail[at:]):  # padding
            return ""
        elif len(code) < 4:
            return _END_MISSING
        else:
            at = tail.find(b"\0\0\1\xba", at)
            if at < 0:
                return None
    return _END_MISSING if at > len(tail) else None


_SAMPLES = {"420": 1.5, "411": 1.5, "422": 2, "440": 2, "444": 3, "mon": 1}  # a pixel


def _yuv4mpeg(file: BinaryIO, size: int) -> str | None:
    """Checks Y4M: whole frames, whose size follows from the header."""
    line, found, _ = _read(file, 0, 1024).partition(b"\n")
    fields = {word[:1]: word[1:] for word in line.decode("ascii").split()[1:]}
    kind = fields.get("C", "420")
    samples = 4 if kind == "444alpha" else _SAMPLES.get(kind[:3])
    width, height = int(fields["W"]), int(fields["H"])
    if not found or samples is None or (width % 4 or height % 2):  # rounded chroma
        return None
    deep = 2 if "p1" in kind or kind[4:] in ("9", "10", "12", "14", "16") else 1
    frame = len(b"FRAME\n") + int(width * height * samples * deep)
    return _END_MISSING if (size - len(line) - 1) % frame else ""


def transport_stream(file: BinaryIO, size: int) -> str | None:
    """Checks MPEG transport streams: whole packets."""
    head = _read(file, 0, 2048)
    distance = sync_distance(head)
    return _END_MISSING if distance and size % distance else None


def sync_distance(head: bytes) -> int:
    """Returns the bytes from packet to packet of a transport stream; 0 if it is none."""
    for distance, first in ((188, 0), (192, 4), (204, 0)):
        places = range(first, len(head), distance)
        if len(places) > 3 and all(head[at] == 0x47 for at in places):
            return distance
    return 0


BY_MAGIC: dict[bytes, Check] = {
    b"\x1a\x45\xdf\xa3": _matroska,
    b"RIFF": _riff,
    b"FLV\1": _flash,
    b"FWS": _shockwave,
    b"GIF8": _gif,
    b"\x89PNG": _png,
    b"nut/multimedia container\0": _nut,
    bytes.fromhex("060e2b34020501010d010201"): _mxf,
    bytes.fromhex("3026b2758e66cf11"): _asf,
    b"OggS": _ogg,
    b"DKIF": _ivf,
    b".RMF": _real_media,
    b"\0\0\1\xba": _program_stream,
    b"YUV4MPEG2 ": _yuv4mpeg,
}
"""The checks of containers that begin with these bytes."""
