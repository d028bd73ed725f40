"""The streams and the description of an input beside its video stream."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from fractions import Fraction
from typing import Any

from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream


class SideStreams:
    """Keeps the packets of an input's audio and subtitle streams for a sink.

    Packets are read together with those of the video stream, since standard input can be read only
    once. A sink calls `keep` before the first frame is read, and then `take`.

    Args:
        container: The input.
        video: Its video stream.
        offset: Time in seconds that is subtracted from all times.

    Attributes:
        audio: Audio streams.
        subtitles: Subtitle streams.
        attachments: Attachments, such as fonts.
        metadata: Of the whole input, as PyAV has it.
        chapters: Of the whole input, as PyAV has them.
        language: Of the video stream; "" if the input has none.
        title: Of the video stream; "" if the input has none.
    """

    def __init__(self, container: InputContainer, video: Stream, offset: Fraction) -> None:
        self.audio: tuple[Stream, ...] = container.streams.audio
        self.subtitles: tuple[Stream, ...] = container.streams.subtitles
        self.attachments = tuple(s for s in container.streams if s.type == "attachment")
        self.metadata = dict(container.metadata)
        self.chapters = container.chapters()
        self.language, self.title = language(video), title(video)
        self._offset = offset
        self._queue: deque[Packet[Any]] = deque()
        self._kept: Collection[int] | None = None

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Audio and subtitle streams."""
        return self.audio + self.subtitles

    def put(self, packet: Packet[Any]) -> None:
        """Adds the next packet of the input, if its stream is kept."""
        if self._kept is not None and packet.stream_index not in self._kept:
            return
        if packet.size == 0 and packet.dts is None:  # the empty one at the end
            return
        shift = round(self._offset / packet.time_base)
        packet.pts = None if packet.pts is None else packet.pts - shift
        packet.dts = None if packet.dts is None else packet.dts - shift
        self._queue.append(packet)

    def end_selection(self) -> None:
        """Keeps no stream, unless `keep` was called before; frames are about to be read."""
        if self._kept is None:
            self.keep(())

    def keep(self, streams: Collection[Stream]) -> None:
        """Keeps only the packets of these streams.

        Raises:
            RuntimeError: The streams to keep were chosen already, or frames were read.
        """
        if self._kept is not None:
            raise RuntimeError(
                "a source's side streams can be chosen once, before its first frame is read: "
                "create one sink for it, before the loop over its frames"
            )
        self._kept = {stream.index for stream in streams}
        self._queue = deque(p for p in self._queue if p.stream_index in self._kept)

    def take(self, time: float) -> Iterator[Packet[Any]]:
        """Gives the packets so far up to a time in seconds, in the order of the input."""
        while self._queue and _time(self._queue[0]) <= time:
            yield self._queue.popleft()


def language(stream: Stream) -> str:
    """Returns the language of a stream, "" if it has none."""
    return stream.metadata.get("language", "")


def title(stream: Stream) -> str:
    """Returns the title of a stream, "" if it has none: Matroska's `title`, or MP4's `name`."""
    return stream.metadata.get("title") or stream.metadata.get("name") or ""


def _time(packet: Packet[Any]) -> float:
    """Returns the time of a packet, in seconds."""
    return float((packet.dts or packet.pts or 0) * packet.time_base)
