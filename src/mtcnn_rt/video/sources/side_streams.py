"""The streams and the description of an input beside its video stream."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from typing import Any

from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream

from mtcnn_rt.video.sources.choosing import THUMBNAILS
from mtcnn_rt.video.sources.span import WHOLE, Span
from mtcnn_rt.video.sources.standing_images import StandingImages

PRIMING = 0.05
"""Seconds before the start from which a decoder of sound begins: encoders of AAC have up to 2,112
samples there."""

QUICKTIME_LANGUAGES = {"sve": "swe", "iri": "gle", "hr ": "hrv", "sr ": "srp", "fo ": "fao"}
"""Codes that FFmpeg alone has for languages of MOV, and those of ISO 639-2."""

_KINDS = ("video", "audio", "subtitle", "attachment")


class SideStreams:
    """Keeps the packets of an input's audio and subtitle streams for a sink.

    Packets are read together with those of the video stream, since standard input can be read only
    once. A sink calls `keep` before the first frame is read, and then `take`.

    Args:
        container: The input.
        video: Its video stream.
        audio: The audio streams that belong to it.
        span: The time of which packets are kept.

    Attributes:
        audio: Audio streams.
        subtitles: Subtitle streams.
        attachments: Attachments, such as fonts.
        covers: Cover images and thumbnails.
        beside_pixels: Names of what the frames themselves have beside their pixels, such as closed
            captions; known with the first one.
        unknown: Streams of other kinds, such as the positions that a camera records, except the one
            in which MP4 has its chapters.
        metadata: Of the whole input, as PyAV has it.
        chapters: Of the whole input, as PyAV has them.
        language: Of the video stream; "" if the input has none.
        title: Of the video stream; "" if the input has none.
    """

    def __init__(
        self,
        container: InputContainer,
        video: Stream,
        audio: tuple[Stream, ...],
        span: Span = WHOLE,
    ) -> None:
        self._span = span
        self.audio = audio
        self.subtitles: tuple[Stream, ...] = container.streams.subtitles
        self.attachments = tuple(s for s in container.streams if s.type == "attachment")
        self.covers = tuple(
            s for s in container.streams.video if s.disposition & THUMBNAILS and s is not video
        )
        self.beside_pixels: tuple[str, ...] = ()
        self.metadata = dict(container.metadata)
        self.chapters = span.chapters(container.chapters())
        self.unknown = tuple(
            s
            for s in container.streams
            if s.type not in _KINDS and not (self.chapters and codec_name(s) == "bin_data")
        )
        self.language, self.title = language(video), title(video)
        self._queue: deque[Packet[Any]] = deque()
        self._kept: Collection[int] | None = None
        self._latest: dict[int, float] = {}
        self._before = StandingImages()

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Audio and subtitle streams."""
        return self.audio + self.subtitles

    @property
    def keeps_subtitles(self) -> bool:
        """True if a sink takes a subtitle stream."""
        kept = self._kept or ()
        return any(stream.index in kept for stream in self.subtitles)

    def put(self, packet: Packet[Any]) -> None:
        """Adds the next packet of the input, if its stream is kept and the input plays it.

        What an edit list cut away, such as a phone's trim, is still in the file: other containers
        would play it again.
        """
        if self._kept is not None and packet.stream_index not in self._kept:
            return
        if packet.is_discard and not -PRIMING <= _time(packet) < 0:
            return
        self._latest[packet.stream_index] = _time(packet)
        if self._span.place(packet):
            self._queue.append(packet)
        elif _time(packet) < 0:
            self._before.put(packet)

    def came_to(self, time: float) -> bool:
        """Returns True if the packets of all kept audio streams came up to a time in seconds."""
        kept = self._kept or ()
        audio = [stream.index for stream in self.audio if stream.index in kept]
        return all(self._latest.get(index, 0.0) >= time for index in audio)

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
        yield from self._before.take()
        while self._queue and _time(self._queue[0]) <= time:
            yield self._queue.popleft()


def codec_name(stream: Stream) -> str:
    """Returns FFmpeg's name of a stream's codec; "" for a codec that FFmpeg does not know."""
    try:
        return stream.name or ""
    except AttributeError:  # PyAV has none
        return ""


def language(stream: Stream) -> str:
    """Returns the language of a stream by ISO 639-2, "" if it has none."""
    code = stream.metadata.get("language", "")
    return QUICKTIME_LANGUAGES.get(code, code)


def title(stream: Stream) -> str:
    """Returns the title of a stream, "" if it has none: Matroska's `title`, or MP4's `name`."""
    return stream.metadata.get("title") or stream.metadata.get("name") or ""


def _time(packet: Packet[Any]) -> float:
    """Returns the time of a packet, in seconds."""
    return float((packet.dts or packet.pts or 0) * packet.time_base)
