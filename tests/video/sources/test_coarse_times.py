"""Parts of videos whose times count in frames, as those of AVI."""

from fractions import Fraction

import av
import numpy as np
import pytest
from helpers.clips import copy

from mtcnn_rt.video.sinks.file import FileSink
from mtcnn_rt.video.sources.file import FileSource
from mtcnn_rt.video.sources.span import Span

RATE = 8000


@pytest.fixture
def source(tmp_path):
    """Five frames a second for four seconds, with a sound of which each sample states its time."""
    path = tmp_path / "clip.avi"
    with av.open(path, "w") as output:
        video = output.add_stream("mpeg4", rate=5, width=64, height=48)
        sound = output.add_stream("pcm_s16le", rate=RATE)
        sound.layout = "mono"
        for index in range(20):
            gray = np.full((48, 64, 3), 10 * index + 20, np.uint8)
            one = av.VideoFrame.from_ndarray(gray, format="bgr24")
            one.pts, one.time_base = index, Fraction(1, 5)
            output.mux(video.encode(one))
            first = index * RATE // 5
            times = np.arange(first, first + RATE // 5, dtype=np.int16)[None]
            part = av.AudioFrame.from_ndarray(times, format="s16", layout="mono")
            part.pts, part.sample_rate, part.time_base = first, RATE, Fraction(1, RATE)
            output.mux(sound.encode(part))
        output.mux(video.encode(None))
        output.mux(sound.encode(None))
    return path


@pytest.mark.parametrize(
    ("start", "end", "first", "count"),
    [(2.3, 3, 11, 4), (2.4, 3, 12, 3), (2.5, None, 12, 8), (2.599, 3, 12, 3), (2.5996, 3, 13, 2)],
)
def test_sound_is_cut_with_the_frame_that_is_shown_at_the_start(
    tmp_path, source, start, end, first, count
):
    output = tmp_path / "copy.mkv"
    with (
        FileSource(source, start=start, end=end) as frames,
        FileSink(output, frames.format, frames) as sink,
    ):
        shown = list(frames)
        for one in shown:
            sink.write(one)
    assert [one.pts for one in shown] == list(range(count))
    assert shown[0].image.mean() == pytest.approx(10 * first + 20, abs=4)
    with av.open(output) as container:
        sound = next(container.decode(audio=0))
    begin = Fraction(int(sound.to_ndarray()[0, 0]), RATE)
    assert abs(begin - first * Fraction(1, 5) - sound.pts * sound.time_base) < Fraction(1, 500)


def test_a_whole_video_has_all(tmp_path, source):
    copy(source, tmp_path / "copy.mkv")
    with av.open(tmp_path / "copy.mkv") as container:
        assert sum(one.samples for one in container.decode(audio=0)) == 4 * RATE


def test_fine_times_stay_as_they_are():
    assert Span(Fraction("3.0137")).aligned(Fraction(1, 1000)) == Span(Fraction("3.0137"))
