"""Converts subtitles that the output cannot hold as they are."""

from __future__ import annotations

from fractions import Fraction

import av
from av.container import OutputContainer
from av.packet import Packet
from av.subtitles.stream import SubtitleStream

from mtcnn_rt.video.sinks.converter import AnyPacket, Converter
from mtcnn_rt.video.sinks.cues import Cue, Joined


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
        self.stream.time_base = self._encoder.time_base = self._unit = unit
        # MP4 shows one text at a time, and FFmpeg moves one that comes earlier behind the last.
        self._joined = Joined() if codec == "mov_text" else None

    def convert(self, packet: AnyPacket) -> list[AnyPacket]:
        """Returns the output's packets that a packet of the input makes ready.

        None if it has no text. For MP4 they are those of the texts before, without overlaps.

        Raises:
            av.FFmpegError: The packet cannot be decoded.
        """
        subtitle = self._decoder.decode2(packet)
        if subtitle is None or not len(subtitle):  # MP4 has empty ones between the others
            return []
        text = self._encoder.encode_subtitle(subtitle)
        text.pts, text.dts, text.duration = packet.pts, packet.dts, packet.duration
        text.time_base = packet.time_base
        if self._joined is None or packet.pts is None:
            return [text]
        self._unit = packet.time_base
        end = packet.pts + max(1, packet.duration or 0)  # in order with those that wait
        cue = Cue(packet.pts, end, bytes(text))
        return [self._packet(ready) for ready in self._joined.add(cue)]

    def finish(self) -> list[AnyPacket]:
        """Returns the packets that are left at the end."""
        return [self._packet(cue) for cue in self._joined.finish()] if self._joined else []

    def _packet(self, cue: Cue) -> AnyPacket:
        packet = Packet(cue.sample)
        packet.pts = packet.dts = cue.start
        packet.duration, packet.time_base = cue.end - cue.start, self._unit
        return packet
