"""GIF: times, colors and limits."""

from fractions import Fraction

import av
import numpy as np
import pytest
from helpers.clips import (
    PLAIN,
    copy,
    frame,
    join,
    pattern,
    read,
    write_steady,
    write_text,
    write_tone,
)

from mtcnn_rt.video.frame import Frame, VideoFormat
from mtcnn_rt.video.sinks.file import FileSink


def test_times_are_kept_to_the_hundredth(tmp_path):
    times = [0.0, 0.04, 0.1234, 0.5, 0.52]
    with FileSink(tmp_path / "out.gif", PLAIN) as sink:
        for index, time in enumerate(times):
            pts = round(time * 12800)
            sink.write(Frame(pattern(index), time, pts, 512, Fraction(1, 12800), index))
    assert sink.notes == []
    assert [one.time for one in read(tmp_path / "out.gif")] == pytest.approx(times, abs=0.005)


def test_a_pause_that_is_longer_than_a_gif_can_say_is_kept(tmp_path):
    times = [0, 1, 701, 2301, 2302]
    with FileSink(tmp_path / "out.gif", PLAIN) as sink:
        for index, time in enumerate(times):
            pts = 12800 * time
            sink.write(Frame(pattern(40 * index), time, pts, 512, Fraction(1, 12800), index))
    shown = read(tmp_path / "out.gif")
    long = 655.35
    expected = [0, 1, 1 + long, 701, 701 + long, 701 + 2 * long, 2301, 2302]
    assert [one.time for one in shown] == pytest.approx(expected)
    for before, again in ((1, 2), (3, 4), (3, 5)):
        assert np.array_equal(shown[before].image, shown[again].image)
    assert abs(shown[3].image.astype(int) - shown[2].image).mean() > 5


def test_frames_that_follow_too_soon_are_left_out_with_a_note(tmp_path):
    with FileSink(tmp_path / "out.gif", PLAIN) as sink:
        for index in range(100):
            sink.write(frame(index, units=100))
    assert sink.notes == ["50 frames left out: gif has 50 a second"]
    times = [one.time for one in read(tmp_path / "out.gif")]
    assert times == pytest.approx([n / 50 for n in range(50)])


@pytest.mark.parametrize(
    ("fps", "delays", "left_out"),
    [(25, {4}, 0), (30, {3, 4}, 0), (50, {2}, 0), (60, {2}, 10), (120, {2}, 69)],
)
def test_a_second_stays_a_second_with_at_most_50_frames(tmp_path, fps, delays, left_out):
    """Players show delays below 2 hundredths as 10."""
    video = VideoFormat((64, 48), Fraction(fps), Fraction(1, fps))
    with FileSink(tmp_path / "out.gif", video) as sink:
        for index in range(fps):
            sink.write(Frame(pattern(index), index / fps, index, 1, Fraction(1, fps), index))
    notes = [f"{left_out} frames left out: gif has 50 a second"] if left_out else []
    assert sink.notes == notes
    times = [round(100 * one.time) for one in read(tmp_path / "out.gif")]
    assert len(times) == fps - left_out
    assert set(np.diff(times)) == delays
    assert times[-1] == pytest.approx(100 * (1 - 1 / fps), abs=1)


def test_colors_are_good(tmp_path):
    """Each frame has its own palette; with a fixed one the error would be 20 and more."""
    with FileSink(tmp_path / "out.gif", PLAIN) as sink:
        for index in range(3):
            sink.write(frame(index))
    frames = read(tmp_path / "out.gif")
    assert len(frames) == 3
    for one in frames:
        assert abs(one.image.astype(int) - pattern(one.index)).mean() < 4


def test_a_gif_repeats_forever(tmp_path):
    with FileSink(tmp_path / "out.gif", PLAIN) as sink:
        sink.write(frame(0))
        sink.write(frame(1))
    assert b"NETSCAPE2.0\x03\x01\x00\x00\x00" in (tmp_path / "out.gif").read_bytes()


def test_audio_and_subtitles_are_left_out(tmp_path):
    source = join(
        tmp_path / "in.mkv",
        write_steady(tmp_path / "silent.mp4", 12),
        write_tone(tmp_path / "tone.mkv", "aac"),
        write_text(tmp_path / "text.srt"),
        metadata={"title": "Holidays"},
    )
    sink = copy(source, tmp_path / "out.gif")
    assert sink.notes == [
        "audio (aac) left out: gif cannot hold it",
        "subtitles (srt) left out: gif cannot hold it",
    ]
    with av.open(tmp_path / "out.gif") as container:
        assert [stream.type for stream in container.streams] == ["video"]


def test_a_gif_becomes_a_video(tmp_path):
    with FileSink(tmp_path / "in.gif", PLAIN) as sink:
        for index in range(5):
            sink.write(frame(index))
    copy(tmp_path / "in.gif", tmp_path / "out.mp4")
    frames = read(tmp_path / "out.mp4")
    assert [one.time for one in frames] == pytest.approx([n / 25 for n in range(5)])
    assert np.ptp([one.duration for one in frames]) == 0
