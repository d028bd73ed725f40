"""Numbers the scenes of a video, which cuts separate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mtcnn_rt import _native
from mtcnn_rt._arrays import Float32
from mtcnn_rt.images import Image

THUMBNAIL = (6, 10)
"""Height and width of a thumbnail, in pixels."""
SAMPLED_ROWS = 48
"""About this many rows of the image are read, evenly spread."""
SIMILAR = 0.55
"""Likeness of two frames below which they belong to two scenes. Of pairs of unrelated photos,
98 % are below; of frames that a pan moved by 5 % of the width, 2 %."""
NOISE = 4.0
"""Standard deviation in gray levels: smaller differences count as noise."""
BACK_SECONDS = 0.5
"""A scene that comes back within this time goes on: the frames between are a flash."""


class Contrast:
    """The values of a thumbnail, less their mean."""

    def __init__(self, thumbnail: Float32) -> None:
        values = thumbnail.ravel()
        self._values = values - np.add.reduce(values) / np.float32(values.size)
        self._energy = float(np.add.reduce(self._values * self._values))

    def likeness(self, other: Contrast) -> float:
        """Returns the likeness of two thumbnails, from -1 to 1 (equal).

        It consists of the contrast and structure terms of SSIM (Wang et al. 2004), over the whole
        thumbnails. Brightness does not count, so that a brighter or darker frame is no cut.
        """
        noise = len(self._values) * NOISE**2
        common = float(np.add.reduce(self._values * other._values))
        return (2 * common + noise) / (self._energy + other._energy + noise)


@dataclass(frozen=True, eq=False)
class _NumberedFrame:
    """A frame whose scene is known."""

    size: tuple[int, int]
    contrast: Contrast
    time: float
    scene: int

    def resembles(self, size: tuple[int, int], other: Contrast) -> bool:
        """Returns True if a frame of this size and contrast belongs to the same scene."""
        return self.size == size and self.contrast.likeness(other) >= SIMILAR


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
        size, contrast = image.size, Contrast(thumbnail(image))
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
