"""Keeps subtitles that are images and on the screen when a span begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from av.packet import Packet

Composition = tuple[bool, int]
"""The screen as a packet states it: True if no image from before stays, and how many images."""

_PGS, _DVB = 0x16, 0x10  # kinds of segments that state what is on the screen
_EPOCH_START = 0x80
_DVB_SYNC, _DVB_HEADER = 0x0F, 6


class StandingImages:
    """Keeps the latest packets of each stream of images, which are on the screen afterwards.

    PGS (of Blu-rays) and DVB subtitles tell when images come and when they go, in packets of their
    own, not how long they stay. An image may be changed by later packets.
    """

    def __init__(self) -> None:
        self._packets: dict[int, list[Packet[Any]]] = {}

    def put(self, packet: Packet[Any]) -> None:
        """Adds the next packet of a stream."""
        context = packet.stream.codec_context
        read = _READERS.get(context.name if context else "")
        if read is None:
            return
        index, composition = packet.stream_index, read(bytes(packet))
        if composition is not None:
            begins, images = composition
            if begins or not images:
                self._packets.pop(index, None)
            if begins and images:
                self._packets[index] = []
        kept = self._packets.get(index)
        if kept is not None:
            kept.append(packet)

    def take(self) -> Iterator[Packet[Any]]:
        """Gives the packets, each once, with the time 0."""
        for index in list(self._packets):
            for packet in self._packets.pop(index, []):
                packet.pts = packet.dts = 0
                yield packet


def _of_pgs(data: bytes) -> Composition | None:
    return (data[10] == _EPOCH_START, data[13]) if len(data) > 13 and data[0] == _PGS else None


def _of_dvb(data: bytes) -> Composition | None:
    at = 0
    while len(data) > at + _DVB_HEADER + 1 and data[at] == _DVB_SYNC:
        length = int.from_bytes(data[at + 4 : at + _DVB_HEADER], "big")
        if data[at + 1] == _DVB:
            return data[at + _DVB_HEADER + 1] & 0x0C != 0, max(0, (length - 2) // 6)
        at += _DVB_HEADER + length
    return None


_READERS: dict[str, Callable[[bytes], Composition | None]] = {
    "pgssub": _of_pgs,
    "dvbsub": _of_dvb,
}
