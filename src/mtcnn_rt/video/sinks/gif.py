"""GIF: 256 colors a frame, times in hundredths of a second, no sound."""

from __future__ import annotations

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
_SHORTEST = 2  # units; browsers show a frame of one unit for ten


class GifEncoder:
    """Encodes frames as GIF, each with the palette that suits it.

    left_out is the number of frames that came faster than GIF can show them.
    Raises VideoError where a quality or a preset is asked for, or FFmpeg has no GIF.
    """

    left_out: int

    def __init__(
        self, output: OutputContainer, video: VideoFormat, quality: int | None, preset: str | None
    ) -> None:
        self.left_out = 0
        self._last: int | None = None
        with naming_encoder("gif"):
            options_of("gif", video, quality, preset)
            self._graph = _palette_graph(video)
            self._stream = _new_stream(output, video)

    def encode(self, frame: Frame) -> list[Packet[VideoStream]]:
        """The packets that are ready. Raises av.FFmpegError."""
        pts = round(frame.pts * frame.time_base / _UNIT)
        if self._last is not None and pts < self._last + _SHORTEST:
            self.left_out += 1
            return []
        self._last = pts
        picture = VideoFrame.from_ndarray(frame.image, format="bgr24")
        picture.pts, picture.time_base = pts, _UNIT
        self._graph.push(picture)
        return self._encode_filtered()

    def finish(self) -> list[Packet[VideoStream]]:
        if self._last is not None:
            self._graph.push(None)
        return self._encode_filtered() + self._stream.encode(None)

    def _encode_filtered(self) -> list[Packet[VideoStream]]:
        packets: list[Packet[VideoStream]] = []
        while True:
            try:
                picture = self._graph.vpull()
            except av.EOFError:
                return packets
            except av.FFmpegError as error:
                if error.errno == EAGAIN:  # it wants another picture first
                    return packets
                raise
            packets += self._stream.encode(picture)


def _new_stream(output: OutputContainer, video: VideoFormat) -> VideoStream:
    stream = output.add_stream("gif", rate=video.fps)
    assert isinstance(stream, VideoStream)
    context = stream.codec_context
    context.width, context.height = video.size
    context.pix_fmt = "pal8"
    stream.time_base = context.time_base = _UNIT
    context.open()
    return stream


def _palette_graph(video: VideoFormat) -> Graph:
    width, height = video.size
    graph = Graph()
    pictures = graph.add(
        "buffer", video_size=f"{width}x{height}", pix_fmt="bgr24", time_base=str(_UNIT)
    )
    split = graph.add("split")
    palette = graph.add("palettegen", stats_mode="single")
    mapped = graph.add("paletteuse", new="1")
    pictures.link_to(split)
    split.link_to(mapped, 0, 0)
    split.link_to(palette, 1, 0)
    palette.link_to(mapped, 0, 1)
    mapped.link_to(graph.add("buffersink"))
    graph.configure()
    return graph
