"""Frames in luma and chroma, as decoders give them and encoders take them."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import ColorRange, VideoReformatter

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._images.planar import WEIGHTS, PlanarImage
from mtcnn_rt.video.frame import Frame

FORMAT = "yuv420p"
"""FFmpeg's name of the pixel format of planes: 8 bits, a chroma value for 2 x 2 pixels."""
_FULL_RANGE = "yuvj420p"  # the same, with luma from 0 to 255
_CHROMA_SIDE_BY_SIDE = "nv12"  # the same, with u and v in one plane
_MOST_SPARE = 16


class Spare:
    """Keeps the memory of frames that nobody uses any more, for later frames of the same size.

    The system clears new memory first, page by page.
    """

    def __init__(self) -> None:
        self._spare: deque[tuple[VideoFrame, Pixels | None]] = deque(maxlen=_MOST_SPARE)

    def take(self, width: int, height: int) -> tuple[VideoFrame, Pixels | None]:
        """Returns a frame of a size, with any pixels, and a BGR image as large, or None."""
        try:
            frame, canvas = self._spare.pop()
        except IndexError:
            return VideoFrame(width, height, FORMAT), None
        if (frame.width, frame.height) != (width, height):
            return VideoFrame(width, height, FORMAT), None
        frame.make_writable()  # an encoder may still read the last one
        return frame, canvas

    def give(self, frame: VideoFrame, canvas: Pixels | None) -> None:
        """Takes memory back."""
        self._spare.append((frame, canvas))


class Planes(PlanarImage):
    """Luma and chroma of a decoded frame, in memory of their own, which may be painted on.

    Args:
        decoded: A frame for which `has_planes` is true. It is copied: the decoder needs its pixels
            for later frames.
        spare: Gives the memory, and gets it back.

    Attributes:
        video_frame: The planes for an encoder, without side data and metadata.
    """

    video_frame: VideoFrame

    def __init__(self, decoded: VideoFrame, spare: Spare) -> None:
        self._spare = spare
        self.video_frame, self._memory = spare.take(decoded.width, decoded.height)
        full = is_full_range(decoded)
        self.video_frame.colorspace = decoded.colorspace
        self.video_frame.color_trc = decoded.color_trc
        self.video_frame.color_primaries = decoded.color_primaries
        self.video_frame.color_range = ColorRange.JPEG if full else ColorRange.MPEG
        planes = [_values(plane) for plane in self.video_frame.planes]
        for plane, values in zip(planes, _planes_of(decoded), strict=True):
            plane[...] = values
        super().__init__(planes[0], planes[1], planes[2], decoded.colorspace, full, self._memory)

    def __del__(self) -> None:
        """Gives the memory back."""
        self._spare.give(self.video_frame, self._memory)

    def to_bgr(self) -> Pixels:
        """Returns the frame as (H, W, 3) uint8 BGR, converted by FFmpeg."""
        frame = self.video_frame
        converted = VideoReformatter().reformat(
            frame, format="bgr24", src_color_range=frame.color_range
        )
        return np.require(converted.to_ndarray(), np.uint8, ["C", "W"])


class PlanarFrame(Frame):
    """A frame whose image is made when it is asked for, from planes.

    From then on its pixels are those of the image: the planes are gone.

    Args:
        image: The `Planes`, or an image (H, W, 3) uint8 BGR.
        others: Those of `Frame`.
    """

    _content: Pixels | Planes

    def __init__(self, image: Pixels | Planes, *others: Any, **named: Any) -> None:
        super().__init__(image, *others, **named)  # type: ignore[arg-type]

    @property
    def image(self) -> Pixels:
        """The image, (H, W, 3) uint8 BGR, upright; the receiver may draw on it."""
        if isinstance(self._content, Planes):
            self._set_image(self._content.to_bgr())
        assert not isinstance(self._content, Planes)
        return self._content

    @image.setter
    def image(self, content: Pixels | Planes) -> None:
        self._set_image(content)

    @property
    def planes(self) -> Planes | None:
        """The planes; None once the image was asked for."""
        return self._content if isinstance(self._content, Planes) else None

    @property
    def content(self) -> Pixels | Planes:
        """The planes, or the image, as detectors and trackers of this package take them."""
        return self._content

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        content = self.content
        return content.size if isinstance(content, Planes) else super().size

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickles and copies the frame with its image."""
        facts = (self.time, self.pts, self.duration, self.time_base, self.index, self.captured)
        return Frame, (self.image, *facts)

    def _set_image(self, content: Pixels | Planes) -> None:
        object.__setattr__(self, "_content", content)  # the class is frozen


def has_planes(frame: VideoFrame) -> bool:
    """Returns True for a decoded frame of 8 bits with a chroma value for 2 x 2 pixels."""
    names = (FORMAT, _FULL_RANGE, _CHROMA_SIDE_BY_SIDE)
    return frame.format.name in names and frame.colorspace in WEIGHTS


def is_full_range(frame: VideoFrame) -> bool:
    """Returns True if luma goes from 0 to 255."""
    return frame.format.name == _FULL_RANGE or frame.color_range == ColorRange.JPEG


def _planes_of(frame: VideoFrame) -> list[Pixels]:
    """Returns views of luma, u and v."""
    planes = [_values(plane) for plane in frame.planes]
    if frame.format.name != _CHROMA_SIDE_BY_SIDE:
        return planes
    height, width = ((side + 1) // 2 for side in (frame.height, frame.width))
    pairs = _rows(frame.planes[1])[:height, : 2 * width]
    return [planes[0], pairs[:, ::2], pairs[:, 1::2]]


def _values(plane: VideoPlane) -> Pixels:
    """Returns a view of the values of a plane, (H, W)."""
    return _rows(plane)[:, : plane.width]


def _rows(plane: VideoPlane) -> Pixels:
    """Returns a view of the rows of a plane, from top to bottom, with what follows each."""
    memory = np.frombuffer(memoryview(plane), np.uint8)
    rows = memory.reshape(plane.height, abs(plane.line_size))
    return rows[::-1] if plane.line_size < 0 else rows
