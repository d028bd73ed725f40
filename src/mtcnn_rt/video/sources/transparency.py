"""Decodes the transparency that FFmpeg's usual decoders leave out."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

import av
from av.codec.codec import UnknownCodecError
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

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

    def pair(self, frame: VideoFrame | None) -> Iterator[tuple[VideoFrame, VideoFrame]]:
        """Gives the frames so far whose transparency has come, together with it."""
        if frame is not None:
            self._images.append(frame)
        while self._images and self._waiting:
            yield self._images.popleft(), self._waiting.popleft()
