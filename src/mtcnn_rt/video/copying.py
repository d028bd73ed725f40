"""How the packets of one track get into an output."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream

AnyPacket: TypeAlias = "Packet[Any]"


class Copying(Protocol):
    """Makes the packets of the output's `stream` from those of the input's."""

    stream: Any

    def packets(self, packet: AnyPacket) -> list[AnyPacket]:
        """Those that `packet` makes ready. Raises av.FFmpegError where it is damaged."""

    def rest(self) -> list[AnyPacket]:
        """Those that are left at the end."""


class Unchanged:
    """Packets as they are, byte for byte."""

    def __init__(self, source: Stream, output: OutputContainer) -> None:
        self.stream: Any = output.add_stream_from_template(source)
        self._last = self._end = 0

    def packets(self, packet: AnyPacket) -> list[AnyPacket]:
        if packet.dts is None:  # the input does not say: it follows the one before
            packet.dts = self._end if packet.pts is None else packet.pts
            packet.pts = packet.dts
        if not packet.duration and self.stream.type == "audio":  # or a last one would last 0
            packet.duration = max(0, packet.dts - self._last)
        self._last, self._end = packet.dts, packet.dts + (packet.duration or 0)
        return [packet]

    def rest(self) -> list[AnyPacket]:
        return []
