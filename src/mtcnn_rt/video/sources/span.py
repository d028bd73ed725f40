"""Limits a video to the time between a start and an end."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from numbers import Rational, Real
from typing import Any, TypeVar

from av.packet import Packet

Item = TypeVar("Item")

_LATEST = 4 * 10**9  # seconds, more than since 1970, from which some recorders count
_FINE = Fraction(1, 1000)  # seconds: times that are rounded to it are near enough
_ROUNDED = _FINE / 2  # seconds by which a time with three digits may be too low
_FINEST = 10**9  # parts of a second in which a float is taken: 0.04 is 1/25


@dataclass(frozen=True)
class Span:
    """The time of a video that is wanted. Times within it count from its start.

    Attributes:
        start: In seconds of the video.
        end: In seconds of the video; None is the end of the video.
    """

    start: Fraction = Fraction(0)
    end: Fraction | None = None

    @staticmethod
    def of(start: float | Fraction, end: float | Fraction | None) -> Span:
        """Returns the span between two times in seconds.

        Raises:
            TypeError: A time is no number.
            ValueError: A time is negative or not finite, the start is later than any video, or the
                end is not after it.
        """
        begin = _exact("start", start)
        if begin > _LATEST:
            raise ValueError(f"start: expected at most {_LATEST} seconds, not {start}")
        finish = None if end is None else _exact("end", end)
        if finish is not None and finish <= begin:
            raise ValueError(f"end: {end} s is not after the start, {start} s")
        return Span(begin, finish)

    def aligned(self, unit: Fraction) -> Span:
        """Returns the span whose start is a time that frames can have, if they count coarsely.

        It is the last one up to the start, so that the frame that is shown then is the first one,
        and that sound is moved by the same time as the frames.

        Args:
            unit: Seconds per unit of the times of frames.
        """
        if unit <= _FINE:
            return self
        return replace(self, start=math.floor((self.start + _ROUNDED) / unit) * unit)

    @property
    def length(self) -> Fraction | None:
        """The seconds from the start to the end; None without an end."""
        return None if self.end is None else self.end - self.start

    def frames_in(self, frames: int, duration: float, fps: Fraction) -> int:
        """Returns about how many frames are in the span.

        Args:
            frames: Number of frames of the video; 0 if it is unknown.
            duration: Duration of the video in seconds; 0 if it is unknown.
            fps: Average frames per second.
        """
        if self == WHOLE:
            return frames
        end = float(self.end or math.inf)
        last = min(end, duration) if duration else end
        return (
            0 if math.isinf(last) else max(0, math.ceil(round((last - float(self.start)) * fps, 6)))
        )

    def shown(
        self, frames: Iterable[tuple[Item, int, int]], unit: Fraction
    ) -> Iterator[tuple[Item, int, int]]:
        """Gives the frames that are on the screen within the span.

        The first one is that at the start, even if it came up before; the last one stays until the
        end at most.

        Args:
            frames: Frames in order, each with its time from the start of the span, negative before
                it, and its duration, in units.
            unit: Seconds per unit.
        """
        before: tuple[Item, int, int] | None = None
        length = math.inf if self.length is None else round(self.length / unit)
        for frame, pts, duration in frames:
            if self.start and pts < 0:
                before = frame, pts, duration
                continue
            if pts >= length:
                break
            if before and pts > 0:
                yield before[0], 0, pts
            before = None
            yield frame, pts, int(max(1, min(duration, length - pts)))
        if before and before[1] + before[2] > 0:
            yield before[0], 0, int(min(before[1] + before[2], length))

    def place(self, packet: Packet[Any]) -> bool:
        """Returns True for a packet of audio or subtitles in the span.

        Audio counts by its beginning. Subtitles are shown as far as their time lies in the span.

        Args:
            packet: The packet, whose times count from the start of the span.
        """
        stamp = packet.dts if packet.pts is None else packet.pts
        if stamp is None:
            return True
        unit = packet.time_base
        length = math.inf if self.length is None else round(self.length / unit)
        duration = packet.duration or 0
        if packet.stream.type == "subtitle" and duration and stamp + duration > 0:
            shown = max(0, stamp) if self.start else stamp
            packet.duration = int(min(stamp + duration, length)) - shown
            packet.pts = packet.dts = stamp = shown
        return (stamp >= 0 or not self.start) and stamp < length

    def chapters(self, chapters: list[Any]) -> list[Any]:
        """Returns the parts of chapters that lie in the span, as PyAV has chapters."""
        if self == WHOLE:
            return chapters
        placed = []
        for chapter in chapters:
            unit = Fraction(chapter["time_base"])
            begin = max(Fraction(0), chapter["start"] * unit - self.start)
            end = chapter["end"] * unit - self.start
            if self.length is not None:
                end = min(end, self.length)
            if begin < end:
                times = {"start": round(begin / unit), "end": round(end / unit)}
                placed.append({**chapter, **times})
        return placed


WHOLE = Span()
"""The span of a whole video."""


def _exact(name: str, seconds: float | Fraction) -> Fraction:
    if isinstance(seconds, bool) or not isinstance(seconds, Real):
        raise TypeError(f"{name}: expected seconds, not {seconds!r}")
    if not 0 <= seconds < math.inf:
        raise ValueError(f"{name}: expected seconds from 0 on, not {seconds}")
    if isinstance(seconds, Rational):
        return Fraction(seconds)
    return Fraction(float(seconds)).limit_denominator(_FINEST)
