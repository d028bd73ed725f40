"""What passes from a source to a sink."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class VideoError(ValueError):
    """A video that cannot be read or written; one line that names the file."""


@dataclass(frozen=True)
class Frame:
    """One picture of a video.

    image      (H, W, 3) uint8, BGR, upright; the receiver may draw on it.
    time       seconds, `pts * time_base`.
    pts        presentation time in units of `time_base`; grows from frame to frame.
    duration   in units of `time_base`, at least 1.
    time_base  seconds a unit.
    index      0, 1, 2, ...
    captured   `time.perf_counter()` when it was got, in seconds: a camera's frame when the camera
               gave it, a file's when it was decoded; None where nobody looked at the clock.
    """

    image: NDArray[np.uint8]
    time: float
    pts: int
    duration: int
    time_base: Fraction
    index: int
    captured: float | None = None


@dataclass(frozen=True)
class VideoFormat:
    """What a sink has to know of a source's frames before the first one.

    size       (width, height) in pixels of the upright picture.
    fps        average frames a second; a nominal rate where the file does not say.
    time_base  seconds a unit of `Frame.pts`.
    start      pts of the first frame.
    aspect     width of a pixel over its height.
    colors    matrix, transfer and primaries, numbered as in ISO/IEC 23091-2 (2: unspecified).
    """

    size: tuple[int, int]
    fps: Fraction
    time_base: Fraction
    start: int = 0
    aspect: Fraction = Fraction(1)
    colors: tuple[int, int, int] = (2, 2, 2)


class Source(Protocol):
    """What gives frames: a file, a stream, a camera.

    name    for messages, without passwords.
    format  what all its frames are like.
    notes   a line for everything about it that the user may want to know.
    live    whether it goes on by itself, so that a slow reader should leave frames out.
    """

    name: str
    format: VideoFormat
    notes: list[str]
    live: bool

    def __iter__(self) -> Iterator[Frame]:
        """Once; raises VideoError where it breaks off before its end."""

    def stop(self) -> None:
        """Ends its frames, from any thread: who waits for one gets it, or none, and then the end.
        It takes no longer than the source waits for data."""

    def close(self) -> None:
        """Frees what it holds. Not while another thread waits for a frame: `stop` comes first."""
