"""Decodes the video stream of an input, past damaged data."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from fractions import Fraction
from typing import Any, TypeAlias

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from mtcnn_rt.video.sources import timing
from mtcnn_rt.video.sources.clock import Clock
from mtcnn_rt.video.sources.first_time import with_first_time
from mtcnn_rt.video.sources.ogg_headers import is_header
from mtcnn_rt.video.sources.opening import reason
from mtcnn_rt.video.sources.side_streams import SideStreams
from mtcnn_rt.video.sources.transparency import Masks

Decoded: TypeAlias = "tuple[VideoFrame, VideoFrame | None]"
"""A frame and, if another stream has it, its transparency."""

_CHAINED = "another file begins, whose sound and video FFmpeg does not read"
_PATIENCE = 10  # seconds of video in which the audio of the same time comes, in any usual file


class Decoding:
    """Gives the decoded frames of a video stream, in display order.

    FFmpeg passes over some damage without a report.

    Args:
        container: The input.
        stream: Its video stream.
        side_streams: Gets the packets of the other streams.
        clock: Gives the packets their times.
        decoder: Decodes the stream in place of FFmpeg's usual decoder.
        mask: The stream that has the transparency of the video stream.

    Attributes:
        broken: The reason why the frames ended before the end of the video; "" if they did not.
        end: End of the last packet of all streams, in seconds.
        position: Place behind the last video packet in the input, in bytes.
        side_streams: Gets the packets of the other streams.
        transparent: False: frames and transparency are given as they are.
    """

    transparent = False

    broken: str
    end: Fraction
    position: int
    side_streams: SideStreams

    def __init__(
        self,
        container: InputContainer,
        stream: VideoStream,
        side_streams: SideStreams,
        clock: Clock,
        decoder: VideoCodecContext | None = None,
        mask: VideoStream | None = None,
    ) -> None:
        self._errors = self._corrupt_packets = self._corrupt_frames = 0
        self.broken = ""
        self.end = Fraction(0)
        self.position = 0
        self._lenient = False
        self._clock = clock
        self._decoder = decoder
        self._mask = mask
        self._masks = Masks(mask) if mask else None
        self._container = container
        self._is_ogg = container.format.name == "ogg"
        self._stream = stream
        self.side_streams = side_streams
        self._reading = self._packets()

    @property
    def errors(self) -> int:
        """Number of errors that FFmpeg has reported so far."""
        corrupt = max(self._corrupt_packets, self._corrupt_frames)  # one often makes the other
        return self._errors + max(0, corrupt - self._clock.seams) + self._clock.lost

    @property
    def can_restart(self) -> bool:
        """True if packets from elsewhere in the input may follow."""
        plain = self._decoder is None and self._masks is None
        return plain and not self.side_streams.keeps_subtitles

    def restart(self, clock: Clock, lenient: bool = False) -> None:
        """Decodes on where the input was put.

        Args:
            clock: Gives the packets from there on their times.
            lenient: True counts no errors up to the first frame whose time is not negative: frames
                after a key frame may refer to some before it.
        """
        self._reading.close()  # or its end would later take the limit of time from the new one
        self._errors = self._corrupt_packets = self._corrupt_frames = 0
        self._lenient = lenient
        self._clock = clock
        self._reading = self._packets()

    def __iter__(self) -> Iterator[Decoded]:
        """Gives the frames, once, with their transparency if another stream has it."""
        for packet in self._reading:
            try:
                for frame in (self._decoder or self._stream).decode(packet):
                    self._corrupt_frames += frame.is_corrupt  # a part of it was guessed
                    self._forgive(frame)
                    if self._masks:
                        yield from self._masks.pair(frame)
                    else:
                        yield frame, None
            except av.FFmpegError:
                self._errors += 1
        if self._masks:
            yield from self._masks.end()

    def _forgive(self, frame: VideoFrame) -> None:
        """Forgets the errors before the first frame that counts."""
        if not self._lenient:
            return
        if frame.pts is not None and frame.pts >= 0:
            self._lenient = False
        else:
            self._errors = self._corrupt_packets = self._corrupt_frames = 0

    def read_on(self, time: Fraction) -> None:
        """Reads the side streams up to a time in seconds; no more frames are wanted.

        A stream that has nothing more is not waited for to the end of the input.
        """
        for packet in self._reading:
            if packet is None or self.side_streams.came_to(float(time)):
                return
            if packet.dts is not None and packet.dts * packet.time_base > time + _PATIENCE:
                return

    def _packets(self) -> Generator[Packet[Any] | None]:
        """Gives the video packets, and None at the end, which flushes the decoder."""
        more = True
        while more:
            more = False
            try:
                for packet in self._demux():
                    more = True  # damage that comes after packets may be followed by packets
                    yield packet
                return
            except IndexError:  # of PyAV at the end, if streams have come up in the middle
                break
            except av.InvalidDataError:
                self._errors += 1
            except av.FFmpegError as error:
                self._errors += 1
                chained = self._is_ogg and isinstance(error, av.PatchWelcomeError)
                self.broken = _CHAINED if chained else reason(error)
                break
        yield from self._sorted(self._clock.flush())
        yield None

    def _demux(self) -> Iterator[Packet[Any]]:
        """Gives the video packets; hands the others to the side streams."""
        masks = [self._mask] if self._mask else []
        # The pieces of a playlist need not continue each other.
        marks = self._container.format.name != "hls"
        packets = self._container.demux(self._stream, *masks, *self.side_streams.streams)
        if timing.is_camera(self._container):
            packets = with_first_time(packets, self._stream, 1 / timing.rate(self._stream))
        for packet in packets:
            self.position = max(self.position, (packet.pos or 0) + packet.size)
            if packet.is_corrupt and marks:  # such as the last one of a truncated file
                self._corrupt_packets += 1
            if self._masks and packet.stream is self._mask:
                self._masks.put(packet)
            elif self._is_ogg and is_header(packet):
                continue
            elif packet.size:
                yield from self._sorted(self._clock.put(packet))
            elif packet.stream is self._stream:  # the empty one at the end
                yield from self._sorted(self._clock.flush())
                yield packet

    def _sorted(self, packets: list[Packet[Any]]) -> Iterator[Packet[Any]]:
        """Gives the video packets among others, which the side streams get."""
        for packet in packets:
            stamp = packet.pts if packet.dts is None else packet.dts
            if stamp is not None:
                end = (stamp + (packet.duration or 0)) * packet.time_base
                self.end = max(self.end, end)
            if packet.stream is self._stream:
                yield packet
            else:
                self.side_streams.put(packet)
