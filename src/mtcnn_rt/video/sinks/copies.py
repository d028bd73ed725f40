"""Copies the sound, the subtitles and the description of an input into an output."""

from __future__ import annotations

import math
from io import BytesIO
from typing import Any, Protocol, TypeAlias

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.subtitles.stream import SubtitleStream

from mtcnn_rt.video.sinks.audio import ReencodedAudio
from mtcnn_rt.video.sinks.subtitles import ConvertedSubtitles
from mtcnn_rt.video.sources.side_streams import SideStreams, language, title

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


_AUDIO = {".mp4": "aac", ".mov": "aac", ".mkv": "aac", ".webm": "libopus"}
_TEXT = {".mp4": "mov_text", ".mov": "mov_text", ".mkv": "subrip", ".webm": "webvtt"}
_OF_THE_FILE = ("major_brand", "minor_version", "compatible_brands", "encoder")


class Copies:
    """Copies tracks into `output`, a file with the extension `extension`.

    What the file type can hold is copied packet by packet; other sound is encoded again, other
    text converted, and what is neither is left out. `notes` says so, and, after `finish`, how much
    was damaged. Raises av.FFmpegError where the output cannot be written.
    """

    notes: list[str]

    def __init__(
        self,
        side_streams: SideStreams,
        output: OutputContainer,
        extension: str,
        audio: bool = True,
        subtitles: bool = True,
    ) -> None:
        self.notes = []
        self._side_streams = side_streams
        self._output = output
        self._extension = extension
        self._copies: dict[int, _Copy] = {}
        streams = (side_streams.audio if audio else ()) + (
            side_streams.subtitles if subtitles else ()
        )
        for stream in streams:
            self._add(stream)
        side_streams.keep([stream for stream in streams if stream.index in self._copies])
        if extension != ".gif":
            self._describe()

    def write_until(self, time: float) -> None:
        """Writes the packets up to `time` in seconds: sound and picture are to lie side by side."""
        for packet in self._side_streams.take(time):
            self._copies[packet.stream_index].write(packet)

    def finish(self) -> None:
        self.write_until(math.inf)
        for copy in self._copies.values():
            copy.finish()
            if copy.lost:
                self.notes.append(f"{copy.name}: {copy.lost} damaged packets left out")

    def _add(self, stream: Stream) -> None:
        kind = "audio" if stream.type == "audio" else "subtitles"
        name = f"{kind} ({stream.name or 'of an unknown kind'})"
        fits = f"{self._extension[1:]} cannot hold it"
        copying: Copying | None
        if _can_hold(self._output.format.name, stream):
            copying = Unchanged(stream, self._output)
        elif copying := self._converted(stream):
            change = "encoded again" if stream.type == "audio" else "converted"
            self.notes.append(f"{name} {change} as {copying.stream.name}: {fits}")
        else:
            self.notes.append(f"{name} left out: {fits}")
            return
        copying.stream.metadata.update(_names(language(stream), title(stream)))
        copying.stream.disposition = stream.disposition  # the default one, for the deaf, ...
        self._copies[stream.index] = _Copy(name, copying, self._output)

    def _converted(self, stream: Stream) -> Copying | None:
        try:
            if isinstance(stream, AudioStream) and self._extension in _AUDIO:
                return ReencodedAudio(stream, self._output, _AUDIO[self._extension])
            if isinstance(stream, SubtitleStream) and self._extension in _TEXT:
                return ConvertedSubtitles(stream, self._output, _TEXT[self._extension])
        except (av.FFmpegError, ValueError, AttributeError):  # AttributeError: no decoder for it
            pass
        return None

    def _describe(self) -> None:
        side_streams, output = self._side_streams, self._output
        for name, value in side_streams.metadata.items():
            if name.lower() not in _OF_THE_FILE:
                output.metadata[name] = value
        output.streams.video[0].metadata.update(_names(side_streams.language, side_streams.title))
        if side_streams.chapters:
            output.set_chapters(side_streams.chapters)
        for attachment in side_streams.attachments:
            if self._extension == ".mkv":
                output.add_stream_from_template(attachment)
            else:
                fits = f"{self._extension[1:]} cannot hold it"
                self.notes.append(f"attachment ({attachment.name}) left out: {fits}")


class _Copy:
    """One track on its way; `lost` counts the packets that are too damaged to be copied."""

    def __init__(self, name: str, copying: Copying, output: OutputContainer) -> None:
        self.name = name
        self.lost = 0
        self._copying = copying
        self._output = output

    def write(self, packet: AnyPacket) -> None:
        try:
            self._mux(self._copying.packets(packet))
        except (av.InvalidDataError, av.ArgumentError):
            self.lost += 1

    def finish(self) -> None:
        self._mux(self._copying.rest())

    def _mux(self, packets: list[AnyPacket]) -> None:
        for packet in packets:
            packet.stream = self._copying.stream
            self._output.mux(packet)


def _can_hold(file_type: str, stream: Stream) -> bool:
    """Tried, as FFmpeg's table of what fits promises more than its writers keep."""
    if file_type == "gif" or (file_type == "mp4" and (stream.name or "").startswith("pcm_")):
        return False  # of a file with nothing else in it, the header is right; the packets are not
    try:
        with av.open(BytesIO(), "w", format=file_type) as trial:
            trial.add_stream_from_template(stream)
            trial.start_encoding()
    except (av.FFmpegError, ValueError, AttributeError):  # AttributeError: a codec without a name
        return False
    return True


def _names(language: str, title: str) -> dict[str, str]:
    return {name: value for name, value in (("language", language), ("title", title)) if value}
