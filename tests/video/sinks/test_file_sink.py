"""FileSink: frames at their own times, in a file that is finished or absent."""

import os
import subprocess
import sys
from fractions import Fraction

import av
import numpy as np
import pytest
from helpers.clips import (
    ENVIRONMENT,
    PLAIN,
    STARTS,
    STEPS,
    TIME_BASE,
    copy,
    encode,
    frame,
    pattern,
    read,
    stream_duration,
    streams,
    write_before_zero,
    write_clip,
)

from mtcnn_rt.video.frame import Frame, VideoError, VideoFormat
from mtcnn_rt.video.sinks import encoder
from mtcnn_rt.video.sinks.file import CODECS, FileSink
from mtcnn_rt.video.sources.file import FileSource


@pytest.mark.parametrize("extension", [".mp4", ".mov"])
@pytest.mark.parametrize("start", [0, 5000])
def test_a_variable_frame_rate_is_kept(tmp_path, extension, start):
    starts = [start + pts for pts in STARTS]
    clip = write_clip(tmp_path / "clip.mp4", starts)
    copy(clip, tmp_path / f"copy{extension}")
    frames = read(tmp_path / f"copy{extension}")
    assert [frame.pts for frame in frames] == starts
    assert [frame.duration for frame in frames] == STEPS
    assert {frame.time_base for frame in frames} == {TIME_BASE}
    assert stream_duration(tmp_path / f"copy{extension}") == sum(STEPS) * TIME_BASE


@pytest.mark.parametrize("extension", [".mkv", ".webm"])
def test_matroska_keeps_times_to_the_millisecond(tmp_path, extension):
    clip = write_clip(tmp_path / f"clip{extension}")
    frames = read(clip)
    expected = [float(pts * TIME_BASE) for pts in STARTS]
    assert [frame.time for frame in frames] == pytest.approx(expected, abs=0.0006)
    with FileSource(clip) as source:
        assert source.duration == pytest.approx(float(sum(STEPS) * TIME_BASE), abs=0.001)


def test_frames_before_zero_are_moved_not_lost(tmp_path):
    copy(write_before_zero(tmp_path / "clip.ts"), tmp_path / "copy.mp4")
    assert [frame.pts for frame in read(tmp_path / "copy.mp4")] == [0, 3600, 7200, 10800]
    starts = [-7200, -3600, 0, 3600]
    clip = write_clip(tmp_path / "clip.mp4", starts, [3600] * 4, Fraction(1, 90000))
    assert [frame.pts for frame in read(clip)] == [0, 3600, 7200, 10800]


def test_a_time_base_of_a_frame_is_kept(tmp_path):
    clip = write_clip(tmp_path / "clip.mp4", [0, 1, 2], [1] * 3, Fraction(1001, 30000))
    assert [frame.time for frame in read(clip)] == pytest.approx([0, 1001 / 30000, 2002 / 30000])
    assert stream_duration(clip) == Fraction(3003, 30000)


@pytest.mark.parametrize("size", [(65, 49), (64, 49), (65, 48), (1, 1)])
@pytest.mark.parametrize("extension", [".mp4", ".webm", ".gif"])
def test_odd_sides_are_kept(tmp_path, size, extension):
    clip = write_clip(tmp_path / "clip.mkv", size=size)
    copy(clip, tmp_path / f"copy{extension}")
    frames = read(tmp_path / f"copy{extension}")
    assert {frame.image.shape for frame in frames} == {(size[1], size[0], 3)}


def test_a_single_frame_makes_a_video(tmp_path):
    clip = write_clip(tmp_path / "clip.mp4", [0], [896])
    copy(clip, tmp_path / "copy.mp4")
    assert [(frame.pts, frame.duration) for frame in read(tmp_path / "copy.mp4")] == [(0, 896)]
    assert stream_duration(tmp_path / "copy.mp4") == Fraction(7, 100)


