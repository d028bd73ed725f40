"""Generates videos for tests, whose images, tones and texts can be recognized."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from mtcnn_rt.video.frame import Frame, VideoFormat
from mtcnn_rt.video.sinks.file import FileSink
from mtcnn_rt.video.sources.file import FileSource

TIME_BASE = Fraction(1, 12800)
STEPS = [780, 609, 508, 315, 346, 132, 160, 113, 240, 750, 619, 830]  # of a variable frame rate
STARTS = [sum(STEPS[:n]) for n in range(len(STEPS))]
PLAIN = VideoFormat((64, 48), Fraction(25), Fraction(1, 25))

SRT = """1
00:00:00,000 --> 00:00:00,150
Hello <i>there</i>

2
00:00:00,200 --> 00:00:00,400
Two lines,
she says
"""


def pattern(index: int, size: tuple[int, int] = (64, 48)) -> np.ndarray:
    """Returns a smooth BGR image (H, W, 3), a different one for every index."""
    width, height = size
    rows, columns = np.mgrid[:height, :width]
    planes = (rows * 3 + 7 * index, columns * 2 + 11 * index, rows + columns)
    return np.stack([plane % 200 + 20 for plane in planes], axis=-1).astype(np.uint8)


def frame(index: int, size: tuple[int, int] = (64, 48), units: int = 25) -> Frame:
    """Returns a frame of a steady rate, one unit long."""
    return Frame(pattern(index, size), index / units, index, 1, Fraction(1, units), index)


def write_clip(
    path: Path,
    starts: list[int] = STARTS,
    steps: list[int] = STEPS,
    time_base: Fraction = TIME_BASE,
    size: tuple[int, int] = (64, 48),
    **how: object,
) -> Path:
    """Writes a video of a variable frame rate with the sink."""
    video = VideoFormat(size, Fraction(25), time_base, start=starts[0])
    with FileSink(path, video, **how) as sink:
        for index, (pts, step) in enumerate(zip(starts, steps, strict=True)):
            image = pattern(index, size)
            sink.write(Frame(image, float(pts * time_base), pts, step, time_base, index))
    return path


def write_steady(path: Path, frames: int = 100, **how: object) -> Path:
    """Writes a video of 25 frames per second with the sink."""
    return write_clip(path, list(range(0, 512 * frames, 512)), [512] * frames, **how)


def encode(
    path: Path,
    images: Iterable[np.ndarray],
    codec: str = "libx264",
    pixels: str = "yuv420p",
    matrix: tuple[int, ...] | None = None,
    options: dict[str, str] | None = None,
    **how: object,
) -> Path:
    """Writes a video of 25 frames per second with PyAV alone; `matrix` is the display matrix."""
    images = list(images)
    with av.open(path, "w", **how) as output:
        stream = output.add_stream(codec, rate=25, options=options)
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = pixels
        stream.codec_context.max_b_frames = 0
        if matrix:
            stream.set_display_matrix(matrix)
        for index, image in enumerate(images):
            one = av.VideoFrame.from_ndarray(image, format="bgr24")
            one.pts, one.time_base = index, Fraction(1, 25)
            output.mux(stream.encode(one))
        output.mux(stream.encode(None))
    return path


def write_before_zero(path: Path) -> Path:
    """Writes four frames, of which two lie before time 0."""
    keep = {"avoid_negative_ts": "disabled"}
    with av.open(path, "w", container_options=keep) as output:
        stream = output.add_stream("libx264", rate=25, width=64, height=48)
        stream.codec_context.max_b_frames = 0
        for index in range(4):
            one = av.VideoFrame.from_ndarray(pattern(index), format="bgr24")
            one.pts, one.time_base = index - 2, Fraction(1, 25)
            output.mux(stream.encode(one))
        output.mux(stream.encode(None))
    return path


def write_tone(
    path: Path, codec: str, seconds: float = 0.5, rate: int = 48000, layout: str = "stereo"
) -> Path:
    """Writes a file with nothing but a tone of 440 Hz."""
    with av.open(path, "w") as output:
        stream = output.add_stream(codec, rate=rate)
        stream.layout = layout
        stream.codec_context.open()
        samples = stream.codec_context.frame_size or 1024
        channels = stream.layout.nb_channels
        for pts in range(0, int(seconds * rate), samples):
            sound = av.AudioFrame("flt", layout, samples)
            wave = np.sin((pts + np.arange(samples)) * 2 * np.pi * 440 / rate) / 2
            sound.planes[0].update(np.repeat(wave, channels).astype(np.float32).tobytes())
            sound.pts, sound.sample_rate, sound.time_base = pts, rate, Fraction(1, rate)
            output.mux(stream.encode(sound))
        output.mux(stream.encode(None))
    return path


def write_text(path: Path, text: str = SRT) -> Path:
    """Writes subtitles."""
    path.write_text(text)
    return path


def join(path: Path, *parts: Path | tuple[Path, dict[str, str]], **how: object) -> Path:
    """Writes one file with the streams of other files, unchanged.

    A part may come with metadata of its streams, such as their language. `chapters` and `metadata`
    are those of the file.
    """
    chapters, metadata = how.pop("chapters", None), how.pop("metadata", {})
    with ExitStack() as opened:
        output = opened.enter_context(av.open(path, "w", **how))
        output.metadata.update(metadata)
        if chapters:
            output.set_chapters(chapters)
        packets = []
        for part in parts:
            source, names = part if isinstance(part, tuple) else (part, {})
            container = opened.enter_context(av.open(source))
            copies = {}
            for stream in container.streams:
                copies[stream.index] = output.add_stream_from_template(stream, opaque=True)
                copies[stream.index].metadata.update(names)
            for packet in container.demux():
                if packet.dts is not None:
                    at = packet.dts * packet.time_base
                    packet.stream = copies[packet.stream_index]
                    packets.append((at, packet))
        for _, packet in sorted(packets, key=lambda pair: pair[0]):
            output.mux(packet)
    return path


def copy(source: Path | str, output: Path, side_streams: bool = True, **how: object) -> FileSink:
    """Copies a video through source and sink; returns the sink."""
    with (
        FileSource(source) as frames,
        FileSink(output, frames.format, frames if side_streams else None, **how) as sink,
    ):
        for one in frames:
            sink.write(one)
    return sink


def copy_video_alone(source: Path, output: Path) -> Path:
    """Copies the packets of the first video stream, and returns the new file's path."""
    with av.open(source) as container, av.open(output, "w") as sink:
        stream = sink.add_stream_from_template(container.streams.video[0])
        for packet in container.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                sink.mux(packet)
    return output


