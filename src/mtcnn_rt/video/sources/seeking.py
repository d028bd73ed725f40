"""Begins in the middle of a video, at a key frame before the time that is wanted."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from mtcnn_rt.video.sources import timing
from mtcnn_rt.video.sources.decoding import Decoded, Decoding

_SEEKABLE = ("mov", "matroska", "webm", "flv", "asf")
"""Containers, by FFmpeg's names, whose packets have the same times after a seek as without. The
others are AVI, whose packets may have no times; transport and program streams, whose clock may
start again in the part that a seek leaves out; and pipes."""

_BEFORE = Fraction(10)
"""Seconds before the wanted time at which decoding begins at the latest. In any usual file, the
sound of a time comes within them, and no later frame refers to one before the key frame."""


def sought(
    container: InputContainer, stream: VideoStream, decoding: Decoding, time: Fraction
) -> Iterator[Decoded] | None:
    """Returns the frames from a key frame on that comes before a time.

    Args:
        container: The input.
        stream: Its video stream.
        decoding: Decodes the stream, with times that count from the wanted one.
        time: The wanted time of the input, in seconds.

    Returns:
        The frames, those before the wanted time among them. None, and nothing has changed, if the
        input cannot seek, the time is near the beginning, or subtitles are kept, of which one that
        is still shown may begin long before.
    """
    target = time - _BEFORE
    if target <= _BEFORE or not decoding.can_restart or not _can_seek(container):
        return None
    try:
        _go(container, stream, target)
    except av.FFmpegError:
        return None
    audio = decoding.side_streams.audio
    decoding.restart(timing.new_clock(container, time, stream, audio), lenient=True)
    frames = iter(decoding)
    first = next(frames, None)
    if first is None or first[0].pts is None or first[0].pts > 0:  # the index is wrong
        _go(container, stream, (stream.start_time or 0) * timing.fraction(stream.time_base))
        decoding.restart(timing.new_clock(container, time, stream, audio))
        return iter(decoding)
    return chain([first], frames)


def _can_seek(container: InputContainer) -> bool:
    return not set(container.format.name.split(",")).isdisjoint(_SEEKABLE)


def _go(container: InputContainer, stream: VideoStream, time: Fraction) -> None:
    """Goes to the key frame at a time in seconds, or the last one before."""
    container.seek(int(time / timing.fraction(stream.time_base)), stream=stream)
