"""A late start: the same frames and sound as by decoding from the beginning, without doing so."""

import os
from fractions import Fraction

import av
import numpy as np
import pytest
from helpers import clips
from helpers.containers import KINDS, Kind, writable, write

from mtcnn_rt.video.sinks.file import FileSink
from mtcnn_rt.video.sources import seeking
from mtcnn_rt.video.sources.file import FileSource

SECONDS, FPS = 6, 25
SEEKING = {
    "mp4": True,
    "mp4 faststart": True,
    "mp4 fragments": True,
    "mov mjpeg": True,
    "mkv": True,
    "mkv live": True,
    "webm vp8": True,
    "flv h264": True,
    "asf": True,
    "avi": False,
    "ts": False,
    "mpg": False,
    "nut": False,
    "ogg vp8": False,
    "mxf": False,
}
"""Containers, and True for those that are not decoded from the beginning."""


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Returns a function that writes a long video in a container, once."""
    folder, paths = tmp_path_factory.mktemp("seeking"), {}

    def path_of(name: str):
        if name not in paths:
            if not writable(KINDS[name]):
                pytest.skip("this build of FFmpeg lacks the encoders")
            place = folder / f"{name}.{KINDS[name].extension}"
            paths[name] = write(place, KINDS[name], SECONDS * FPS)
        return paths[name]

    return path_of


@pytest.fixture(autouse=True)
def a_second(monkeypatch):
    """Decoding begins a second before the start, not ten, so that videos can be short."""
    monkeypatch.setattr(seeking, "_BEFORE", Fraction(1))


@pytest.fixture
def gone(monkeypatch) -> list[Fraction]:
    """Takes the times to which inputs were put."""
    times: list[Fraction] = []
    go = seeking._go

    def record(container, stream, time):
        times.append(time)
        go(container, stream, time)

    monkeypatch.setattr(seeking, "_go", record)
    return times


def frames_of(path, start, end=None):
    """Returns times and checksums of the frames, and the faults."""
    with FileSource(path, start=start, end=end) as source:
        frames = [(f.pts, f.duration, f.index, int(f.image.sum())) for f in source]
        return frames, (source.errors, source.incomplete, source.notes, source.frame_count)


def part(path, output, start, end):
    """Copies a part of a video with its sound; returns the packets of the sound."""
    with (
        FileSource(path, start=start, end=end) as frames,
        FileSink(output, frames.format, frames) as sink,
    ):
        for one in frames:
            sink.write(one)
    return clips.packets(output, "audio")


@pytest.mark.parametrize("name", SEEKING)
@pytest.mark.parametrize(("start", "end"), [(4, 5), (Fraction("3.013"), 4), (5.9, None)])
def test_frames_are_those_of_decoding_all(written, gone, monkeypatch, name, start, end):
    path = written(name)
    found = frames_of(path, start, end)
    assert bool(gone) == SEEKING[name]
    assert gone == [] or gone == [Fraction(str(start)) - 1]
    monkeypatch.setattr(seeking, "_SEEKABLE", ())
    assert found == frames_of(path, start, end)
    assert len(found[0]) >= 25 if end else len(found[0]) in (2, 3, 4)


@pytest.mark.parametrize("name", [name for name in SEEKING if KINDS[name].audio])
def test_sound_is_that_of_decoding_all(written, gone, monkeypatch, tmp_path, name):
    path = written(name)
    found = part(path, tmp_path / "sought.mkv", 4, 5.5)
    assert bool(gone) == SEEKING[name]
    monkeypatch.setattr(seeking, "_SEEKABLE", ())
    assert found == part(path, tmp_path / "all.mkv", 4, 5.5)
    assert sum(duration for _, _, duration in found) > Fraction(14, 10)


def test_few_frames_are_decoded(written, monkeypatch):
    decoded = []
    forgive = seeking.Decoding._forgive
    monkeypatch.setattr(
        seeking.Decoding,
        "_forgive",
        lambda self, one: (decoded.append(one.pts), forgive(self, one)),
    )
    frames, _ = frames_of(written("mp4"), 4.8, 5.8)
    assert len(frames) == 25
    assert len(decoded) <= 1 + (1 + 0.4 + 1) * FPS + 4  # the first, those before, and a few ahead


def test_a_start_near_the_beginning_is_decoded(written, gone):
    frames_of(written("mp4"), 1.9, 2)
    assert gone == []


def open_groups(path):
    """Writes H.264 whose key frames are followed by frames that refer to frames before them."""
    options = {"x264-params": "open-gop=1:bframes=3:keyint=25:min-keyint=25:scenecut=0"}
    with av.open(path, "w") as output:
        stream = output.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for index in range(SECONDS * FPS):
            frame = av.VideoFrame.from_ndarray(clips.pattern(index), format="bgr24")
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("extension", [".mp4", ".mkv"])
def test_open_groups_are_no_damage(tmp_path, gone, monkeypatch, extension):
    path = open_groups(tmp_path / f"open{extension}")
    found = frames_of(path, 4, 5)
    assert gone == [3]
    assert found[1][:3] == (0, "", [])
    monkeypatch.setattr(seeking, "_SEEKABLE", ())
    assert found == frames_of(path, 4, 5)


def test_one_long_group_is_decoded_from_its_key_frame(tmp_path, gone, monkeypatch):
    path = clips.write_clip(tmp_path / "slow.mp4", [0, 12800, 128000], [12800, 115200, 12800])
    found = frames_of(path, 4, 6)
    assert gone == [3]
    monkeypatch.setattr(seeking, "_SEEKABLE", ())
    assert found == frames_of(path, 4, 6)
    assert [one[:2] for one in found[0]] == [(0, 2 * 12800)]


def test_a_place_after_the_start_is_not_used(written, gone, monkeypatch):
    """An index that leads too far is as none."""
    record = seeking._go
    monkeypatch.setattr(
        seeking, "_go", lambda container, stream, time: record(container, stream, time and 5)
    )
    path = written("mp4")
    found = frames_of(path, 4, 4.5)
    assert gone == [5, 0]
    monkeypatch.setattr(seeking, "_SEEKABLE", ())
    assert found == frames_of(path, 4, 4.5)


def test_subtitles_that_began_long_before_are_kept(written, gone, tmp_path):
    text = "1\n00:00:01,000 --> 00:00:06,000\nlong\n"
    srt = clips.write_text(tmp_path / "a.srt", text)
    whole = clips.join(tmp_path / "whole.mkv", written("mkv"), srt)
    part(whole, tmp_path / "part.mkv", 4, 5)
    assert gone == []
    [(content, at, duration)] = clips.packets(tmp_path / "part.mkv", "subtitle")
    assert (content, at, duration) == (b"long", 0, 1)
    frames_of(whole, 4, 5)  # nothing takes the subtitles
    assert gone == [3]


def test_standard_input_is_decoded(written, gone, monkeypatch):
    path = written("mkv")
    whole = frames_of(path, 4, 4.5)
    gone.clear()
    with path.open("rb") as file:
        before = os.dup(0)
        os.dup2(file.fileno(), 0)
        try:
            assert frames_of("-", 4, 4.5)[0] == whole[0]
        finally:
            os.dup2(before, 0)
            os.close(before)
    assert gone == []


def test_frames_of_a_variable_rate(tmp_path, gone, monkeypatch):
    steps = np.random.default_rng(0).integers(200, 2000, 150)
    starts = [0, *np.cumsum(steps[:-1]).tolist()]
    path = clips.write_clip(tmp_path / "a.mp4", starts, steps.tolist())
    found = frames_of(path, 4.123, 5)
    assert len(gone) == 1
    monkeypatch.setattr(seeking, "_SEEKABLE", ())
    assert found == frames_of(path, 4.123, 5)


def test_the_kinds_are_known():
    assert all(isinstance(KINDS[name], Kind) for name in SEEKING)
