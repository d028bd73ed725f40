"""Decodes the transparency that FFmpeg's usual decoders leave out."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.codec.codec import UnknownCodecError
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

_SAME = Fraction(1, 1000)
"""Seconds up to which two times are the same: streams may count in different units."""
_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}


def alpha_decoder(stream: VideoStream) -> VideoCodecContext | None:
    """Returns the decoder of a WebM video with transparency; None for any other video.

    FFmpeg's own decoders of VP8 and VP9 pass over the transparency: what it hides would be seen.
    """
    name = _DECODERS.get(stream.codec_context.codec.canonical_name)
    tags = {key.lower(): value for key, value in stream.metadata.items()}
    if name is None or tags.get("alpha_mode") != "1":
        return None
    try:
        decoder = av.CodecContext.create(name, "r")
    except UnknownCodecError:  # not in this build of FFmpeg
        return None
    assert isinstance(decoder, VideoCodecContext)
    decoder.extradata = stream.codec_context.extradata
    decoder.options = stream.codec_context.options
    return decoder


class Masks:
    """Decodes a stream that has the transparency of another one, frame by frame, as AVIF has it.

    Frames belong together by their times. One whose transparency is missing, since it is damaged,
    is hidden whole: what it hides must not be seen.

    Args:
        stream: The stream.
    """

    def __init__(self, stream: VideoStream) -> None:
        self._stream = stream
        self._waiting: deque[VideoFrame] = deque()
        self._images: deque[VideoFrame] = deque()

    def put(self, packet: Packet[Any] | None) -> None:
        """Decodes a packet of the transparency."""
        self._waiting.extend(self._stream.decode(packet))

    def pair(self, frame: VideoFrame) -> Iterator[tuple[VideoFrame, VideoFrame]]:
        """Gives the frames up to this one whose transparency has come, together with it."""
        self._images.append(frame)
        yield from self._paired()

    def end(self) -> Iterator[tuple[VideoFrame, VideoFrame]]:
        """Gives the frames that are left, hidden where their transparency has not come."""
        yield from self._paired()
        while self._images:
            image = self._images.popleft()
            yield image, _hiding(image)

    def _paired(self) -> Iterator[tuple[VideoFrame, VideoFrame]]:
        while self._images and self._waiting:
            late = _lateness(self._images[0], self._waiting[0])
            if late > _SAME:  # the frame of this transparency has not come
                self._waiting.popleft()
                continue
            image = self._images.popleft()
            yield image, _hiding(image) if late < -_SAME else self._waiting.popleft()


def _lateness(image: VideoFrame, mask: VideoFrame) -> Fraction:
    """Returns by how many seconds a frame is later than some transparency; 0 without times."""
    times = [
        None if one.pts is None or one.time_base is None else one.pts * one.time_base
        for one in (image, mask)
    ]
    return Fraction(0) if times[0] is None or times[1] is None else times[0] - times[1]


def _hiding(image: VideoFrame) -> VideoFrame:
    """Returns the transparency that hides a frame whole."""
    return VideoFrame.from_ndarray(np.zeros((image.height, image.width), np.uint8), format="gray")
