"""Knows the places that take a live video: network addresses and virtual cameras."""

from __future__ import annotations

import re
from pathlib import Path

FORMATS = {
    "rtsp": "rtsp",
    "rtmp": "flv",
    "rtmps": "flv",
    "udp": "mpegts",
    "tcp": "mpegts",
    "srt": "mpegts",
    "rtp": "rtp_mpegts",
}
"""FFmpeg's file type for the scheme of a URL that takes a live video."""

CAMERA_SCHEME = "camera:"
"""Beginning of the name of a virtual camera that pyvirtualcam opens; only this is its default."""

_DEVICE = re.compile(r"/dev/(video\d+|v4l/.+)")


def is_live(place: str | Path) -> bool:
    """Returns True for a URL or a virtual camera, False for a file.

    Example:
        >>> is_live("rtsp://server/live"), is_live("/dev/video9"), is_live("out.mp4")
        (True, True, False)
    """
    text = str(place)
    return "://" in text or is_camera(text)


def is_camera(place: str) -> bool:
    """Returns True for a virtual camera."""
    return place.startswith(CAMERA_SCHEME) or is_device(place)


def is_device(place: str) -> bool:
    """Returns True for a device of Video4Linux, such as v4l2loopback has."""
    return _DEVICE.fullmatch(place) is not None


def format_of(place: str) -> str:
    """Returns FFmpeg's file type for a URL.

    Raises:
        ValueError: No video is sent to URLs with this scheme.
    """
    scheme = place.partition("://")[0].lower()
    if scheme not in FORMATS:
        known = ", ".join(f"{name}://" for name in FORMATS)
        raise ValueError(f"no video can be sent to {scheme}://, only to {known}")
    return FORMATS[scheme]
