"""From an input to its decoded pictures, past what is damaged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from mtcnn_rt.video.sources.opening import reason
from mtcnn_rt.video.sources.side_streams import SideStreams


class Decoding:
    """The pictures of `stream`, in display order; packets of other streams go to `tracks`.

    errors  how much damage FFmpeg has told of so far; it passes over some without a word.
    broken  why it ended before its end; "" as long as it has not.
    """

    errors: int
    broken: str

    def __init__(
        self, container: InputContainer, stream: VideoStream, side_streams: SideStreams
    ) -> None:
        self.errors = 0
        self.broken = ""
        self._container = container
        self._stream = stream
        self._side_streams = side_streams

    def __iter__(self) -> Iterator[VideoFrame]:
        for packet in self._packets():
            if packet is not None and packet.is_corrupt:  # such as the last one of a truncated file
                self.errors += 1
            try:
                for picture in self._stream.decode(packet):
                    self.errors += picture.is_corrupt  # a part of it was guessed
                    yield picture
            except av.FFmpegError:
                self.errors += 1

    def _packets(self) -> Iterator[Packet[Any] | None]:
        """The last one is empty and has the decoder give the frames that it holds."""
        more = True
        while more:
            more = False
            try:
                for packet in self._demux():
                    more = True  # damage that packets came before may have packets after it
                    yield packet
                return
            except av.InvalidDataError:
                self.errors += 1
            except av.FFmpegError as error:
                self.errors += 1
                self.broken = reason(error)
                break
        yield None

    def _demux(self) -> Iterator[Packet[Any]]:
        for packet in self._container.demux(self._stream, *self._side_streams.streams):
            if packet.stream is self._stream:  # not `stream_index`: the empty ones at the end lie
                yield packet
            else:
                self._side_streams.put(packet)
