"""Interlaced video: a copy shows the fields in the order of the input."""

from fractions import Fraction
from types import SimpleNamespace

import av
import av.filter
import numpy as np
import pytest
from helpers.clips import field_marks

from mtcnn_rt.video.sinks.file import FileSink
from mtcnn_rt.video.sources import timing
from mtcnn_rt.video.sources.file import FileSource

WIDTH, HEIGHT, STEP = 256, 96, 4


def interlaced(path, codec, first, options, matrix=None):
    """Writes a bar that moves by STEP pixels in each field, and marks the frames."""
    marks = field_marks(WIDTH, HEIGHT, first)
    with av.open(path, "w") as output:
        stream = output.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.bit_rate = 4_000_000
        if matrix:
            stream.set_display_matrix(matrix)
        for index in range(20):
            luma = np.full((HEIGHT, WIDTH), 30, np.uint8)
            lines = (0, 1) if first == "top" else (1, 0)
            for field, line in enumerate(lines):
                left = 20 + STEP * (2 * index + field)
                luma[line::2, left : left + 30] = 220
            planes = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
            planes[:HEIGHT] = luma
            one = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            one.pts, one.time_base = index, Fraction(1, 25)
            marks.push(one)
            marked = marks.pull()
            marked.pict_type = 0
            output.mux(stream.encode(marked))
        output.mux(stream.encode(None))
    return path


def steps(path):
    """Returns how far the bar moves from field to field, as players show it by the marks."""
    places = []
    with av.open(path) as container:
        stream = container.streams.video[0]
        graph = av.filter.Graph()
        source = graph.add_buffer(template=stream)
        single, sink = graph.add("yadif", "mode=1:parity=-1"), graph.add("buffersink")
        source.link_to(single)
        single.link_to(sink)
        graph.configure()
        for frame in container.decode(stream):
            graph.push(frame)
            while True:
                try:
                    field = graph.pull()
                except (av.BlockingIOError, av.EOFError):
                    break
                row = field.to_ndarray(format="gray")[40:60].mean(0)
                weight = np.clip(row - 60, 0, None)
                places.append((weight * np.arange(WIDTH)).sum() / weight.sum())
    return np.diff(places)[4:-4]


@pytest.mark.parametrize("first", ["top", "bottom"])
@pytest.mark.parametrize(("name", "codec"), [("clip.ts", "mpeg2video"), ("clip.mp4", "libx264")])
@pytest.mark.parametrize("extension", ["mp4", "mkv"])
def test_fields_are_shown_in_their_order(tmp_path, name, codec, first, extension):
    options = {"flags": "+ildct+ilme"}
    clip = interlaced(tmp_path / name, codec, first, options)
    copy = tmp_path / f"copy.{extension}"
    with FileSource(clip) as source, FileSink(copy, source.format) as sink:
        assert source.format.marked_fields == first
        for frame in source:
            sink.write(frame)
    np.testing.assert_allclose(steps(clip), STEP, atol=1.5)
    np.testing.assert_allclose(steps(copy), STEP, atol=1.5)
    with FileSource(copy) as source:
        assert source.format.marked_fields == first


@pytest.mark.parametrize("first", ["top", "bottom"])
@pytest.mark.parametrize(("across", "down"), [(-1, -1), (1, -1), (-1, 1)])
def test_the_fields_of_a_flipped_video_are_shown_in_their_order(tmp_path, first, across, down):
    matrix = (across << 16, 0, 0, 0, down << 16, 0, 0, 0, 1 << 30)
    clip = tmp_path / "clip.mp4"
    interlaced(clip, "libx264", first, {"flags": "+ildct+ilme"}, matrix)
    copy = tmp_path / "copy.mp4"
    with FileSource(clip) as source, FileSink(copy, source.format) as sink:
        for frame in source:
            sink.write(frame)
    np.testing.assert_allclose(steps(copy), across * STEP, atol=1.5)


@pytest.mark.parametrize("first", ["top", "bottom"])
def test_marks_stand_in_for_a_header_that_cannot_be_read(tmp_path, first):
    """PyAV 17, the last one for Python 3.10, does not give the header's order."""
    clip = interlaced(tmp_path / "clip.ts", "mpeg2video", first, {"flags": "+ildct+ilme"})
    with av.open(clip) as container:
        frame = next(container.decode(video=0))
    assert timing.fields(frame, SimpleNamespace(name="mpeg2video")) == first
    assert timing.fields(frame, SimpleNamespace(name="dvvideo")) == "bottom"


def test_whole_frames_have_no_marks(tmp_path):
    clip = tmp_path / "clip.mp4"
    interlaced(clip, "libx264", "top", {})
    with FileSource(clip) as source:
        assert source.format.marked_fields == source.format.fields == ""
