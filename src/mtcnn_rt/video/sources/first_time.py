"""Gives the first packet of a stream a time where only the later ones have one."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import av
from av.stream import Stream

from mtcnn_rt.video.sources.clock import AnyPacket


def with_first_time(
    packets: Iterator[AnyPacket], stream: Stream, step: Fraction
) -> Iterator[AnyPacket]:
    """Gives packets on, and the first one of a stream one step before the second one.

    FFmpeg gives the first packet of a network camera no time. It is left without one if the second
    has none either.

    Args:
        packets: Packets of all streams.
        stream: The one that may begin without a time.
        step: Usual time between its packets, in seconds.
    """
    first: AnyPacket | None = None
    try:
        for packet in packets:
            if packet.stream is not stream:
                yield packet
            elif packet.dts is None and packet.size and first is None:
                first = packet
            else:
                held, first = first, None
                yield from (_one_step_before(held, packet, step), packet) if held else (packet,)
                break
    except av.FFmpegError:
        yield from (first,) if first else ()
        raise
    yield from (first,) if first else ()
    yield from packets


def _one_step_before(first: AnyPacket, second: AnyPacket, step: Fraction) -> AnyPacket:
    """Sets the times of a packet one step before those of the next, and returns it."""
    if second.dts is not None:
        first.pts = first.dts = second.dts - round(step / second.time_base)
    return first
