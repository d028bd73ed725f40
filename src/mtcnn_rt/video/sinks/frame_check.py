"""Refuses frames that do not fit a video."""

from __future__ import annotations

from fractions import Fraction

from mtcnn_rt.video.frame import Frame, VideoFormat


class FrameCheck:
    """Checks the frames that a sink gets: encoders would distort some, and give others no reason.

    Args:
        video: The properties that all frames share.
    """

    def __init__(self, video: VideoFormat) -> None:
        self._size = video.size
        self._last: Fraction | None = None

    def check(self, frame: Frame) -> None:
        """Checks the next frame.

        Raises:
            TypeError: It is no frame.
            ValueError: It has another size than the video, or is not later than the one before.
        """
        if not hasattr(frame, "pts"):
            expected = "expected a Frame, as FileSource gives and FrameResult has"
            raise TypeError(f"frame: {expected}, not {type(frame).__name__}")
        height, width = frame.size
        if (width, height) != self._size:
            stated = "{} x {}".format(*self._size)
            raise ValueError(f"frame: {width} x {height} pixels, but the video has {stated}")
        time = frame.pts * frame.time_base
        if self._last is not None and time <= self._last:
            raise ValueError(
                f"frame: its time, {float(time):g} s, is not later than that of the frame before, "
                f"{float(self._last):g} s"
            )
        self._last = time
