"""Copies plain samples of sound (PCM), with silence where the input has a gap."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream

from mtcnn_rt.video.sinks.converter import AnyPacket, Unchanged

_GAP = Fraction(1, 20)  # seconds; less may be times that are rounded
_LONGEST = 3600  # seconds; longer ones are no gap but a wrong time
_SILENT = {"pcm_u8": b"\x80", "pcm_mulaw": b"\xff", "pcm_alaw": b"\xd5"}


def needs_silence(file_type: str, name: str) -> bool:
    """Returns True for PCM in MOV, where a sample has no time but by those before it.

    Args:
        file_type: FFmpeg's name of the output's type.
        name: FFmpeg's name of the codec.
    """
    return file_type == "mov" and name.startswith("pcm_")


class Filled(Unchanged):
    """Adds an audio stream to an output, for the packets of an input's stream and silence.

    Args:
        source: The input's stream.
        output: The output.
    """

    def __init__(self, source: Stream, output: OutputContainer) -> None:
        super().__init__(source, output)
        assert isinstance(source, AudioStream)
        name = source.codec_context.name
        bits = re.search(r"\d+", name)
        width = int(bits[0]) // 8 if bits else 1
        self._sample = width * source.layout.nb_channels  # bytes
        self._second = source.codec_context.sample_rate * self._sample  # bytes
        self._silent = _SILENT.get(name, b"\0")
        self._written: Fraction | None = None

    def convert(self, packet: AnyPacket) -> list[AnyPacket]:
        """Returns the packet, behind silence up to its time."""
        (packet,) = super().convert(packet)
        at = (packet.dts or 0) * packet.time_base
        written = at if self._written is None else self._written
        gap = at - written
        silence = list(self._silence(written, gap, packet)) if _GAP < gap < _LONGEST else []
        packets = [*silence, packet]
        self._written = written + Fraction(sum(one.size for one in packets), self._second)
        return packets

    def _silence(self, begin: Fraction, length: Fraction, before: AnyPacket) -> Iterator[AnyPacket]:
        """Gives packets of silence of a second each, and one of the rest."""
        end = begin + length
        while begin < end:
            part = min(Fraction(1), end - begin)
            count = round(part * self._second / self._sample)
            packet: AnyPacket = Packet(self._silent * (count * self._sample))
            packet.time_base = before.time_base
            packet.pts = packet.dts = round(begin / before.time_base)
            packet.duration = round(part / before.time_base)
            yield packet
            begin += part