@pytest.mark.parametrize("extension", CODECS)
def test_without_frames_there_is_no_file(tmp_path, extension):
    with FileSink(tmp_path / f"out{extension}", PLAIN) as sink:
        pass
    assert sink.notes == [f"no frames: {sink.path} is not written"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("matrix", [1, 2, 6, 9])
def test_colors_are_kept(tmp_path, matrix):
    video = VideoFormat((64, 48), Fraction(25), Fraction(1, 25), colors=(matrix, 2, 2))
    flat = np.full((48, 64, 3), (30, 80, 220), np.uint8)
    with FileSink(tmp_path / "clip.mp4", video, quality=1) as sink:
        sink.write(Frame(flat, 0.0, 0, 1, Fraction(1, 25), 0))
    copy(tmp_path / "clip.mp4", tmp_path / "copy.mp4", quality=1)
    with FileSource(tmp_path / "copy.mp4") as source:
        assert source.format.colors[0] == matrix
        assert abs(next(iter(source)).image.astype(int) - flat).max() <= 8


def test_images_of_any_memory_layout(tmp_path):
    """An example is a mirrored array: one half is red, the other one blue."""
    image = np.zeros((48, 64, 3), np.uint8)
    image[:, :32, 2] = image[:, 32:, 0] = 200
    for name, view in {"mirror": image[:, ::-1], "column": np.asfortranarray(image)}.items():
        with FileSink(tmp_path / f"{name}.mp4", PLAIN) as sink:
            sink.write(Frame(view, 0.0, 0, 1, Fraction(1, 25), 0))
        [written] = read(tmp_path / f"{name}.mp4")
        assert abs(written.image[:, [8, 56]].astype(int) - view[:, [8, 56]]).max() <= 12


def test_a_turned_video_is_written_upright(tmp_path):
    matrix = (0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    turned = encode(tmp_path / "clip.mp4", [pattern(n) for n in range(3)], matrix=matrix)
    copy(turned, tmp_path / "copy.mp4")
    with av.open(tmp_path / "copy.mp4") as container:
        first = next(container.decode(video=0))
        assert (first.width, first.height, first.rotation) == (48, 64, 0)


@pytest.mark.parametrize(
    ("extension", "codec", "written"),
    [
        (".mp4", None, "h264"),
        (".mov", None, "h264"),
        (".mkv", None, "h264"),
        (".webm", None, "vp9"),
        (".gif", None, "gif"),
        (".mp4", "libx265", "hevc"),
        (".mkv", "libvpx-vp9", "vp9"),
        (".webm", "libvpx", "vp8"),
        (".mp4", "libsvtav1", "libdav1d"),
        (".mov", "prores_ks", "prores"),
        (".mkv", "ffv1", "ffv1"),
        (".mp4", "mpeg4", "mpeg4"),
    ],
)
def test_encoders_by_file_type(tmp_path, extension, codec, written):
    if codec and codec not in av.codecs_available:
        pytest.skip(f"this FFmpeg has no {codec}")
    clip = write_clip(tmp_path / f"clip{extension}", size=(128, 96), codec=codec)
    assert streams(clip) == [f"video {written}"]
    frames = read(clip)
    assert len(frames) >= 10  # GIF cannot show frames of 9 ms
    assert abs(frames[0].image.astype(int) - pattern(0, (128, 96))).mean() < 15


@pytest.mark.parametrize("codec", ["libx264", "libx265", "libvpx-vp9", "mpeg4", "libvpx"])
def test_a_better_quality_is_larger(tmp_path, codec):
    sizes = [
        write_clip(tmp_path / f"{quality}.mkv", size=(320, 240), codec=codec, quality=quality)
        .stat()
        .st_size
        for quality in (10, 25, 45)
    ]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 1.2 * sizes[2]


@pytest.mark.parametrize("codec", ["libx264", "libx265", "libvpx-vp9"])
def test_a_preset_changes_the_file(tmp_path, codec):
    contents = {
        preset: write_clip(tmp_path / f"{preset}.mkv", codec=codec, preset=preset).read_bytes()
        for preset in ("ultrafast", "slow")
    }
    assert contents["ultrafast"] != contents["slow"]


def test_an_encoder_that_is_missing_is_replaced_with_a_note(tmp_path, monkeypatch):
    monkeypatch.setitem(encoder.CODECS, ".mp4", ("libx264_of_another_build", "mpeg4"))
    clip = write_clip(tmp_path / "clip.mp4")
    assert streams(clip) == ["video mpeg4"]
    sink = copy(clip, tmp_path / "copy.mp4")
    assert sink.notes == ["encoded as mpeg4: this build of FFmpeg has no libx264_of_another_build"]
    assert [frame.pts for frame in read(tmp_path / "copy.mp4")] == STARTS


def test_mpeg4_times_are_within_the_limits_of_its_standard(tmp_path):
    clip = write_clip(
        tmp_path / "clip.mp4", [0, 3600, 7202], [3600] * 3, Fraction(1, 90000), codec="mpeg4"
    )
    assert [frame.pts for frame in read(clip)] == [0, 3600, 7202]


def test_the_file_appears_when_it_is_finished(tmp_path):
    output = tmp_path / "out.mp4"
    with FileSink(output, PLAIN) as sink:
        sink.write(frame(0))
        (temporary,) = tmp_path.iterdir()
        assert temporary.name.startswith(".mtcnn-rt-")
        assert temporary.name.endswith(".tmp.mp4")
    assert list(tmp_path.iterdir()) == [output]
    usual = tmp_path / "usual"
    usual.touch()
    assert output.stat().st_mode == usual.stat().st_mode


@pytest.mark.parametrize("extension", [".mp4", ".gif"])
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_exception_leaves_nothing(tmp_path, error, extension):
    clip = write_clip(tmp_path / "clip.mp4")

    def interrupted() -> None:
        with (
            FileSource(clip) as source,
            FileSink(tmp_path / f"out{extension}", source.format, source) as sink,
        ):
            for one in source:
                sink.write(one)
                if one.index == 5:
                    raise error

    with pytest.raises(error):
        interrupted()
    assert list(tmp_path.iterdir()) == [clip]


def test_an_existing_file_is_replaced_only_on_demand(tmp_path):
    output = tmp_path / "out.mp4"
    output.write_text("precious")
    with pytest.raises(VideoError, match="exists"):
        write_clip(output)
    assert output.read_text() == "precious"
    write_clip(output, overwrite=True)
    assert len(read(output)) == 12
    assert list(tmp_path.iterdir()) == [output]


@pytest.mark.skipif(sys.platform == "win32", reason="has no pipes in folders")
def test_a_pipe_is_named_as_one(tmp_path):
    """It "exists, and is not to be overwritten", also with overwrite=True."""
    output = tmp_path / "out.mp4"
    os.mkfifo(output)
    for overwrite in (False, True):
        with pytest.raises(VideoError, match=r"out\.mp4 is a device or pipe, not a file$"):
            write_clip(output, overwrite=overwrite)


def test_a_file_that_appears_while_writing_is_not_replaced(tmp_path):
    output = tmp_path / "out.mp4"
    sink = FileSink(output, PLAIN)
    sink.write(frame(0))
    output.write_text("precious")
    with pytest.raises(VideoError, match="exists"):
        sink.close()
    assert output.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [output]


@pytest.mark.parametrize("how", ["itself", "hardlink", "symlink", "folder", "gif"])
def test_the_input_is_never_the_output(tmp_path, how):
    clip = write_clip(tmp_path / ("clip.gif" if how == "gif" else "clip.mp4"))
    before = clip.read_bytes()
    output = tmp_path / "link.mp4"
    if how == "hardlink":
        output.hardlink_to(clip)
    elif how == "symlink":
        output.symlink_to(clip)
    elif how == "folder":
        (tmp_path / "folder").symlink_to(tmp_path)
        output = tmp_path / "folder" / "clip.mp4"
    else:
        output = clip
    with pytest.raises(VideoError, match="is the input, which is never overwritten"):
        copy(clip, output, overwrite=True, audio=False, subtitles=False)
    assert clip.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "how", "message"),
    [
        ("out.xyz", {}, "only .mp4, .mov, .mkv, .webm, .gif"),
        ("out", {}, "only .mp4, .mov, .mkv, .webm, .gif"),
        ("nowhere/out.mp4", {}, "there is no folder"),
        ("out.mp4", {"codec": "nonsense"}, "'nonsense': this build of FFmpeg has no such encoder"),
        ("out.mp4", {"codec": "aac"}, "'aac': it is no video encoder"),
        ("out.webm", {"codec": "libx264"}, "'webm' format does not support 'libx264'"),
        ("out.gif", {"codec": "libx264"}, "'gif' format does not support 'libx264'"),
        ("out.mp4", {"quality": 52}, "'libx264': the quality is 0 to 51, not 52"),
        ("out.mp4", {"preset": "warp"}, "'libx264': no preset 'warp', only ultrafast, "),
        ("out.mp4", {"codec": "mpeg4", "preset": "slow"}, "'mpeg4': it has no presets"),
        ("out.gif", {"quality": 20}, "'gif': it has no quality"),
    ],
)
def test_an_output_that_cannot_be_written_is_refused_at_once(tmp_path, name, how, message):
    with pytest.raises(VideoError, match=message) as caught:
        write_clip(tmp_path / name, **how)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_frames_too_large_for_an_encoder_are_refused_with_their_size(tmp_path):
    path = tmp_path / "out.mkv"
    with pytest.raises(VideoError) as caught:
        write_clip(path, size=(16, 8224), codec="mpeg4")
    expected = f"{path}: cannot encode frames of 16 x 8224 with 'mpeg4': Invalid argument"
    assert str(caught.value) == expected
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_output(tmp_path):
    (tmp_path / "out.mp4").mkdir()
    with pytest.raises(VideoError, match="is a folder"):
        write_clip(tmp_path / "out.mp4", overwrite=True)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(VideoError, match="cannot be written: Permission denied"):
        write_clip(tmp_path / "out.mp4")


FULL_DISK = """
import resource, sys
from pathlib import Path
from helpers.clips import copy
from mtcnn_rt.video.frame import VideoError
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
try:
    copy(Path(sys.argv[1]), Path(sys.argv[2]))
except VideoError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
@pytest.mark.parametrize("extension", CODECS)
def test_a_full_disk_is_reported_in_one_line_and_leaves_nothing(tmp_path, extension):
    """The disk is full in the middle of the file, or at its last byte."""
    clip = write_clip(tmp_path / "clip.mp4", size=(320, 240))
    output = tmp_path / f"out{extension}"
    copy(clip, output)
    whole = output.stat().st_size
    output.unlink()
    for size in (whole // 2, whole - 1):
        done = subprocess.run(
            [sys.executable, "-c", FULL_DISK, clip, output, str(size)],
            capture_output=True,
            text=True,
            env=ENVIRONMENT,
        )
        assert done.stdout == f"{output}: cannot be written: File too large\n"
        assert list(tmp_path.iterdir()) == [clip]
