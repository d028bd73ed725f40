"""Files that are no video, and damaged videos."""

import errno
import os
from pathlib import Path

import av
import pytest
from helpers.clips import encode, pattern, write_clip, write_steady, write_tone

from mtcnn_rt.video.frame import VideoError
from mtcnn_rt.video.sources.file import FileSource


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.mp4", None, "no such file"),
        ("text.mp4", b"This is no video.\n" * 100, "not a video that can be read"),
        ("empty.mp4", b"", r"empty \(0 bytes\)"),
        ("empty.h264", b"", r"empty \(0 bytes\)"),
        ("zeros.mp4", bytes(5000), "not a video that can be read"),
    ],
)
def test_a_file_that_is_no_video_is_named(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(VideoError, match=message) as caught:
        FileSource(tmp_path / name)
    assert str(caught.value).startswith(str(tmp_path / name))
    assert "\n" not in str(caught.value)


def test_a_file_that_the_disk_does_not_give_has_its_reason(tmp_path, monkeypatch):
    path = tmp_path / "clip.mp4"
    path.write_bytes(bytes(5000))  # FFmpeg takes an error at the start for the end of the file

    def failing(*_, **__):
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))

    monkeypatch.setattr(Path, "open", failing)
    with pytest.raises(VideoError) as caught:
        FileSource(path)
    reason = os.strerror(errno.EIO)
    assert str(caught.value) == f"{path}: not a video that can be read ({reason})"


@pytest.mark.parametrize("given", [(0, 90), b"", b"clip.mp4", 3, None])
def test_what_is_no_place_is_named(given):
    said = rf"^place: expected text or a Path, not {type(given).__name__}$"
    with pytest.raises(TypeError, match=said):
        FileSource(given)


def test_a_folder_is_no_video(tmp_path):
    with pytest.raises(VideoError, match="a folder, not a video"):
        FileSource(tmp_path)


def test_audio_alone_is_no_video(tmp_path):
    with pytest.raises(VideoError, match="no video stream"):
        FileSource(write_tone(tmp_path / "tone.m4a", "aac"))


def test_a_video_without_valid_frames_is_named(tmp_path):
    clip = write_clip(tmp_path / "clip.mp4")
    content = clip.read_bytes()
    frames = content.index(b"mdat") + 4
    clip.write_bytes(content[:frames] + bytes(len(content) - frames))
    with pytest.raises(VideoError, match="no frame can be decoded"):
        FileSource(clip)


@pytest.mark.parametrize("extension", [".mp4", ".mkv"])
def test_a_video_of_no_frames_is_named(tmp_path, extension):
    with av.open(tmp_path / f"clip{extension}", "w") as output:
        stream = output.add_stream("libx264", rate=25, width=64, height=48)
        output.start_encoding()
        output.mux(stream.encode(None))
    with pytest.raises(VideoError, match=f"clip{extension}: "):
        FileSource(tmp_path / f"clip{extension}")


def test_a_truncated_file_gives_the_frames_that_are_left(tmp_path):
    clip = write_steady(tmp_path / "clip.mp4")
    content = clip.read_bytes()
    clip.write_bytes(content[: len(content) * 6 // 10])
    with FileSource(clip) as source:
        assert source.frame_count == 100
        decoded = sum(1 for _ in source)
        assert 20 < decoded < 90
        assert source.errors >= 1


def test_a_file_without_its_table_of_contents_is_named(tmp_path):
    clip = encode(tmp_path / "clip.mp4", [pattern(n) for n in range(20)])
    content = clip.read_bytes()
    clip.write_bytes(content[: content.index(b"moov")])
    with pytest.raises(VideoError, match="not a video that can be read"):
        FileSource(clip)


def test_damage_in_the_middle_costs_the_frames_that_refer_to_it(tmp_path):
    clip = write_steady(tmp_path / "clip.mp4")
    content = bytearray(clip.read_bytes())
    middle = len(content) * 6 // 10
    content[middle : middle + 64] = b"\xff" * 64
    clip.write_bytes(content)
    with FileSource(clip) as source:
        pts = [frame.pts for frame in source]
        assert 50 < len(pts) < 100  # the decoder drops frames that refer to the damage
        assert pts == sorted(set(pts))
        assert source.errors >= 1


@pytest.mark.parametrize("extension", [".mp4", ".ts", ".avi", ".mkv"])
def test_reading_goes_on_after_a_hole_in_the_middle(tmp_path, extension):
    """Every frame is a key frame, so that all frames outside the hole are read."""
    clip = encode(
        tmp_path / f"clip{extension}",
        [pattern(n, (320, 240)) for n in range(50)],
        options={"x264-params": "keyint=1"},
    )
    content = bytearray(clip.read_bytes())
    middle = len(content) // 2
    content[middle : middle + len(content) // 10] = b"\xa5" * (len(content) // 10)
    clip.write_bytes(content)
    with FileSource(clip) as source:
        frames = list(source)
    assert 38 <= len(frames) < 50
    if extension != ".avi":  # AVI has no times, only numbers of frames
        assert frames[-1].time == pytest.approx(49 / 25, abs=0.01)
    if extension in (".ts", ".mp4"):  # in the others, FFmpeg skips the hole without an error
        assert source.errors >= 1


def test_a_frame_that_was_partly_guessed_counts_as_an_error(tmp_path):
    clip = encode(tmp_path / "clip.mp4", [pattern(n, (320, 240)) for n in range(20)], "mpeg4")
    content = bytearray(clip.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 64] = b"\xff" * 64
    clip.write_bytes(content)
    with FileSource(clip) as source:
        assert len(list(source)) == 20
        assert source.errors >= 1


@pytest.mark.parametrize(("scale", "lost"), [(0, True), (1, True), (12800, False)])
def test_frames_behind_a_broken_time_scale_are_missed(tmp_path, scale, lost):
    """FFmpeg takes 1 for a scale of 0, and gives the first frame alone."""
    clip = encode(tmp_path / "clip.mp4", [pattern(n) for n in range(20)], "libx264", "yuv420p")
    content = bytearray(clip.read_bytes())
    place = content.index(b"mdhd") + 16  # behind version, flags and two times
    content[place : place + 4] = scale.to_bytes(4, "big")
    clip.write_bytes(content)
    with FileSource(clip) as source:
        frames = len(list(source))
    if lost:
        assert frames == 1
        assert source.incomplete.startswith("it has 1 of 20 frames: by its header each lasts ")
    else:
        assert (frames, source.incomplete) == (20, "")
