"""A camera that this computer has, through OpenCV."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from time import perf_counter
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mtcnn_rt.video.frame import Frame, VideoError, VideoFormat

_UNIT = Fraction(1, 90_000)  # second
_USUAL_FPS = 30
_SILENT = 0  # a level of OpenCV's log


class CameraSource:
    """The frames of a camera, each with the time at which it came.

        with CameraSource(0) as camera:
            for frame in camera:
                ...

    camera  its number, from 0, or its path, such as /dev/video2.
    size    (width, height) in pixels to ask for; the camera decides, see `format` and `notes`.
    fps     frames a second to ask for.

    Times count from the first frame. Raises VideoError, in one line: there is no such camera,
    another program has it, or, later, it gives no more frames.
    """

    name: str
    format: VideoFormat
    notes: list[str]
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
            height, width = self._read().shape[:2]  # the first one only tells the size
        except BaseException:
            self.close()
            raise
        self.format = VideoFormat((width, height), self._fps(), _UNIT)
        if size and size != (width, height):
            self.notes.append(f"{self.name} gives {width} x {height}, not {size[0]} x {size[1]}")

    def __enter__(self) -> CameraSource:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def stop(self) -> None:
        """No frame comes any more after the one that is under way. From any thread."""
        self._stopped = True

    def close(self) -> None:
        """Not while another thread waits for a frame."""
        self._capture.release()

    def __iter__(self) -> Iterator[Frame]:
        step = round(1 / (self.format.fps * _UNIT))
        start, pts, index = perf_counter(), -1, 0
        while not self._stopped:
            image = self._read()
            captured = perf_counter()
            start = captured if index == 0 else start
            pts = max(pts + 1, round((captured - start) / _UNIT))
            yield Frame(image, float(pts * _UNIT), pts, step, _UNIT, index, captured)
            index += 1

    def _read(self) -> NDArray[np.uint8]:
        good, image = self._capture.read()
        if not good:
            raise VideoError(f"{self.name}: gives no more frames; was it unplugged?")
        return np.require(image, np.uint8, ["C", "W"])

    def _ask_for(self, size: tuple[int, int] | None, fps: float | None) -> None:
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # or a slow reader gets old frames
        if size:
            self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
            self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
        if fps:
            self._capture.set(cv2.CAP_PROP_FPS, fps)

    def _fps(self) -> Fraction:
        fps = self._capture.get(cv2.CAP_PROP_FPS)
        return Fraction(fps if 0 < fps <= 1000 else _USUAL_FPS).limit_denominator(1001)


def _open(camera: int | str | Path, name: str) -> cv2.VideoCapture:
    capture = cv2.VideoCapture(camera if isinstance(camera, int) else str(camera))
    if not capture.isOpened():
        raise VideoError(f"{name}: {_why_not(camera)}")
    return capture


def _why_not(camera: int | str | Path) -> str:
    device = Path(f"/dev/video{camera}" if isinstance(camera, int) else camera)
    if sys.platform == "linux" and not device.exists():
        others = ", ".join(sorted(str(path) for path in Path("/dev").glob("video*")))
        return f"there is none ({f'only {others}' if others else 'and no other one'})"
    if sys.platform == "linux" and not os.access(device, os.R_OK | os.W_OK):
        return f"no permission to use {device}"
    return "cannot be opened: another program has it, or there is none"


@contextmanager
def _quiet_opencv() -> Iterator[None]:
    """OpenCV writes about every way in which it has tried to open a camera."""
    log: Any = cv2 if hasattr(cv2, "setLogLevel") else cv2.utils.logging  # 4, or 5
    level = log.getLogLevel()
    log.setLogLevel(_SILENT)
    try:
        yield
    finally:
        log.setLogLevel(level)
