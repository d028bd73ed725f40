"""Converts subtitles that the output cannot hold as they are."""

from __future__ import annotations

from fractions import Fraction

import av
from av.container import OutputContainer
from av.subtitles.stream import SubtitleStream

from mtcnn_rt.video.sinks.converter import AnyPacket, Converter


class ConvertedSubtitles(Converter):
    """Adds a subtitle stream to an output, and converts the text of an input's stream for it.

    Args:
        source: The input's stream.
        output: The output.
        codec: FFmpeg's name of an encoder.

    Raises:
        av.FFmpegError: The input's decoder cannot be opened.
        ValueError: The subtitles are no text, or this build of FFmpeg has no such encoder.
    """

    def __init__(self, source: SubtitleStream, output: OutputContainer, codec: str) -> None:
        self._decoder = source.codec_context
        self._decoder.open(strict=False)
        if not self._decoder.codec.text_sub or not self._decoder.subtitle_header:
            raise ValueError("subtitles that are no text cannot be converted")
        av.Codec(codec, "w")  # raises before there is a stream
        self.stream = output.add_stream(codec)
        assert isinstance(self.stream, SubtitleStream)
        self._encoder = self.stream.codec_context
        self._encoder.subtitle_header = self._decoder.subtitle_header
        unit = source.time_base or Fraction(1, 1000)
        self.stream.time_base = self._encoder.time_base = unit

    def convert(self, packet: AnyPacket) -> list[AnyPacket]:
        """Returns the output's packets for a packet of the input: one, or none if it has no text.

        Raises:
            av.FFmpegError: The packet cannot be decoded.
        """
        subtitle = self._decoder.decode2(packet)
        if subtitle is None or not len(subtitle):  # MP4 has empty ones between the others
            return []
        text = self._encoder.encode_subtitle(subtitle)
        text.pts, text.dts, text.duration = packet.pts, packet.dts, packet.duration
        text.time_base = packet.time_base
        return [text]

    def finish(self) -> list[AnyPacket]:
        """Returns no packets: none is left at the end."""
        return []
