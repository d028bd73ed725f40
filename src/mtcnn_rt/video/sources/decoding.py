"""Decodes the video stream of an input, past damaged data."""

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
    """Gives the decoded frames of a video stream, in display order.

    Args:
        container: The input.
        stream: Its video stream.
        side_streams: Gets the packets of the other streams.

    Attributes:
        errors: Number of errors that FFmpeg has reported so far. It passes over some damage without
            a report.
        broken: The reason why the frames ended before the end of the video; "" if they did not.
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
        """Gives the frames, once."""
        for packet in self._packets():
            if packet is not None and packet.is_corrupt:  # such as the last one of a truncated file
                self.errors += 1
            try:
                for frame in self._stream.decode(packet):
                    self.errors += frame.is_corrupt  # a part of it was guessed
                    yield frame
            except av.FFmpegError:
                self.errors += 1

    def _packets(self) -> Iterator[Packet[Any] | None]:
        """Gives the video packets, and None at the end, which flushes the decoder."""
        more = True
        while more:
            more = False
            try:
                for packet in self._demux():
                    more = True  # damage that comes after packets may be followed by packets
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
        """Gives the video packets; hands the others to the side streams."""
        for packet in self._container.demux(self._stream, *self._side_streams.streams):
            # Not by `stream_index`, which is wrong for the empty packets at the end.
            if packet.stream is self._stream:
                yield packet
            else:
                self._side_streams.put(packet)
