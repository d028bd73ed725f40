"""Checks of streams of packets and frames, some of which state no length as a whole."""

from __future__ import annotations

from typing import BinaryIO

from mtcnn_rt._files.first_bytes import packet_distance
from mtcnn_rt.video.sources.lengths.reading import END_MISSING, MOST_PARTS, big, little, read

_TAIL = 1 << 18  # bytes at the end that are searched for the last page or pack
_OGG_LAST = 4


def ogg(file: BinaryIO, size: int) -> str | None:
    """Checks Ogg: the last page of each stream has a mark."""
    tail = read(file, max(0, size - _TAIL), _TAIL)
    last: dict[bytes, bool] = {}
    at, end = tail.find(b"OggS\0"), 0
    while 0 <= at < len(tail) - 27:
        data = at + 27 + tail[at + 26]
        end = data + sum(tail[at + 27 : data])
        last[tail[at + 14 : at + 18]] = bool(tail[at + 5] & _OGG_LAST)
        at = tail.find(b"OggS\0", end)
    return "" if last and all(last.values()) and end <= len(tail) else END_MISSING


def ivf(file: BinaryIO, size: int) -> str | None:
    """Checks IVF: frames with lengths, and the time of the end."""
    header = read(file, 0, 32)
    at, stated = little(header[6:8]), little(header[24:28])
    frames, last, step = 0, 0, 1
    while at < size and frames < MOST_PARTS:
        frame = read(file, at, 12)
        at += 12 + little(frame[:4])
        if len(frame) < 12 or at > size:
            return END_MISSING
        step, last = max(1, little(frame[4:12]) - last), little(frame[4:12])
        frames += 1
    short = max(frames, last + step) < stated < 1 << 31
    return END_MISSING if short else ""


def program_stream(file: BinaryIO, size: int) -> str | None:
    """Checks MPEG program streams, such as VOB: packets with lengths, from the last packs on."""
    tail = read(file, max(0, size - _TAIL), _TAIL)
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
            at += 6 + big(tail[at + 4 : at + 6])
        elif not any(tail[at:]):  # padding
            return ""
        elif len(code) < 4:
            return END_MISSING
        else:
            at = tail.find(b"\0\0\1\xba", at)
            if at < 0:
                return None
    return END_MISSING if at > len(tail) else None


_SAMPLES = {"420": 1.5, "411": 1.5, "422": 2, "440": 2, "444": 3, "mon": 1}  # a pixel


def yuv4mpeg(file: BinaryIO, size: int) -> str | None:
    """Checks Y4M: whole frames, whose size follows from the header."""
    line, found, _ = read(file, 0, 1024).partition(b"\n")
    fields = {word[:1]: word[1:] for word in line.decode("ascii").split()[1:]}
    kind = fields.get("C", "420")
    samples = 4 if kind == "444alpha" else _SAMPLES.get(kind[:3])
    width, height = int(fields["W"]), int(fields["H"])
    if not found or samples is None or (width % 4 or height % 2):  # rounded chroma
        return None
    deep = 2 if "p1" in kind or kind[4:] in ("9", "10", "12", "14", "16") else 1
    frame = len(b"FRAME\n") + int(width * height * samples * deep)
    return END_MISSING if (size - len(line) - 1) % frame else ""


def transport_stream(file: BinaryIO, size: int) -> str | None:
    """Checks MPEG transport streams: whole packets."""
    head = read(file, 0, 2048)
    distance = packet_distance(head)
    return END_MISSING if distance and size % distance else None
