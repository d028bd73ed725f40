"""Tells photos and videos by their first bytes, whatever their names are."""

from __future__ import annotations

import re

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
