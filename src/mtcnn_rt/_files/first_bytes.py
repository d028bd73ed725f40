"""Tells photos and videos by their first bytes, whatever their names are."""

from __future__ import annotations

import os
import re
from typing import Literal, TypeAlias

from mtcnn_rt._files.extensions import MAYBE_TEXT

Kind: TypeAlias = Literal["photo", "video", ""]

LENGTH = 4096
"""Bytes that are enough: a few packets of a transport stream, the first pages of an Ogg file."""

_STILL = rb"avif|avis|heic|heix|heim|heis|hevc|hevx|mif1|msf1"
_SOUND = rb"M4A |M4B |M4P |aax |crx "  # and a raw format
_PHOTO = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8|RIFF....WEBP|....ftyp(?:" + _STILL + rb")", re.DOTALL
)
_VIDEO = re.compile(
    b"|".join(
        (
            rb"....ftyp(?!" + _STILL + rb"|" + _SOUND + rb")",
            rb"\0...moov|[\0-\x1f]...mdat|\0\0\0\x08wide|\0\0\0.pnot",  # QuickTime before ftyp
            rb"\x1a\x45\xdf\xa3",  # Matroska and WebM
            rb"RIFF....(?:AVI |CDXA)",  # CDXA is a file of a Video CD
            rb"\0\0\x01(?:\xb3|\xba[\x21\x23\x25\x27\x29\x2b\x2d\x2f\x40-\x7f])",  # MPEG, its pack
            rb"FLV\x01[\x01\x05]",
            rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\0\xaa\0\x62\xce\x6c",  # ASF, as in .wmv
            rb"\xb7\xd8\0\x20\x37\x49\xda\x11\xa6\x4e\0\x07\xe9\x5e\xad\x8d",  # WTV
            rb"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01\x02",  # MXF
            rb"\x1f\x07\0[\x3f\xbf].{76}\x3f\x07\0",  # DV
            rb"OggS\0\x02.*?(?<=OggS\0\x02.{20}\x01.)(?:\x80theora|\x01video|OVP80|BBCD\0)",
            rb"\.RMF\0\0\0|DKIF\0\0\x20\0|YUV4MPEG2 |nut/multimedia container\0",
        )
    ),
    re.DOTALL,
)
_PACKETS = ((0, 188), (4, 192), (0, 204))
"""Place of the first packet of a transport stream, and the bytes from packet to packet: plain ones,
those of cameras with a time before each, and those with a code for correction after each."""

_TEXT = re.compile(rb"\xff\xfe|\xfe\xff|[^\0-\x08\x0e-\x1a\x1c-\x1f]+\Z")
"""The beginning of UTF-16, or no control characters but those of text."""

_NO_VIDEO = {".3ga", ".f4a", ".m4r", ".mka", ".mks", ".ra", ".weba", ".wma"}
"""Extensions of sound and subtitles in containers that mostly have a video."""


def kind_of(path: str | os.PathLike[str]) -> Kind:
    """Returns what a file is by its first bytes; "" for others, and for what cannot be read.

    A pipe is not opened, which would wait for its other end.
    """
    start = start_of(path) if os.path.isfile(path) else b""
    if is_photo(start):
        return "photo"
    has_none = os.path.splitext(path)[1].lower() in _NO_VIDEO
    return "video" if is_video(start) and not has_none else ""


def is_text(path: str | os.PathLike[str]) -> bool:
    """Returns true for text with the extension of a video, such as the TypeScript of a .ts."""
    if os.path.splitext(path)[1].lower() not in MAYBE_TEXT or not os.path.isfile(path):
        return False
    return _TEXT.match(start_of(path)) is not None


def start_of(path: str | os.PathLike[str]) -> bytes:
    """Returns the first bytes of a file; none if it cannot be read."""
    try:
        file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            return os.read(file, LENGTH)
        finally:
            os.close(file)
    except OSError:
        return b""


def is_photo(start: bytes) -> bool:
    """Returns true for JPEG, PNG, GIF, WebP, AVIF and HEIC."""
    return _PHOTO.match(start) is not None


def is_video(start: bytes) -> bool:
    """Returns true for videos in containers that begin in a way of their own.

    Those are MP4, QuickTime, Matroska, WebM, AVI, MPEG, transport streams, ASF, FLV, Ogg, RealMedia
    and more. H.264 and H.265 without a container have only a name: other files begin as they do.

    Example:
        >>> is_video(b"\\0\\0\\0\\x1cftypisom"), is_video(b"\\0\\0\\0\\x1cftypavif")
        (True, False)
    """
    return _VIDEO.match(start) is not None or packet_distance(start) > 0


def packet_distance(start: bytes) -> int:
    """Returns the bytes from packet to packet of a transport stream; 0 if it is none.

    It is one with five packets in a row; FFmpeg asks for as many.
    """
    for at, size in _PACKETS:
        if all(_is_packet(start[at + n * size : at + n * size + 4]) for n in range(5)):
            return size
    return 0


def _is_packet(head: bytes) -> bool:
    """Returns true for the head of a packet, which has content, or a field in its place."""
    return len(head) == 4 and head[0] == 0x47 and head[3] & 0x30 != 0
