"""What an input has beside its pictures: sound, subtitles, chapters, a title."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from fractions import Fraction
from typing import Any

from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream


class SideStreams:
    """The audio and subtitle streams of an input, whose packets come by between its pictures.

    They are read with the pictures, since standard input can be read only once. Who wants them
    calls `keep` before the first picture is asked for; `take` has them afterwards.

    audio, subtitles, attachments  its streams of these kinds.
    metadata, chapters             of the whole input, as PyAV has them.
    language, title                of the pictures; "" where the input does not say.
    """

    def __init__(self, container: InputContainer, pictures: Stream, offset: Fraction) -> None:
        """`offset` in seconds is taken from all times."""
        self.audio: tuple[Stream, ...] = container.streams.audio
        self.subtitles: tuple[Stream, ...] = container.streams.subtitles
        self.attachments = tuple(s for s in container.streams if s.type == "attachment")
        self.metadata = dict(container.metadata)
        self.chapters = container.chapters()
        self.language, self.title = language(pictures), title(pictures)
        self._offset = offset
        self._queue: deque[Packet[Any]] = deque()
        self._kept: Collection[int] | None = None

    @property
    def streams(self) -> tuple[Stream, ...]:
        return self.audio + self.subtitles

    def put(self, packet: Packet[Any]) -> None:
        """The next one of the input."""
        if self._kept is not None and packet.stream_index not in self._kept:
            return
        if packet.size == 0 and packet.dts is None:  # the empty one at the end
            return
        shift = round(self._offset / packet.time_base)
        packet.pts = None if packet.pts is None else packet.pts - shift
        packet.dts = None if packet.dts is None else packet.dts - shift
        self._queue.append(packet)

    def begin(self) -> None:
        """The pictures are asked for: what nobody wants by now, nobody gets."""
        if self._kept is None:
            self.keep(())

    def keep(self, streams: Collection[Stream]) -> None:
        """Only the packets of these will be taken. Raises RuntimeError where others have decided
        that already, or where the pictures have begun."""
        if self._kept is not None:
            raise RuntimeError("the tracks of a source are wanted too late, or a second time")
        self._kept = {stream.index for stream in streams}
        self._queue = deque(p for p in self._queue if p.stream_index in self._kept)

    def take(self, time: float) -> Iterator[Packet[Any]]:
        """Those that have come and lie not after `time` in seconds, in the order of the input."""
        while self._queue and _time(self._queue[0]) <= time:
            yield self._queue.popleft()


def language(stream: Stream) -> str:
    return stream.metadata.get("language", "")


def title(stream: Stream) -> str:
    """Matroska has a `title` here, MP4 a `name`."""
    return stream.metadata.get("title") or stream.metadata.get("name") or ""


def _time(packet: Packet[Any]) -> float:
    return float((packet.dts or packet.pts or 0) * packet.time_base)
