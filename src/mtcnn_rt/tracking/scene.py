"""Numbers the scenes of a video, which cuts separate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mtcnn_rt import _native
from mtcnn_rt._arrays import Float32
from mtcnn_rt.images import Image

THUMBNAIL = (6, 10)
"""Height and width of a thumbnail, in pixels."""
SAMPLED_ROWS = 96
"""About this many rows of the image are read, evenly spread."""
SIMILAR = 0.55
"""`likeness` of two frames below which they belong to two scenes. Of pairs of unrelated photos,
98 % are below; of frames that a pan moved by 5 % of the width, 2 %."""
NOISE = 4.0
"""Standard deviation in gray levels: smaller differences count as noise."""
BACK_SECONDS = 0.5
"""A scene that comes back within this time goes on: the frames between are a flash."""


@dataclass(frozen=True, eq=False)
class _NumberedFrame:
    """A frame whose scene is known."""

    size: tuple[int, int]
    contrast: Float32
    time: float
    scene: int

    def resembles(self, size: tuple[int, int], other: Float32) -> bool:
        """Returns True if a frame of this size and contrast belongs to the same scene."""
        return self.size == size and _likeness(self.contrast, other) >= SIMILAR


class Scenes:
    """Numbers the scenes of one video while its frames come."""

    def __init__(self) -> None:
        self._scenes = 0
        self._last: _NumberedFrame | None = None
        self._before: _NumberedFrame | None = None  # the last frame of the scene before

    def scene(self, image: Image, time: float) -> int:
        """Returns the scene number of the video's next frame: 1, 2, ...

        A cut begins a new scene. After a flash or a black frame the scene before goes on.

        Args:
            image: The frame.
            time: Its time in seconds.
        """
        size, contrast = image.size, _contrast(thumbnail(image))
        last, before = self._last, self._before
        if last is not None and last.resembles(size, contrast):
            number = last.scene
        else:
            self._before = last
            if before and time - before.time <= BACK_SECONDS and before.resembles(size, contrast):
                number = before.scene
            else:
                self._scenes += 1
                number = self._scenes
        self._last = _NumberedFrame(size, contrast, time, number)
        return number


def thumbnail(image: Image) -> Float32:
    """Returns the image scaled down to (3, 6, 10), values 0 to 255."""
    rows = image.rows(max(1, image.size[0] // SAMPLED_ROWS))
    return _native.resize(rows, image.bgr, THUMBNAIL, 0, THUMBNAIL[0])


def likeness(a: Float32, b: Float32) -> float:
    """Returns the likeness of two thumbnails, from -1 to 1 (equal).

    It consists of the contrast and structure terms of SSIM (Wang et al. 2004), over the whole
    thumbnails. Brightness does not count, so that a brighter or darker frame is no cut.
    """
    return _likeness(_contrast(a), _contrast(b))


def _contrast(thumbnail: Float32) -> Float32:
    """Returns the values of a thumbnail, flat, less their mean."""
    values = thumbnail.ravel()
    contrast: Float32 = values - np.add.reduce(values) / np.float32(values.size)
    return contrast


def _likeness(a: Float32, b: Float32) -> float:
    """Returns the likeness of two thumbnails with these contrasts."""
    noise = a.size * NOISE**2
    return float((2 * (a @ b) + noise) / (a @ a + b @ b + noise))
