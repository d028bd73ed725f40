"""Finds what frames have beside their pixels, and copies cannot have."""

from __future__ import annotations

from typing import Any

from av.sidedata.sidedata import Type
from av.video.frame import VideoFrame

_NAMES = {
    Type.A53_CC: "closed captions",
    Type.SPHERICAL: "the mark of a 360-degree video",
    Type.STEREO3D: "the mark of a stereoscopic video",
}
_FLAT = bytes(4)  # how the mark of a stereoscopic video begins that is none


def beside_pixels(frame: VideoFrame) -> tuple[str, ...]:
    """Returns the names of what a frame has beside its pixels: PyAV writes none of it.

    Captions (CEA-608, CEA-708) have a place in every frame of a video that has any.
    """
    try:
        side_data: Any = frame.side_data  # PyAV's stubs lack some kinds
        found = {kind: side_data.get(kind) for kind in _NAMES}
    except ValueError:  # PyAV itself lacks some kinds, such as EXIF
        return ()
    return tuple(
        _NAMES[kind]
        for kind, data in found.items()
        if data is not None and not (kind == Type.STEREO3D and bytes(data)[:4] == _FLAT)
    )
