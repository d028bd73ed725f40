"""Defines how the packets of a side stream are converted, and copies them unchanged."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream

from mtcnn_rt.video.sinks.untrimmed import untrimmed

AnyPacket: TypeAlias = "Packet[Any]"


class Converter(Protocol):
    """Converts the packets of an input's stream for a stream of the output.

    Attributes:
        stream: The output's stream.
    """

    stream: Any

    def convert(self, packet: AnyPacket) -> list[AnyPacket]:
        """Returns the output's packets that a packet of the input makes ready.

        Raises:
            av.FFmpegError: The packet is damaged.
        """

    def finish(self) -> list[AnyPacket]:
        """Returns the output's packets that are left at the end."""


class Unchanged(Converter):
    """Adds a stream to an output for the packets of an input's stream, byte for byte.

    Args:
        source: The input's stream.
        output: The output.
    """

    def __init__(self, source: Stream, output: OutputContainer) -> None:
        self.stream = output.add_stream_from_template(untrimmed(source))
        self._last = self._end = 0

    def convert(self, packet: AnyPacket) -> list[AnyPacket]:
        """Returns the packet, with a time and a duration if it has none."""
        if packet.dts is None:  # it follows the packet before
            packet.dts = self._end if packet.pts is None else packet.pts
            packet.pts = packet.dts
        if not packet.duration and self.stream.type == "audio":  # or the last one would last 0
            packet.duration = max(0, packet.dts - self._last)
        self._last, self._end = packet.dts, packet.dts + (packet.duration or 0)
        return [packet]

    def finish(self) -> list[AnyPacket]:
        """Returns no packets: none is left at the end."""
        return []
