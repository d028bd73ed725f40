"""Converts decoded frames to arrays: BGR, upright, all of one size."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from av.sidedata.sidedata import Type
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._packages import opencv_if_usable
from mtcnn_rt.video.field_marks import Fields
from mtcnn_rt.video.planar_frame import Planes, Spare, has_planes

cv2 = opencv_if_usable()  # without it, NumPy and PyAV do the same, slower

_OTHER_FIELD: dict[Fields, Fields] = {"": "", "top": "bottom", "bottom": "top"}


class UprightConverter:
    """Converts decoded frames to upright BGR arrays of the size of the first one.

    Args:
        first: The first frame; its orientation is that of all.

    Attributes:
        size: (width, height) of the arrays, in pixels.
        transposed: True if the arrays have width and height exchanged.
        upside_down: True if the last row of the frames is the first of the arrays.
        transparent: True if a frame so far had transparent parts. They are black in the arrays,
            since the pixels below may show what the video hides.
    """

    size: tuple[int, int]
    transposed: bool
    upside_down: bool
    transparent: bool

    def __init__(self, first: VideoFrame) -> None:
        self._reformatter = VideoReformatter()
        self._mask_reformatter = VideoReformatter()
        self._spare = Spare()
        self.transparent = False
        # Reads the orientation of the first frame only: a frame whose side data are read is in a
        # reference cycle with them, and stays in memory until Python's garbage collector runs.
        self._orientation = _Orientation(first)
        self.transposed = self._orientation.transposed
        self.upside_down = self._orientation.upside_down
        width, height = first.width, first.height
        self.size = (height, width) if self.transposed else (width, height)

    def planes(self, frame: VideoFrame, mask: VideoFrame | None = None) -> Planes | None:
        """Returns a frame in luma and chroma, if it is upright, opaque, 8-bit 4:2:0, and fits.

        Args:
            frame: The frame.
            mask: As for `convert`.
        """
        return Planes(frame, self._spare) if self.has_planes(frame, mask) else None

    def has_planes(self, frame: VideoFrame, mask: VideoFrame | None = None) -> bool:
        """Returns True for a frame of which `planes` returns something."""
        fits = (frame.width, frame.height) == self.size and self._orientation.is_upright
        return fits and mask is None and has_planes(frame)

    def convert(self, frame: VideoFrame, mask: VideoFrame | None = None) -> Pixels:
        """Returns a frame as (H, W, 3) uint8, BGR, contiguous, writeable.

        A frame of another size is scaled to the first one's: some streams change their size with
        the bandwidth of the network.

        Args:
            frame: The frame.
            mask: A gray frame of the same size, black where the frame is transparent.
        """
        alpha = has_alpha(frame)
        # With the range given, since the reformatter takes a full range for a limited one.
        converted = self._reformatter.reformat(
            frame, format="bgra" if alpha else "bgr24", src_color_range=frame.color_range
        )
        image = np.asarray(converted.to_ndarray(), np.uint8)
        if alpha:
            image = self._over_black(image)
        if mask is not None:
            gray = self._mask_reformatter.reformat(
                mask, format="gray", src_color_range=mask.color_range, dst_color_range="JPEG"
            )
            image = self._over_black(np.dstack([image, gray.to_ndarray()]))
        return fit(self._orientation.upright(image), self.size)

    def _over_black(self, image: Pixels) -> Pixels:
        """Returns an image with transparency, (H, W, 4), as it is seen before black."""
        if image[..., 3].min() < 255:
            self.transparent = True
            if cv2 is None:
                return _multiplied(image)
            image = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGBA2mRGBA), np.uint8)
        if cv2 is None:
            return np.ascontiguousarray(image[..., :3])
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGRA2BGR), np.uint8)


def _multiplied(image: Pixels) -> Pixels:
    """Returns the colors of (H, W, 4), each multiplied by its alpha, without OpenCV."""
    products = image[..., :3].astype(np.uint16) * image[..., 3:]
    return ((products + 127) // 255).astype(np.uint8)


def has_alpha(frame: VideoFrame) -> bool:
    """Returns True if the pixels of a frame may be transparent."""
    kind = frame.format
    return kind.has_palette or any(component.is_alpha for component in kind.components)


class _Orientation:
    """Turns images upright: phones record how to turn them, and leave the pixels as they are."""

    def __init__(self, frame: VideoFrame) -> None:
        a, b, c, d = _matrix(frame)
        self.transposed = abs(a) < abs(b)
        flips = (c < 0, b < 0) if self.transposed else (a < 0, d < 0)
        self.is_upright = not self.transposed and not any(flips)
        self.upside_down = not self.transposed and flips[1]
        self._flip = {(True, False): 1, (False, True): 0, (True, True): -1}.get(flips)

    def upright(self, image: Pixels) -> Pixels:
        """Returns the image turned upright."""
        if cv2 is None:
            return self._upright_without_opencv(image)
        if self.transposed:
            image = np.asarray(cv2.transpose(image), np.uint8)
        if self._flip is not None:
            image = np.asarray(cv2.flip(image, self._flip), np.uint8)
        return image

    def _upright_without_opencv(self, image: Pixels) -> Pixels:
        image = image.swapaxes(0, 1) if self.transposed else image
        if self._flip in (1, -1):
            image = image[:, ::-1]
        if self._flip in (0, -1):
            image = image[::-1]
        return np.ascontiguousarray(image)


def _matrix(frame: VideoFrame) -> tuple[float, float, float, float]:
    """Returns a, b, c, d: a pixel at x, y is shown at a x + c y, b x + d y, plus a shift."""
    try:
        side_data: Any = frame.side_data  # PyAV's stubs lack some kinds
        matrix = side_data.get(Type.DISPLAYMATRIX)
    except ValueError:  # PyAV itself lacks some kinds, such as EXIF
        angle = math.radians(frame.rotation)
        return math.cos(angle), -math.sin(angle), math.sin(angle), math.cos(angle)
    if matrix is None:
        return 1, 0, 0, 1
    a, b, _, c, d = np.frombuffer(matrix, np.int32)[:5].tolist()
    return a, b, c, d


def upright_fields(first: Fields, converter: UprightConverter) -> Fields:
    """Returns the field of the arrays that is shown first; "" if they have none.

    Args:
        first: The one of the frames that is shown first, "" for whole frames.
        converter: Makes the arrays.
    """
    if converter.transposed:
        return ""
    if converter.upside_down and converter.size[1] % 2 == 0:  # even rows become odd ones
        return _OTHER_FIELD[first]
    return first


def fit(image: Pixels, size: tuple[int, int]) -> Pixels:
    """Returns the image scaled to fit a size, with black bars where its shape differs.

    Args:
        image: (H, W, 3) uint8.
        size: (width, height) in pixels.
    """
    height, width = image.shape[:2]
    if (width, height) == size:
        return np.require(image, np.uint8, ["C", "W"])
    scale = min(size[0] / width, size[1] / height)
    inner = [max(1, round(side * scale)) for side in (width, height)]
    left, top = ((outer - side) // 2 for outer, side in zip(size, inner, strict=True))
    canvas = np.zeros((size[1], size[0], 3), np.uint8)
    canvas[top : top + inner[1], left : left + inner[0]] = _resized(image, inner, scale < 1)
    return canvas


def _resized(image: Pixels, size: list[int], smaller: bool) -> Pixels:
    """Returns the image in a size (width, height)."""
    if cv2 is None:
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(image), format="bgr24")
        how = "AREA" if smaller else "BILINEAR"
        resized = frame.reformat(width=size[0], height=size[1], interpolation=how)
        return np.asarray(resized.to_ndarray(), np.uint8)
    how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, size, interpolation=how), np.uint8)
