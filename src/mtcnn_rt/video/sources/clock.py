"""Lets the times of an input's packets go on where its clock starts again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from av.packet import Packet

AnyPacket: TypeAlias = "Packet[Any]"

_BACK = Fraction(1, 10)  # seconds by which a stream goes back where its clock starts again
_AHEAD = Fraction(10)  # seconds by which it goes ahead, as FFmpeg's own programs have it
_ANY = Fraction(1 << 63)  # seconds: every step ahead
_SLOW = 4  # times its longest gap so far, for a video of few frames
_WAIT = 3  # seconds of packets to wait for the other streams to jump, too
_STEP = Fraction(1, 1000)  # seconds between audio packets whose times go back a little
_MOST_HELD = 1000  # packets
_SEAM = 2  # packets before a clock starts again, one of which FFmpeg marks as damaged


@dataclass
class _StreamClock:
    """The clock of one stream; all values are in seconds, of the times that are given on.

    Attributes:
        shift: Is added to the input's times.
        last: Time of the last packet.
        end: Its end.
        gap: The longest time between two packets.
        placed: True if a packet was given this time.
        intact: Number of packets since the last one that is marked as damaged.
        unseen: Number of packets since the last one that was given a time, which lie before it and
            are not shown.
    """

    shift: Fraction
    last: Fraction
    end: Fraction
    gap: Fraction = Fraction(0)
    intact: int = _SEAM
    placed: bool = False
    unseen: int = 0


class Clock:
    """Shifts the times of packets, so that they go on where the clock of an input starts again.

    Transport and program streams that were joined, DVDs and HLS playlists have such places. All
    streams are shifted by one offset there, so that they stay together: the packets after the jump
    wait until all streams have jumped.

    Args:
        offset: Time in seconds that is subtracted from all times.
        restarts: False lets all times as they are, apart from the offset.
        video: Indices of video streams.
        audio: Indices of audio streams. The other streams, such as subtitles, follow the clock of
            these and the video streams.
        ahead: Take a long step ahead for a new clock, too. In files whose clock starts at 0 it is a
            pause.
        from_first: The times count from the first packet that has one, whatever it is, before the
            offset is subtracted.

    Attributes:
        seams: Number of packets that are marked as damaged only because a clock starts again behind
            them: the data that follow do not continue them.
        restarted: True once a clock has started again.
        lost: Number of video packets behind such a place that are not shown: the edit list of MP4
            has the first part only, so that FFmpeg drops the frames of others.
    """

    seams: int
    restarted: bool
    lost: int

    def __init__(
        self,
        offset: Fraction,
        restarts: bool,
        video: Collection[int],
        audio: Collection[int],
        ahead: bool = True,
        from_first: bool = False,
    ) -> None:
        self._shift = self._previous = -offset
        self._from_first = from_first
        self.seams, self.restarted, self.lost = 0, False, 0
        self._restarts = restarts
        self._video = set(video)
        self._steady = {*video, *audio}
        self._ordered = set(audio) if ahead else set()
        self._most = _AHEAD if ahead else _ANY
        self._clocks: dict[int, _StreamClock] = {}
        self._held: list[AnyPacket] = []
        self._firsts: dict[int, Fraction] = {}  # of the streams that have jumped, by the input
        self._later: dict[int, Fraction] = {}  # end of the others when the first one jumped

    def put(self, packet: AnyPacket) -> list[AnyPacket]:
        """Takes the next packet; returns those whose times are known, with these times."""
        if self._from_first and packet.dts is not None:
            self._from_first = False
            self._shift = self._previous = self._shift - packet.dts * packet.time_base
        if not self._restarts or packet.size == 0:  # those at the end have a wrong index
            return [_moved(packet, self._shift)]
        index, stamp = packet.stream_index, packet.dts
        if index not in self._steady or stamp is None:
            if self._held:
                self._held.append(packet)
                return []
            return [_moved(packet, self._shift_of(packet))]
        time = stamp * packet.time_base
        if packet.is_discard and index not in self._firsts:
            return [self._pass(packet, time)]
        if index not in self._firsts and not self._jumps(packet, time):
            return [self._place(packet, time), *self._settled_if_ready()]
        if not self._held:
            self._later = {number: clock.end for number, clock in self._clocks.items()}
        self._firsts.setdefault(index, time)
        self._held.append(packet)
        return self._settled_if_ready(time - self._firsts[index])

    def flush(self) -> list[AnyPacket]:
        """Returns the packets that still wait; the input has ended."""
        settled = self._settled() if self._held else []
        for index in self._clocks:
            self._lose(index)
        return settled

    def _pass(self, packet: AnyPacket, time: Fraction) -> AnyPacket:
        """Gives a packet that is not shown its time.

        Edits of MP4 begin with some that lie before the last one of the edit before: no clock
        starts again there.
        """
        clock = self._clocks.get(packet.stream_index)
        if clock is None:
            return _moved(packet, self._shift)
        clock.unseen += time + clock.shift < clock.last - _BACK
        return _moved(packet, clock.shift)

    def _lose(self, index: int) -> None:
        """Counts the packets of a stream that are not shown and of no edit."""
        self.lost += self._clocks[index].unseen if index in self._video else 0
        self._clocks[index].unseen = 0

    def _jumps(self, packet: AnyPacket, time: Fraction) -> bool:
        """Returns True if a stream's clock has started again; False if it only joins the others."""
        clock = self._clocks.get(packet.stream_index)
        if clock is None:
            return False
        back = self._back(packet)
        if not self._follows(clock, time + clock.shift, back):
            if clock.shift == self._shift or not self._follows(clock, time + self._shift, back):
                return True
            clock.shift = self._shift
        return False

    def _place(self, packet: AnyPacket, time: Fraction) -> AnyPacket:
        """Gives a packet of an audio or video stream its time."""
        index = packet.stream_index
        clock = self._clocks.get(index)
        if clock is None:
            at = time + self._shift
            clock = self._clocks[index] = _StreamClock(self._shift, at, at)
        at = time + clock.shift
        if at <= clock.last and clock.placed and index in self._ordered:
            at = clock.last + _STEP  # of pieces that overlap a little
        gap = at - clock.last
        clock.gap = max(clock.gap, gap)
        duration = (packet.duration or 0) * packet.time_base
        clock.intact = 0 if packet.is_corrupt else clock.intact + 1
        clock.last, clock.end = max(at, clock.last), max(clock.end, at + (duration or gap))
        clock.placed, clock.unseen = True, 0
        return _moved(packet, at - time)

    def _settled_if_ready(self, waited: Fraction = Fraction(0)) -> list[AnyPacket]:
        """Returns the packets that wait, if it is known where they belong."""
        if not self._held:
            return []
        late = any(
            clock.end - self._later.get(index, clock.end) > _WAIT
            for index, clock in self._clocks.items()
            if index not in self._firsts
        )
        everyone = all(index in self._firsts for index in self._clocks)
        full = waited > _WAIT or len(self._held) >= _MOST_HELD
        return self._settled() if everyone or late or full else []

    def _settled(self) -> list[AnyPacket]:
        """Places the packets that wait behind those before them, and returns them."""
        if self._is_a_gap():
            for index, first in self._firsts.items():  # a pause in one stream alone
                clock = self._clocks[index]
                clock.last = clock.end = first + clock.shift
                clock.placed = False
        else:
            self._previous, self.restarted = self._shift, True
            self._shift = max(self._clocks[i].end - first for i, first in self._firsts.items())
            for index in self._firsts:
                self._lose(index)
                self._clocks[index].shift = self._shift
                self.seams += self._clocks[index].intact < _SEAM
        held, self._held = self._held, []
        self._firsts, self._later = {}, {}
        placed: list[AnyPacket] = []
        for packet in held:
            placed += self.put(packet)
        return placed

    def _is_a_gap(self) -> bool:
        """Returns True if streams only went ahead, and others went on by their clock meanwhile."""
        ahead = all(
            first + self._clocks[index].shift > self._clocks[index].end
            for index, first in self._firsts.items()
        )
        went_on = any(
            clock.end - self._later.get(index, clock.end) > 1
            for index, clock in self._clocks.items()
            if index not in self._firsts
        )
        return ahead and went_on

    def _back(self, packet: AnyPacket) -> Fraction:
        """Returns by how many seconds a packet may lie before the last one of its stream.

        At an edit of MP4, frames go on in the order in which they are shown, not decoded.
        """
        if self._most < _ANY or packet.pts is None or packet.dts is None:
            return _BACK
        return _BACK + max(0, packet.pts - packet.dts) * packet.time_base

    def _follows(self, clock: _StreamClock, at: Fraction, back: Fraction) -> bool:
        """Returns True if a time can follow the last one of a stream."""
        return at - clock.last >= -back and at - clock.end <= max(self._most, _SLOW * clock.gap)

    def _shift_of(self, packet: AnyPacket) -> Fraction:
        """Returns the shift of a packet without a clock of its own.

        It may belong to the clock before the last jump.
        """
        if packet.stream_index in self._clocks:
            return self._clocks[packet.stream_index].shift
        stamp = packet.pts if packet.dts is None else packet.dts
        if stamp is None:
            return self._shift
        time = stamp * packet.time_base
        now = max((clock.last for clock in self._clocks.values()), default=time + self._shift)
        return min(self._shift, self._previous, key=lambda shift: abs(time + shift - now))


def _moved(packet: AnyPacket, shift: Fraction) -> AnyPacket:
    """Adds seconds to the times of a packet, and returns it."""
    if shift:
        units = round(shift / packet.time_base)
        packet.pts = None if packet.pts is None else packet.pts + units
        packet.dts = None if packet.dts is None else packet.dts + units
    return packet
