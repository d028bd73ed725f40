"""Finds the headers of streams among the packets of Ogg files that were joined.

FFmpeg takes those at the beginning of a file, and gives those of the next one, which may follow
directly (chained Ogg), as packets.
"""

from __future__ import annotations

from typing import Any

from av.packet import Packet

_STARTS = (
    *(b"OVP80", b"BBCD\0", b"OpusHead", b"OpusTags", b"\x7fFLAC", b"Speex   ", b"fishead\0"),
    *(bytes([kind]) + b"theora" for kind in (0x80, 0x81, 0x82)),
    *(bytes([kind]) + b"vorbis" for kind in (1, 3, 5)),
)
_LONGEST = max(map(len, _STARTS))


def is_header(packet: Packet[Any]) -> bool:
    """Returns true for a packet of an Ogg file that is a header."""
    return bytes(memoryview(packet)[:_LONGEST]).startswith(_STARTS)