def read(path: Path | str) -> list[Frame]:
    """Returns all frames of a video."""
    with FileSource(path) as source:
        return list(source)


def streams(path: Path) -> list[str]:
    """Returns kind and codec of every stream, except the one in which MP4 has its chapters."""
    with av.open(path) as container:
        return [f"{s.type} {s.name}" for s in container.streams if s.type != "data"]


def packets(path: Path, kind: str, number: int = 0) -> list[tuple[bytes, Fraction, Fraction]]:
    """Returns content, time and duration (seconds) of the packets of the n-th stream of a kind."""
    with av.open(path) as container:
        stream = [s for s in container.streams if s.type == kind][number]
        return [
            (bytes(p), p.pts * p.time_base, (p.duration or 0) * p.time_base)
            for p in container.demux(stream)
            if p.size
        ]


def stream_duration(path: Path) -> Fraction:
    """Returns the duration of the video stream, in seconds."""
    with av.open(path) as container:
        stream = container.streams.video[0]
        return stream.duration * stream.time_base


_PLACES = (str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", ""))
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, _PLACES))}
"""Environment of a process that imports this module as `helpers.clips`."""


def field_marks(width, height, first):
    """Returns a filter graph that marks frames as of two fields: "top" or "bottom" comes first."""
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=width, height=height, format=av.VideoFormat("yuv420p"), time_base=Fraction(1, 25)
    )
    marks, sink = graph.add("setfield", f"{first[0]}ff"), graph.add("buffersink")
    source.link_to(marks)
    marks.link_to(sink)
    graph.configure()
    return graph
