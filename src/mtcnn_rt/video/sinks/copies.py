"""Copies the side streams and the description of an input into an output."""

from __future__ import annotations

import math
import re
from io import BytesIO

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.stream import Stream
from av.subtitles.stream import SubtitleStream

from mtcnn_rt.video.sinks.audio import ReencodedAudio
from mtcnn_rt.video.sinks.converter import AnyPacket, Converter, Unchanged
from mtcnn_rt.video.sinks.languages import spelled
from mtcnn_rt.video.sinks.silence import Filled, needs_silence
from mtcnn_rt.video.sinks.subtitle_headers import without_description
from mtcnn_rt.video.sinks.subtitles import ConvertedSubtitles
from mtcnn_rt.video.sinks.vorbis import without_comments
from mtcnn_rt.video.sources.side_streams import SideStreams, codec_name, language, title

_AUDIO = {".mp4": "aac", ".mov": "aac", ".mkv": "aac", ".webm": "libopus"}
_AUDIO |= dict.fromkeys((".flv", ".mpegts", ".rtsp", ".rtp_mpegts"), "aac")  # of live videos
_TEXT = {".mp4": "mov_text", ".mov": "mov_text", ".mkv": "subrip", ".webm": "webvtt"}
_OF_THE_FILE = ("major_brand", "minor_version", "compatible_brands", "encoder")


class Copies:
    """Copies side streams, chapters and metadata of an input into an output.

    Streams that the file type can hold are copied packet by packet. Other audio is encoded again,
    other text is converted, and the rest is left out.

    Args:
        side_streams: Of the input.
        output: The output, which has its video stream already.
        extension: Of the output, such as ".mp4".
        audio: True copies audio streams.
        subtitles: True copies subtitle streams.
        metadata: True copies metadata, chapters, attachments and titles of streams; False leaves
            them out.

    Attributes:
        notes: A line for each stream that is converted or left out, for what is left out of the
            description, and, after `finish`, for each stream with damaged packets.
        damaged: Number of packets that could not be copied so far.

    Raises:
        RuntimeError: The side streams to keep were chosen already, or frames were read.
    """

    notes: list[str]
    damaged: int

    def __init__(
        self,
        side_streams: SideStreams,
        output: OutputContainer,
        extension: str,
        audio: bool = True,
        subtitles: bool = True,
        metadata: bool = True,
    ) -> None:
        self.notes = []
        self.damaged = 0
        self._side_streams = side_streams
        self._output = output
        self._extension = extension
        self._metadata = metadata
        self._copies: dict[int, _Copy] = {}
        streams = (side_streams.audio if audio else ()) + (
            side_streams.subtitles if subtitles else ()
        )
        for stream in streams:
            self._add(stream)
        side_streams.keep([stream for stream in streams if stream.index in self._copies])
        for stream in side_streams.unknown:
            kind = codec_name(stream) or "of an unknown kind"
            self.notes.append(f"{stream.type} ({kind}) left out")
        if side_streams.covers:
            self.notes.append("cover image left out")
        self.notes += [f"{name} left out" for name in side_streams.beside_pixels]
        if not metadata:
            self._note_left_out()
        elif extension != ".gif":
            self._describe()

    def write_until(self, time: float) -> None:
        """Writes the packets up to a time in seconds, so that they lie beside their frames.

        Raises:
            av.FFmpegError: The output cannot be written.
        """
        for packet in self._side_streams.take(time):
            self._copies[packet.stream_index].write(packet)

    def finish(self) -> None:
        """Writes the remaining packets.

        Raises:
            av.FFmpegError: The output cannot be written.
        """
        self.write_until(math.inf)
        for copy in self._copies.values():
            copy.finish()
            self.damaged += copy.damaged
            if copy.damaged:
                self.notes.append(f"{copy.name}: {copy.damaged} damaged packets left out")

    def _add(self, stream: Stream) -> None:
        """Adds a stream to the output, or a note that it is left out."""
        kind = "audio" if stream.type == "audio" else "subtitles"
        name = f"{kind} ({codec_name(stream) or 'of an unknown kind'})"
        cause = self._cannot_hold()
        converter: Converter | None
        if _can_hold(self._output.format.name, stream):
            filled = needs_silence(self._output.format.name, codec_name(stream))
            converter = (Filled if filled else Unchanged)(stream, self._output)
        elif converter := self._converter(stream):
            change = "converted"
            if isinstance(stream, AudioStream):
                change = f"encoded again{_in_fewer_channels(stream, converter.stream)}"
            self.notes.append(f"{name} {change} as {converter.stream.name}: {cause}")
        else:
            why = cause if codec_name(stream) else "FFmpeg has no decoder for it"
            self.notes.append(f"{name} left out: {why}")
            return
        if not self._metadata and _remove_comments(converter.stream):
            self.notes.append(f"{name}: what its header says of its origin is left out")
        name_of_stream = title(stream) if self._metadata else ""
        converter.stream.metadata.update(
            _names(self._spelled(language(stream), name), name_of_stream)
        )
        converter.stream.disposition = stream.disposition  # the default one, for the deaf, ...
        self._copies[stream.index] = _Copy(name, converter, self._output)

    def _converter(self, stream: Stream) -> Converter | None:
        """Returns what converts a stream to a format that the file type can hold, or None."""
        try:
            if isinstance(stream, AudioStream) and self._extension in _AUDIO:
                return ReencodedAudio(stream, self._output, _AUDIO[self._extension])
            if isinstance(stream, SubtitleStream) and self._extension in _TEXT:
                return ConvertedSubtitles(stream, self._output, _TEXT[self._extension])
        except (av.FFmpegError, ValueError, AttributeError):  # AttributeError: no decoder for it
            pass
        return None

    def _describe(self) -> None:
        """Copies metadata, chapters and attachments."""
        side_streams, output = self._side_streams, self._output
        for name, value in side_streams.metadata.items():
            if name.lower() not in _OF_THE_FILE:
                output.metadata[name] = value
        spoken = self._spelled(side_streams.language, "video")
        output.streams.video[0].metadata.update(_names(spoken, side_streams.title))
        if side_streams.chapters:
            output.set_chapters(side_streams.chapters)
        for attachment in side_streams.attachments:
            if self._extension == ".mkv":
                output.add_stream_from_template(attachment)
            else:
                cause = self._cannot_hold()
                self.notes.append(f"attachment ({attachment.name}) left out: {cause}")

    def _note_left_out(self) -> None:
        """Notes what of the description is left out."""
        side_streams = self._side_streams
        tags = side_streams.metadata
        # FFmpeg gives some tags twice, such as "title" and "title-eng".
        plain = {name: re.sub("-[a-z]{3}$", "", name) for name in tags}
        names = sorted({plain[name] for name in tags if name.lower() not in _OF_THE_FILE})
        titled = (side_streams.title, *map(title, (*side_streams.audio, *side_streams.subtitles)))
        if any(titled):
            names.append("titles of streams")
        for what, them in (
            ("chapters", side_streams.chapters),
            ("attachments", side_streams.attachments),
        ):
            if them:
                names.append(f"{len(them)} {what}")
        if names:
            self.notes.append(f"left out: {', '.join(names)}")

    def _spelled(self, language: str, stream: str) -> str:
        """Returns a language as the file type holds it; notes the stream of one that it cannot."""
        code = spelled(self._output.format.name, language)
        if language and not code:
            why = self._cannot_hold()
            self.notes.append(f"{stream}: its language, {language}, is left out: {why}")
        return code

    def _cannot_hold(self) -> str:
        """Returns the cause, for notes, why a stream is not copied as it is."""
        return f"{self._extension[1:]} cannot hold it"


