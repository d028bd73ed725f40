"""The audio of the input, copied into the output without encoding it again."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet

from mtcnn_rt.video.container import open_input


class AudioCopy:
    """Copies the audio packets of the file `path` into `output`.

    `notes` has a line for every stream that the output's file type cannot hold, and one where the
    input breaks off. Raises av.FFmpegError where one cannot be read or the other not be written.
    """

    notes: list[str]

    def __init__(self, path: str | Path, output: OutputContainer) -> None:
        self.notes = []
        self._output = output
        self._input = open_input(path)
        self._copies = {
            stream.index: output.add_stream_from_template(stream)
            for stream in self._input.streams.audio
            if self._fits(stream, path)
        }
        self._packets = self._read()
        self._next = next(self._packets, None)

    def copy_until(self, time: float) -> None:
        """Writes the packets up to `time` in seconds: sound and picture are to lie side by side."""
        while self._next is not None and _time(self._next) <= time:
            self._next.stream = self._copies[self._next.stream_index]
            self._output.mux(self._next)
            self._next = next(self._packets, None)

    def close(self) -> None:
        self._input.close()

    def _fits(self, stream: AudioStream, path: str | Path) -> bool:
        file_type = self._output.format.name
        if _can_hold(file_type, path, stream.index):
            return True
        codec = stream.name or "of an unknown kind"
        self.notes.append(f"audio ({codec}) left out: it does not fit into {file_type}")
        return False

    def _read(self) -> Iterator[Packet[AudioStream]]:
        audio = self._input.streams.audio
        streams = tuple(stream for stream in audio if stream.index in self._copies)
        if not streams:
            return
        try:
            for packet in self._input.demux(streams):
                if packet.dts is not None:  # or it is the empty one at the end
                    yield packet
        except av.FFmpegError as error:
            self.notes.append(f"audio breaks off: {error.strerror}")


def _can_hold(file_type: str, path: str | Path, index: int) -> bool:
    """Tried with one packet: FFmpeg's table of what fits promises more than its writers keep."""
    try:
        with open_input(path) as source, av.open(BytesIO(), "w", format=file_type) as trial:
            packet = next(source.demux(source.streams[index]))
            packet.stream = trial.add_stream_from_template(packet.stream)
            if packet.dts is not None:
                trial.mux(packet)
    except (av.FFmpegError, ValueError, AttributeError):  # AttributeError: a codec without a name
        return False
    return True


def _time(packet: Packet[AudioStream]) -> float:
    return float((packet.dts or 0) * packet.time_base)
