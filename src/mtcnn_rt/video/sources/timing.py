"""Reads the times and rates of an input, with usual values where it has none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
from av.container import InputContainer
from av.stream import Stream
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from mtcnn_rt.video.field_marks import Fields, marked_fields
from mtcnn_rt.video.sources.clock import Clock

_CLOCK_RESTARTS = 0x0200  # FFmpeg's AVFMT_TS_DISCONT, such as of transport streams
_JOINABLE = {"matroska", "webm", "mov"}
"""Formats that begin at 0, of which FFmpeg reads files that were joined byte by byte."""
_CAMERAS = {"rtsp", "rtp", "sdp"}
"""Formats of network cameras, whose times count from a report of the camera's clock: it may lie
before the first frame or behind it."""
_HIGHEST_FPS = 1000  # a higher one is the unit of the times, not a rate
_BOTTOM_FIRST = (3, 4)  # FFmpeg's AV_FIELD_BB and AV_FIELD_TB
_USUAL_FPS = Fraction(25)
_NEAR = 3  # steps between frames by which one may go back, and the next ones catch up


def offset(container: InputContainer) -> Fraction:
    """Returns the time in seconds to subtract from all times.

    It is the start of the input if its clock starts anywhere, else 0.
    """
    if not clock_restarts(container):
        return Fraction(0)
    return Fraction(container.start_time or 0, av.time_base)


def clock_restarts(container: InputContainer) -> bool:
    """Returns True for a format whose clock starts anywhere, and may start again."""
    return bool(container.format.flags & _CLOCK_RESTARTS)


def is_camera(container: InputContainer) -> bool:
    """Returns True for a network camera, and others that send as those do."""
    return container.format.name in _CAMERAS


def new_clock(
    container: InputContainer,
    start: Fraction,
    video: VideoStream,
    audio: Iterable[Stream],
) -> Clock:
    """Returns the clock of an input.

    Args:
        container: The input.
        start: Time in seconds at which it is to begin.
        video: The video stream that is used.
        audio: The audio streams that are used.
    """
    anywhere = clock_restarts(container)
    joinable = not _JOINABLE.isdisjoint(container.format.name.split(","))
    return Clock(
        offset(container) + start,
        anywhere or joinable,
        [video.index],
        [stream.index for stream in audio],
        ahead=anywhere,
        from_first=is_camera(container),
    )


def fraction(value: Any) -> Fraction:
    """Returns PyAV's rational number, whose type depends on its version; 0 for None."""
    return Fraction(value.numerator, value.denominator) if value else Fraction(0)


def rate(stream: VideoStream) -> Fraction:
    """Returns the average frames per second; 25 if the input has no rate that makes sense."""
    rates = (fraction(stream.average_rate), fraction(stream.guessed_rate))
    return next((fps for fps in rates if 0 < fps <= _HIGHEST_FPS), _USUAL_FPS)


def fields(frame: VideoFrame, context: VideoCodecContext) -> Fields:
    """Returns the field that is shown first by the header; "" for a progressive frame."""
    if not frame.interlaced_frame:
        return ""
    if context.name == "dvvideo":
        return "bottom"  # as in all DV
    if not hasattr(context, "field_order"):  # PyAV before 18.1, the last ones for Python 3.10
        return marked_fields(frame)
    return "bottom" if context.field_order in _BOTTOM_FIRST else "top"


@dataclass(frozen=True)
class Times:
    """The times of a video.

    Attributes:
        rate: Average number of frames per second.
        time_base: Seconds per unit of the times of its frames.
        duration: In seconds; 0 if the input has none.
        frames: Number of frames as the input has it, else estimated, else 0.
    """

    rate: Fraction
    time_base: Fraction
    duration: float
    frames: int


def times_of(container: InputContainer, stream: VideoStream) -> Times:
    """Returns the times of a video stream of an input."""
    fps = rate(stream)
    unit = fraction(stream.time_base)
    duration = max(0, container.duration or 0) / av.time_base
    if stream.duration and unit:
        duration = float(stream.duration * unit)
    return Times(fps, unit or 1 / fps, duration, stream.frames or round(duration * fps))


def next_pts(frame: VideoFrame, previous: int, step: int) -> int:
    """Returns the presentation time of a decoded frame, later than that of the frame before.

    Frames that go back a little, such as at an edit, come closer together for a moment: those that
    follow keep their times, and stay with the sound.

    Args:
        frame: The frame.
        previous: Presentation time of the frame before.
        step: Usual time between frames, for a frame that has no time, or one that goes back.
    """
    if frame.pts is None or frame.pts < previous - _NEAR * step:
        return previous + step
    return frame.pts if frame.pts > previous else previous + max(1, step // 2)
