"""Subtitles that the output cannot hold as they are, in another format of text."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import av
from av.container import OutputContainer
from av.packet import Packet
from av.subtitles.stream import SubtitleStream


class ConvertedSubtitles:
    """A stream of `output` for the text of the stream `source`.

    Raises av.FFmpegError or ValueError where that is no text, or `codec` no encoder here."""

    def __init__(self, source: SubtitleStream, output: OutputContainer, codec: str) -> None:
        self._decoder = source.codec_context
        self._decoder.open(strict=False)
        if not self._decoder.codec.text_sub or not self._decoder.subtitle_header:
            raise ValueError("it is no text")
        av.Codec(codec, "w")  # raises before there is a stream
        self.stream = output.add_stream(codec)
        assert isinstance(self.stream, SubtitleStream)
        self._encoder = self.stream.codec_context
        self._encoder.subtitle_header = self._decoder.subtitle_header
        unit = source.time_base or Fraction(1, 1000)
        self.stream.time_base = self._encoder.time_base = unit

    def packets(self, packet: Packet[Any]) -> list[Packet[Any]]:
        """Raises av.FFmpegError where the packet cannot be decoded."""
        subtitle = self._decoder.decode2(packet)
        if subtitle is None or not len(subtitle):  # MP4 has empty ones between the others
            return []
        text = self._encoder.encode_subtitle(subtitle)
        text.pts, text.dts, text.duration = packet.pts, packet.dts, packet.duration
        text.time_base = packet.time_base
        return [text]

    def rest(self) -> list[Packet[Any]]:
        return []
