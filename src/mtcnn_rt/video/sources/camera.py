"""Reads frames from a camera of this computer, through OpenCV."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._closing import Closing
from mtcnn_rt._packages import importing
from mtcnn_rt.video.frame import Frame, Source, VideoError, VideoFormat

with importing(__name__):
    import cv2

_UNIT = Fraction(1, 90_000)  # second
_USUAL_FPS = 30
_NUMBERS = 1 << 31  # of cameras that OpenCV can name; it crashes on others
_SILENT = 0  # a level of OpenCV's log


class CameraSource(Closing, Source):
    """Gives the frames of a camera, each with the time at which it came.

    Times count from the first frame.

    Args:
        camera: Number of the camera, from 0, or its path, such as /dev/video2.
        size: (width, height) in pixels to ask for. The camera decides; see `format` and `notes`.
        fps: Frames per second to ask for. The camera decides.

    Attributes:
        name: For messages, such as "camera 0".
        format: The properties that all frames share.
        notes: A line if the camera gives another size than asked for.
        live: True: a slow reader should skip frames.

    Raises:
        VideoError: There is no such camera, it must not be used, or another program uses it; while
            frames are read: it gives no more frames.

    Example:
        Print the size of each frame of the first camera:

            from mtcnn_rt.video import CameraSource

            with CameraSource(0) as camera:
                for frame in camera:
                    print(frame.time, frame.image.shape)
    """

    live = True

    def __init__(
        self,
        camera: int | str | Path,
        size: tuple[int, int] | None = None,
        fps: float | None = None,
    ) -> None:
        self.name = f"camera {camera}"
        self.notes = []
        self._stopped = False
        with _quiet_opencv():
            self._capture = _open(camera, self.name)
        try:
            self._ask_for(size, fps)
            height, width = self._read().shape[:2]  # the first frame only serves to get the size
        except BaseException:
            self.close()
            raise
        self.format = VideoFormat((width, height), self._fps(), _UNIT)
        if size and size != (width, height):
            self.notes.append(f"{self.name} gives {width} x {height}, not {size[0]} x {size[1]}")

    def stop(self) -> None:
        """Ends the frames after the one that is being read; may be called from any thread."""
        self._stopped = True

    def close(self) -> None:
        """Frees the camera; not while another thread waits for a frame."""
        self._capture.release()

    def __iter__(self) -> Iterator[Frame]:
        """Gives the frames as they come."""
        step = round(1 / (self.format.fps * _UNIT))
        start, pts, index = perf_counter(), -1, 0
        while not self._stopped:
            image = self._read()
            captured = perf_counter()
            start = captured if index == 0 else start
            pts = max(pts + 1, round((captured - start) / _UNIT))
            yield Frame(image, float(pts * _UNIT), pts, step, _UNIT, index, captured)
            index += 1

    def _read(self) -> Pixels:
        """Waits for the next image."""
        good, image = self._capture.read()
        if not good:
            raise VideoError(f"{self.name}: gives no more frames; was it unplugged?")
        return np.require(image, np.uint8, ["C", "W"])

    def _ask_for(self, size: tuple[int, int] | None, fps: float | None) -> None:
        """Asks the camera for a size and a rate, which it may ignore."""
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # or a slow reader gets old frames
        if size:
            self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
            self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
        if fps:
            self._capture.set(cv2.CAP_PROP_FPS, fps)

    def _fps(self) -> Fraction:
        """Returns the camera's rate, or a usual one if it has none that makes sense."""
        fps = self._capture.get(cv2.CAP_PROP_FPS)
        return Fraction(fps if 0 < fps <= 1000 else _USUAL_FPS).limit_denominator(1001)


def _open(camera: int | str | Path, name: str) -> cv2.VideoCapture:
    """Opens a camera; raises VideoError with the reason if it fails."""
    if isinstance(camera, int) and not 0 <= camera < _NUMBERS:
        raise VideoError(f"{name}: cameras have numbers from 0 on")
    capture = cv2.VideoCapture(camera if isinstance(camera, int) else str(camera))
    if not capture.isOpened():
        raise VideoError(f"{name}: {_failure_reason(camera)}")
    return capture


def _failure_reason(camera: int | str | Path) -> str:
    """Returns the reason, for the user, why a camera cannot be opened."""
    device = Path(f"/dev/video{camera}" if isinstance(camera, int) else camera)
    if sys.platform == "linux" and not device.exists():
        others = ", ".join(sorted(str(path) for path in Path("/dev").glob("video*")))
        return f"not found ({f'only {others}' if others else 'there is no /dev/video*'})"
    if sys.platform == "linux" and not os.access(device, os.R_OK | os.W_OK):
        return f"no permission to use {device}"
    return "cannot be opened: another program uses it, or it is no camera"


@contextmanager
def _quiet_opencv() -> Iterator[None]:
    """Silences OpenCV, which logs every way in which it tries to open a camera."""
    log: Any = cv2 if hasattr(cv2, "setLogLevel") else cv2.utils.logging  # OpenCV 4, or 5
    level = log.getLogLevel()
    log.setLogLevel(_SILENT)
    try:
        yield
    finally:
        log.setLogLevel(level)
