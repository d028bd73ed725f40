"""Tells photos and videos by their first bytes, whatever their names are."""

from __future__ import annotations

import os
import re
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["photo", "video", ""]

LENGTH = 64
"""Bytes that are enough."""

_STILL = rb"avif|avis|heic|heix|heim|heis|hevc|hevx|mif1|msf1"
_SOUND = rb"M4A |M4B |M4P |aax |crx "  # and a raw format
_PHOTO = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8|RIFF....WEBP|....ftyp(?:" + _STILL + rb")", re.DOTALL
)
_VIDEO = re.compile(
    rb"....ftyp(?!" + _STILL + rb"|" + _SOUND + rb")|\x1a\x45\xdf\xa3|RIFF....AVI ", re.DOTALL
)


_NO_VIDEO = {".mka", ".mks"}
"""Extensions of Matroska without video."""


def kind_of(path: str | os.PathLike[str]) -> Kind:
    """Returns what a file is by its first bytes; "" for others, and for what cannot be read.

    A pipe is not opened, which would wait for its other end.
    """
    start = start_of(path) if os.path.isfile(path) else b""
    if is_photo(start):
        return "photo"
    has_none = os.path.splitext(path)[1].lower() in _NO_VIDEO
    return "video" if is_video(start) and not has_none else ""


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
    """Returns true for MP4, QuickTime, Matroska, WebM and AVI.

    Example:
        >>> is_video(b"\\0\\0\\0\\x1cftypisom"), is_video(b"\\0\\0\\0\\x1cftypavif")
        (True, False)
    """
    return _VIDEO.match(start) is not None
