"""Marks frames as made of two fields, for the encoder: PyAV cannot set the marks of a frame."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import av.filter
from av.video.format import VideoFormat
from av.video.frame import VideoFrame


class FieldMarks:
    """Marks frames of one size and pixel format; the pixels stay where they are.

    x264 takes the order of the fields from the marks of each frame, whatever its options say.

    Args:
        size: Width and height.
        pixels: FFmpeg's name of the pixel format.
        first: The field that is shown first.
    """

    def __init__(self, size: tuple[int, int], pixels: str, first: Literal["top", "bottom"]) -> None:
        self._graph = av.filter.Graph()
        source = self._graph.add_buffer(
            width=size[0], height=size[1], format=VideoFormat(pixels), time_base=Fraction(1, 25)
        )
        marks = self._graph.add("setfield", f"{first[0]}ff")
        sink = self._graph.add("buffersink")
        source.link_to(marks)
        marks.link_to(sink)
        self._graph.configure()

    def mark(self, frame: VideoFrame) -> VideoFrame:
        """Returns the frame with the marks; its time has to be set afterwards."""
        frame.pts, frame.time_base = 0, Fraction(1, 25)
        self._graph.push(frame)
        marked = self._graph.pull()
        assert isinstance(marked, VideoFrame)
        return marked
