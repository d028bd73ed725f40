"""Encodes GIF: 256 colors per frame, times in hundredths of a second, no audio."""

from __future__ import annotations

import math
from errno import EAGAIN
from fractions import Fraction

import av
from av.container import OutputContainer
from av.filter import Graph
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from mtcnn_rt.video.frame import Frame, VideoFormat
from mtcnn_rt.video.sinks.encoder import naming_encoder
from mtcnn_rt.video.sinks.encoder_options import options_of

_UNIT = Fraction(1, 100)  # second
_LONGEST = 65_535  # units, as many as 16 bits count
_SHORTEST = 2  # units; browsers show a frame of one unit for ten units


class GifEncoder:
    """Adds a GIF stream to an output, and encodes frames for it, each with its own palette.

    Args:
        output: The output.
        video: The properties that all frames share.
        quality: None: GIF has no quality.
        preset: None: GIF has no presets.

    Attributes:
        left_out: Number of frames that followed too soon, less than 0.02 seconds, for GIF. Of a
            video of more than 50 frames a second, 50 are left.

    Raises:
        VideoError: A quality or a preset is given, or this build of FFmpeg has no GIF encoder.
    """

    left_out: int

    def __init__(
        self, output: OutputContainer, video: VideoFormat, quality: int | None, preset: str | None
    ) -> None:
        self.left_out = 0
        self._last: int | None = None
        self._shown: VideoFrame
        self._step = _SHORTEST if video.fps * _SHORTEST * _UNIT > 1 else 1
        with naming_encoder("gif", video.size):
            options_of("gif", video, quality, preset)
            self._graph = _palette_graph(video)
            self._stream = _new_stream(output, video)

    def encode(self, frame: Frame) -> list[Packet[VideoStream]]:
        """Returns the packets that a frame makes ready.

        Raises:
            av.FFmpegError: The frame cannot be encoded.
        """
        # Of a video that is too fast, places of the shortest time are filled, 50 a second: rounded
        # times, of which those too close are left out, would leave 40 of 60.
        places = frame.pts * frame.time_base / _UNIT / self._step
        pts = math.ceil(places - Fraction(1, 2)) * self._step
        if self._last is not None and pts < self._last + _SHORTEST:
            self.left_out += 1
            return []
        packets = self._show_on(pts)
        self._last = pts
        self._shown = VideoFrame.from_ndarray(frame.image, format="bgr24")
        return packets + self._pushed(pts)

    def _show_on(self, pts: int) -> list[Packet[VideoStream]]:
        """Shows the last frame again, as often as it takes to stay for longer than GIF can say."""
        packets: list[Packet[VideoStream]] = []
        while self._last is not None and pts - self._last > _LONGEST:
            self._last += _LONGEST
            packets += self._pushed(self._last)
        return packets

    def _pushed(self, pts: int) -> list[Packet[VideoStream]]:
        self._shown.pts, self._shown.time_base = pts, _UNIT
        self._graph.push(self._shown)
        return self._encode_filtered()

    def finish(self) -> list[Packet[VideoStream]]:
        """Returns the packets that are left at the end.

        Raises:
            av.FFmpegError: The last frames cannot be encoded.
        """
        if self._last is not None:
            self._graph.push(None)
        return self._encode_filtered() + self._stream.encode(None)

    def _encode_filtered(self) -> list[Packet[VideoStream]]:
        """Encodes the frames for which the filters have a palette."""
        packets: list[Packet[VideoStream]] = []
        while True:
            try:
                mapped = self._graph.vpull()
            except av.EOFError:
                return packets
            except av.FFmpegError as error:
                if error.errno == EAGAIN:  # it needs another frame first
                    return packets
                raise
            packets += self._stream.encode(mapped)


def _new_stream(output: OutputContainer, video: VideoFormat) -> VideoStream:
    """Adds a GIF stream to the output and opens its encoder."""
    stream = output.add_stream("gif", rate=video.fps)
    assert isinstance(stream, VideoStream)
    context = stream.codec_context
    context.width, context.height = video.size
    context.pix_fmt = "pal8"
    stream.time_base = context.time_base = _UNIT
    context.open()
    return stream


def _palette_graph(video: VideoFormat) -> Graph:
    """Returns FFmpeg filters that reduce each frame to a palette of its own."""
    width, height = video.size
    graph = Graph()
    frames = graph.add(
        "buffer", video_size=f"{width}x{height}", pix_fmt="bgr24", time_base=str(_UNIT)
    )
    split = graph.add("split")
    palette = graph.add("palettegen", stats_mode="single")
    mapped = graph.add("paletteuse", new="1")
    frames.link_to(split)
    split.link_to(mapped, 0, 0)
    split.link_to(palette, 1, 0)
    palette.link_to(mapped, 0, 1)
    mapped.link_to(graph.add("buffersink"))
    graph.configure()
    return graph