class _Copy:
    """Writes the packets of one stream; `damaged` counts those that cannot be copied."""

    def __init__(self, name: str, converter: Converter, output: OutputContainer) -> None:
        self.name = name
        self.damaged = 0
        self._converter = converter
        self._output = output

    def write(self, packet: AnyPacket) -> None:
        try:
            self._mux(self._converter.convert(packet))
        except (av.InvalidDataError, av.ArgumentError):
            self.damaged += 1

    def finish(self) -> None:
        self._mux(self._converter.finish())

    def _mux(self, packets: list[AnyPacket]) -> None:
        for packet in packets:
            packet.stream = self._converter.stream
            self._output.mux(packet)


def _can_hold(file_type: str, stream: Stream) -> bool:
    """Tries if a file type can hold a stream: FFmpeg's table promises more than its muxers keep."""
    if file_type == "gif" or (file_type == "mp4" and codec_name(stream).startswith("pcm_")):
        return False  # a file with nothing else gets a right header, but wrong packets
    try:
        with av.open(BytesIO(), "w", format=file_type) as trial:
            trial.add_stream_from_template(stream)
            trial.start_encoding()
    except (av.FFmpegError, ValueError, AttributeError):  # AttributeError: a codec without a name
        return False
    return True


def _in_fewer_channels(source: AudioStream, copy: AudioStream) -> str:
    """Returns what a note says of sound that loses channels; "" for any other."""
    count, before = (stream.layout.nb_channels for stream in (copy, source))
    return f" in {count} of {before} channels" if count < before else ""


def _remove_comments(stream: Stream) -> bool:
    """Removes the tags that are in the headers of a stream's codec; returns True if it had any."""
    codec = stream.codec_context
    header = codec.extradata if codec else None
    if not header:
        return False
    name = codec_name(stream)
    kept = without_comments(header) if name == "vorbis" else without_description(name, header)
    if kept == header:
        return False
    codec.extradata = kept
    return True


def _names(language: str, title: str) -> dict[str, str]:
    """Returns the metadata of a stream, without empty values."""
    return {name: value for name, value in (("language", language), ("title", title)) if value}
