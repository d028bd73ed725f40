"""From what a decoder gives to an array: BGR, upright, of one size."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from av.sidedata.sidedata import Type
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


class Pictures:
    """Turns decoded pictures into arrays of the size of the first one."""

    size: tuple[int, int]
    """(width, height) in pixels, upright."""
    turned: bool
    """Whether width and height have changed places."""

    def __init__(self, first: VideoFrame) -> None:
        self._reformatter = VideoReformatter()
        # That of the first picture is that of all. A picture that is asked for its side data would
        # be in a cycle with them, and stay in memory until Python looks for cycles.
        self._orientation = _Orientation(first)
        self.turned = self._orientation.transposed
        width, height = first.width, first.height
        self.size = (height, width) if self.turned else (width, height)

    def image(self, picture: VideoFrame) -> Pixels:
        """(H, W, 3) uint8, BGR, contiguous, writeable. A picture of another size, such as a stream
        has that adapts to its network, is scaled to the first one's."""
        # The range has to be said: the reformatter takes a full range for a limited one.
        bgr = self._reformatter.reformat(
            picture, format="bgr24", src_color_range=picture.color_range
        )
        upright = self._orientation.upright(np.asarray(bgr.to_ndarray(), np.uint8))
        return fit(upright, self.size)


class _Orientation:
    """How a picture is to be shown: what a phone records in place of turned pixels."""

    def __init__(self, picture: VideoFrame) -> None:
        a, b, c, d = _matrix(picture)
        self.transposed = abs(a) < abs(b)
        flips = (c < 0, b < 0) if self.transposed else (a < 0, d < 0)
        self._flip = {(True, False): 1, (False, True): 0, (True, True): -1}.get(flips)

    def upright(self, image: Pixels) -> Pixels:
        if self.transposed:
            image = np.asarray(cv2.transpose(image), np.uint8)
        if self._flip is not None:
            image = np.asarray(cv2.flip(image, self._flip), np.uint8)
        return image


def _matrix(picture: VideoFrame) -> tuple[float, float, float, float]:
    """a, b, c, d: a pixel at x, y belongs to a x + c y, b x + d y, but for a shift."""
    side_data: Any = picture.side_data  # PyAV's stubs do not know all kinds
    try:
        matrix = side_data.get(Type.DISPLAYMATRIX)
    except ValueError:  # PyAV itself does not know all kinds, such as EXIF
        angle = math.radians(picture.rotation)
        return math.cos(angle), -math.sin(angle), math.sin(angle), math.cos(angle)
    if matrix is None:
        return 1, 0, 0, 1
    a, b, _, c, d = np.frombuffer(matrix, np.int32)[:5].tolist()
    return a, b, c, d


def fit(image: Pixels, size: tuple[int, int]) -> Pixels:
    """The image scaled to `size` (width, height) in pixels; what its shape leaves free is black."""
    height, width = image.shape[:2]
    if (width, height) == size:
        return np.require(image, np.uint8, ["C", "W"])
    scale = min(size[0] / width, size[1] / height)
    inner = [max(1, round(side * scale)) for side in (width, height)]
    left, top = ((outer - side) // 2 for outer, side in zip(size, inner, strict=True))
    canvas = np.zeros((size[1], size[0], 3), np.uint8)
    canvas[top : top + inner[1], left : left + inner[0]] = cv2.resize(
        image, inner, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    )
    return canvas
