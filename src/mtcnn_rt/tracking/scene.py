"""Where one scene of a video ends and another begins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt import _native
from mtcnn_rt.images import Image

THUMBNAIL = (6, 10)
SAMPLED_ROWS = 96
"""About so many rows of the image are read, evenly spread."""
SIMILAR = 0.55
"""`likeness` of two frames, below which they are of two scenes. Of photographs that have nothing to
do with one another 98 % are less alike; of frames that a pan moved by 5 % of the width, 2 %."""
NOISE = 4.0
"""Standard deviation in gray levels: what differs less is as good as the same."""
BACK_SECONDS = 0.5
"""A scene that comes back within this time was never gone: what came between was a flash."""


@dataclass(frozen=True, eq=False)
class _Frame:
    size: tuple[int, int]
    thumbnail: NDArray[np.float32]
    time: float
    scene: int

    def shows(self, size: tuple[int, int], other: NDArray[np.float32]) -> bool:
        return self.size == size and likeness(self.thumbnail, other) >= SIMILAR


class Scenes:
    """Numbers the scenes of one video, as its frames come."""

    def __init__(self) -> None:
        self._scenes = 0
        self._last: _Frame | None = None
        self._before: _Frame | None = None
        """The last frame of the scene before."""

    def scene(self, image: Image, time: float) -> int:
        """The number of the scene of the video's next frame, at `time` in seconds: 1, 2, ...

        A cut begins a new scene; after a flash or a black frame the one before goes on."""
        small = thumbnail(image)
        last, before = self._last, self._before
        if last is not None and last.shows(image.size, small):
            number = last.scene
        else:
            self._before = last
            if before and time - before.time <= BACK_SECONDS and before.shows(image.size, small):
                number = before.scene
            else:
                self._scenes += 1
                number = self._scenes
        self._last = _Frame(image.size, small, time, number)
        return number


def thumbnail(image: Image) -> NDArray[np.float32]:
    """(3, 6, 10) means of the image, 0 to 255."""
    rows = image.pixels[:: max(1, image.size[0] // SAMPLED_ROWS)]
    return _native.resize(rows, image.bgr, THUMBNAIL, 0, THUMBNAIL[0])


def likeness(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """From -1 to 1 (the same): the contrast and structure terms of SSIM (Wang et al. 2004) over the
    whole of two thumbnails. Brightness as such does not count, so that a flash is no cut."""
    a, b = (a - a.mean()).ravel(), (b - b.mean()).ravel()
    noise = a.size * NOISE**2
    return float((2 * (a @ b) + noise) / (a @ a + b @ b + noise))
