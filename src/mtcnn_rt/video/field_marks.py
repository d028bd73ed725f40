"""Reads and sets the marks of frames that are made of two fields.

Players go by these marks, whatever the header says. PyAV has no access to them, but FFmpeg's
filters do.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, TypeAlias

import av
import av.filter
from av.video.format import VideoFormat
from av.video.frame import VideoFrame

Fields: TypeAlias = Literal["", "top", "bottom"]
"""The field that is shown first; "" for whole (progressive) frames."""

_UNIT = Fraction(1, 25)  # of the times in a graph, which do not matter


def marked_fields(frame: VideoFrame) -> Fields:
    """Returns the field of a frame that is shown first by its marks."""
    if not frame.interlaced_frame:
        return ""
    size = (frame.width, frame.height)
    graph = _graph(size, frame.format.name, "select", "eq(interlace_type,BOTTOMFIRST)")
    graph.push(frame)
    try:
        graph.pull()
    except av.FFmpegError:  # the frame did not pass
        return "top"
    return "bottom"


class FieldMarks:
    """Marks frames of one size and pixel format; the pixels stay where they are.

    x264 takes the order of the fields from the marks of each frame, whatever its options say.

    Args:
        size: Width and height.
        pixels: FFmpeg's name of the pixel format.
        first: The field that is shown first.
    """

    def __init__(self, size: tuple[int, int], pixels: str, first: Fields) -> None:
        self._graph = _graph(size, pixels, "setfield", f"{first[0]}ff")

    def mark(self, frame: VideoFrame) -> VideoFrame:
        """Returns the frame with the marks; its time has to be set afterwards."""
        frame.pts, frame.time_base = 0, _UNIT
        self._graph.push(frame)
        marked = self._graph.pull()
        assert isinstance(marked, VideoFrame)
        return marked


def _graph(size: tuple[int, int], pixels: str, name: str, setting: str) -> av.filter.Graph:
    """Returns a graph of one filter for frames of one size and pixel format."""
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=size[0], height=size[1], format=VideoFormat(pixels), time_base=_UNIT
    )
    only, sink = graph.add(name, setting), graph.add("buffersink")
    source.link_to(only)
    only.link_to(sink)
    graph.configure()
    return graph
