"""Frames, and the sources that give them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from numbers import Rational
from typing import Literal, Protocol

from mtcnn_rt._arrays import Pixels
from mtcnn_rt.images import Image


class VideoError(ValueError):
    """Raised for a video that cannot be read or written; the message is one line that names it."""


@dataclass(frozen=True)
class Frame:
    """One image of a video, with its time.

    Attributes:
        image: (H, W, 3) uint8, BGR, upright. The receiver may draw on it.
        time: Presentation time in seconds, `pts * time_base`.
        pts: Presentation time in units of `time_base`; grows from frame to frame.
        duration: In units of `time_base`, at least 1.
        time_base: Seconds per unit.
        index: 0, 1, 2, ...
        captured: `time.perf_counter()` in seconds when a camera gave the frame, or when a file's
            frame was decoded; None if not measured.
    """

    image: Pixels
    time: float
    pts: int
    duration: int
    time_base: Fraction
    index: int
    captured: float | None = None

    @property
    def content(self) -> Pixels | Image:
        """The image as detectors and trackers of this package take it, or what it is made from."""
        return self.image

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        height, width = self.image.shape[:2]
        return height, width


@dataclass(frozen=True)
class VideoFormat:
    """The properties that all frames of a source share, as a sink needs them in advance.

    Attributes:
        size: (width, height) of the upright frames, in pixels.
        fps: Average frames per second; a nominal rate if the source has none.
        time_base: Seconds per unit of `Frame.pts`.
        start: `pts` of the first frame.
        aspect: Width of a pixel divided by its height.
        colors: Matrix, transfer and primaries, numbered as in ISO/IEC 23091-2 (2: unspecified).
        fields: The field that is shown first if a frame has two, "top" or "bottom"; "" if the
            frames are whole (progressive).
        full_range: True if luma of the video goes from 0 to 255, False for 16 to 235.
        marked_fields: The field that is shown first by the marks of the frames themselves, by which
            players go; a header, which `fields` is from, may state the other one. "": no marks.

    Raises:
        TypeError: `fps`, `time_base` or `aspect` is no fraction or integer.
    """

    size: tuple[int, int]
    fps: Fraction
    time_base: Fraction
    start: int = 0
    aspect: Fraction = Fraction(1)
    colors: tuple[int, int, int] = (2, 2, 2)
    fields: Literal["", "top", "bottom"] = ""
    full_range: bool = False
    marked_fields: Literal["", "top", "bottom"] = ""

    def __post_init__(self) -> None:
        """Checks the numbers that are fractions."""
        for name in ("fps", "time_base", "aspect"):
            value = getattr(self, name)
            if not isinstance(value, Rational):
                expected = "expected a fraction such as Fraction(30000, 1001)"
                raise TypeError(f"{name}: {expected}, not {value!r}")


class Source(Protocol):
    """Gives frames: a file, a network stream or a camera.

    Attributes:
        name: For messages, without passwords.
        format: The properties that all its frames share.
        notes: A line for each thing that the user may want to know about it.
        live: True if it runs on by itself, so that a slow reader should skip frames.
    """

    name: str
    format: VideoFormat
    notes: list[str]
    live: bool

    def __iter__(self) -> Iterator[Frame]:
        """Gives its frames, once.

        Raises:
            VideoError: The source fails before its end.
        """

    def stop(self) -> None:
        """Ends its frames; may be called from any thread.

        A reader that waits for a frame gets it, or none, and then the end. This takes no longer
        than the source waits for data.
        """

    def close(self) -> None:
        """Frees its resources.

        While another thread waits for a frame, call `stop` first, and let that thread end.
        """


class FrameWriter(Protocol):
    """Takes frames: a file, or what is sent to a network address or a virtual camera."""

    def write(self, frame: Frame) -> None:
        """Writes a frame.

        Raises:
            VideoError: It cannot be written.
        """
