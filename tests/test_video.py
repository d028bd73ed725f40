"""Video files: what is read, what is written, and what is left behind when it goes wrong."""

import itertools
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from mtcnn_rt.faces import Faces
from mtcnn_rt.video.frame import Frame, VideoError, VideoFormat
from mtcnn_rt.video.pipeline import annotate
from mtcnn_rt.video.sink import FileSink
from mtcnn_rt.video.source import FileSource

MEDIA = Path(__file__).parents[2] / "shared" / "media"
TIME_BASE = Fraction(1, 12800)
STEPS = [780, 609, 508, 315, 346, 132, 160, 113, 240, 750, 619, 830]  # of a variable frame rate
STARTS = [sum(STEPS[:n]) for n in range(len(STEPS))]


def picture(index: int, size: tuple[int, int] = (64, 48)) -> np.ndarray:
    """Smooth, and another one for every index."""
    width, height = size
    rows, columns = np.mgrid[:height, :width]
    planes = (rows * 3 + 7 * index, columns * 2 + 11 * index, rows + columns)
    return np.stack([plane % 200 + 20 for plane in planes], axis=-1).astype(np.uint8)


def write_clip(
    path: Path,
    starts: list[int] = STARTS,
    steps: list[int] = STEPS,
    time_base: Fraction = TIME_BASE,
    size: tuple[int, int] = (64, 48),
    **how: object,
) -> Path:
    video = VideoFormat(size, Fraction(25), time_base, start=starts[0])
    with FileSink(path, video, **how) as sink:
        for index, (pts, step) in enumerate(zip(starts, steps, strict=True)):
            image = picture(index, size)
            sink.write(Frame(image, float(pts * time_base), pts, step, time_base, index))
    return path


def write_audio(path: Path, codec: str, seconds: int = 1) -> Path:
    """A file with nothing but a tone."""
    with av.open(path, "w") as output:
        stream = output.add_stream(codec, rate=48000)
        stream.codec_context.open()
        samples = stream.codec_context.frame_size or 1024
        for pts in range(0, seconds * 48000, samples):
            frame = av.AudioFrame(stream.format.name, stream.layout.name, samples)
            for plane in frame.planes:
                tone = np.sin(np.arange(plane.buffer_size // 4) / 7).astype(np.float32)
                plane.update(tone.tobytes())
            frame.pts, frame.sample_rate, frame.time_base = pts, 48000, Fraction(1, 48000)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def copy(source: Path, output: Path, **how: object) -> FileSink:
    with FileSource(source) as frames, FileSink(output, frames.format, **how) as sink:
        for frame in frames:
            sink.write(frame)
    return sink


def read(path: Path) -> list[Frame]:
    with FileSource(path) as source:
        return list(source)


def stream_duration(path: Path) -> Fraction:
    with av.open(path) as container:
        stream = container.streams.video[0]
        return stream.duration * stream.time_base


def audio_packets(path: Path) -> list[bytes]:
    with av.open(path) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


class OneFace:
    """A detector that always finds the same."""

    def detect(self, image: np.ndarray) -> Faces:
        points = np.full((1, 5, 2), 20, np.float32)
        return Faces(np.array([[8, 8, 40, 40]], np.float32), np.ones(1, np.float32), points)


def test_a_file_is_described_before_its_first_frame(tmp_path):
    clip = write_clip(tmp_path / "clip.mp4", [0, 512, 1024], [512] * 3)
    with FileSource(clip) as source:
        assert (source.size, source.fps, source.frame_count) == ((64, 48), 25, 3)
        assert source.duration == pytest.approx(0.12)


def test_frames_are_pictures_to_draw_on_with_their_times(tmp_path):
    frames = read(write_clip(tmp_path / "clip.mp4", [0, 512, 1024], [512] * 3, quality=1))
    assert [frame.index for frame in frames] == [0, 1, 2]
    assert [frame.time for frame in frames] == pytest.approx([0, 0.04, 0.08])
    for frame in frames:
        assert (frame.image.shape, frame.image.dtype) == ((48, 64, 3), np.uint8)
        assert frame.image.flags.writeable
        assert frame.image.flags.c_contiguous
        difference = frame.image.astype(int) - picture(frame.index)
        assert abs(difference).mean() < 6


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
def test_matroska_keeps_times_to_its_millisecond(tmp_path, extension):
    clip = write_clip(tmp_path / f"clip{extension}")
    frames = read(clip)
    expected = [float(pts * TIME_BASE) for pts in STARTS]
    assert [frame.time for frame in frames] == pytest.approx(expected, abs=0.0006)
    with FileSource(clip) as source:
        assert source.duration == pytest.approx(float(sum(STEPS) * TIME_BASE), abs=0.001)


def test_frames_before_zero_are_moved_not_lost(tmp_path):
    keep = {"avoid_negative_ts": "disabled"}
    with av.open(tmp_path / "clip.ts", "w", container_options=keep) as output:
        stream = output.add_stream("libx264", rate=25, width=64, height=48)
        stream.codec_context.max_b_frames = 0
        for index in range(4):
            frame = av.VideoFrame.from_ndarray(picture(index), format="bgr24")
            frame.pts, frame.time_base = index - 2, Fraction(1, 25)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    assert [frame.pts for frame in read(tmp_path / "clip.ts")] == [-7200, -3600, 0, 3600]
    copy(tmp_path / "clip.ts", tmp_path / "copy.mp4")
    assert [frame.pts for frame in read(tmp_path / "copy.mp4")] == [0, 3600, 7200, 10800]


def test_a_time_base_of_a_frame_is_kept(tmp_path):
    clip = write_clip(tmp_path / "clip.mp4", [0, 1, 2], [1] * 3, Fraction(1001, 30000))
    assert [frame.time for frame in read(clip)] == pytest.approx([0, 1001 / 30000, 2002 / 30000])
    assert stream_duration(clip) == Fraction(3003, 30000)


@pytest.mark.parametrize("size", [(65, 49), (64, 49), (65, 48)])
@pytest.mark.parametrize("extension", [".mp4", ".webm"])
def test_odd_sides_are_kept(tmp_path, size, extension):
    clip = write_clip(tmp_path / "clip.mkv", size=size)
    copy(clip, tmp_path / f"copy{extension}")
    frames = read(tmp_path / f"copy{extension}")
    assert {frame.image.shape for frame in frames} == {(size[1], size[0], 3)}
    assert len(frames) == 12


def test_one_frame_is_a_video(tmp_path):
    clip = write_clip(tmp_path / "clip.mp4", [0], [896])
    copy(clip, tmp_path / "copy.mp4")
    assert [(frame.pts, frame.duration) for frame in read(tmp_path / "copy.mp4")] == [(0, 896)]
    assert stream_duration(tmp_path / "copy.mp4") == Fraction(7, 100)


@pytest.mark.parametrize("matrix", [1, 2, 6, 9])
def test_colours_are_kept(tmp_path, matrix):
    video = VideoFormat((64, 48), Fraction(25), Fraction(1, 25), colours=(matrix, 2, 2))
    flat = np.full((48, 64, 3), (30, 80, 220), np.uint8)
    with FileSink(tmp_path / "clip.mp4", video, quality=1) as sink:
        sink.write(Frame(flat, 0.0, 0, 1, Fraction(1, 25), 0))
    copy(tmp_path / "clip.mp4", tmp_path / "copy.mp4", quality=1)
    with FileSource(tmp_path / "copy.mp4") as source:
        assert source.format.colours[0] == matrix
        assert abs(next(iter(source)).image.astype(int) - flat).max() <= 8


@pytest.mark.parametrize(("degrees", "corner"), [(-90, (0, -1)), (90, (-1, 0)), (180, (-1, -1))])
def test_a_turned_video_comes_upright(tmp_path, degrees, corner):
    image = np.zeros((48, 64, 3), np.uint8)
    image[:16, :16] = 255  # where the first pixel is, it is white
    with av.open(tmp_path / "clip.mp4", "w") as output:
        stream = output.add_stream("libx264", rate=25, width=64, height=48)
        if not hasattr(stream, "set_display_rotation"):
            pytest.skip("this PyAV writes no rotation")
        stream.set_display_rotation(degrees)
        output.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        output.mux(stream.encode(None))
    with FileSource(tmp_path / "clip.mp4") as source:
        upright = next(iter(source)).image
        assert source.size == ((64, 48) if degrees == 180 else (48, 64))
    assert upright.shape[:2] == source.size[::-1]
    assert upright[corner].min() > 200
    assert (upright > 200).all(axis=-1).mean() == pytest.approx(256 / 3072, rel=0.2)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.mp4", None, "no such file"),
        ("text.mp4", b"This is no video.\n" * 100, "not a video that can be read"),
        ("empty.mp4", b"", "not a video that can be read"),
    ],
)
def test_what_is_no_video_is_named(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(VideoError, match=message) as caught:
        FileSource(tmp_path / name)
    assert str(caught.value).startswith(str(tmp_path / name))
    assert "\n" not in str(caught.value)


def test_a_folder_is_no_video(tmp_path):
    with pytest.raises(VideoError, match="a folder, not a video"):
        FileSource(tmp_path)


def test_audio_alone_is_no_video(tmp_path):
    with pytest.raises(VideoError, match="no video stream"):
        FileSource(write_audio(tmp_path / "tone.m4a", "aac"))


def test_a_video_without_frames_is_named(tmp_path):
    clip = write_clip(tmp_path / "clip.mp4")
    content = clip.read_bytes()
    frames = content.index(b"mdat") + 4
    clip.write_bytes(content[:frames] + bytes(len(content) - frames))
    with pytest.raises(VideoError, match="no frame can be decoded"):
        FileSource(clip)


def test_a_truncated_file_gives_what_is_left(tmp_path):
    clip = write_clip(tmp_path / "clip.mp4", list(range(0, 51200, 512)), [512] * 100)
    content = clip.read_bytes()
    clip.write_bytes(content[: len(content) * 6 // 10])
    with FileSource(clip) as source:
        assert source.frame_count == 100
        decoded = sum(1 for _ in source)
        assert 20 < decoded < 90
        assert source.errors >= 1


def test_damage_in_the_middle_costs_the_frames_that_refer_to_it(tmp_path):
    clip = write_clip(tmp_path / "clip.mp4", list(range(0, 51200, 512)), [512] * 100)
    content = bytearray(clip.read_bytes())
    middle = len(content) * 6 // 10
    content[middle : middle + 64] = b"\xff" * 64
    clip.write_bytes(content)
    with FileSource(clip) as source:
        pts = [frame.pts for frame in source]
        assert 60 < len(pts) < 100  # the decoder drops what refers to the damage
        assert pts == sorted(set(pts))
        assert source.errors >= 1


@pytest.mark.parametrize(
    ("codec", "extension"), [("aac", ".mp4"), ("aac", ".mov"), ("flac", ".mkv")]
)
def test_audio_is_copied_as_it_is(tmp_path, codec, extension):
    tone = write_audio(tmp_path / "tone.mkv", codec)
    clip = write_clip(tmp_path / f"clip{extension}", audio_from=tone)
    sink = copy(clip, tmp_path / f"copy{extension}", audio_from=clip)
    assert audio_packets(tmp_path / f"copy{extension}") == audio_packets(tone)
    assert sink.notes == []


@pytest.mark.parametrize(
    ("codec", "extension"), [("aac", ".webm"), ("flac", ".mov"), ("pcm_s16le", ".mp4")]
)
def test_audio_that_does_not_fit_is_left_out_with_a_note(tmp_path, codec, extension):
    tone = write_audio(tmp_path / "tone.mkv", codec)
    with FileSink(
        tmp_path / f"clip{extension}",
        VideoFormat((64, 48), Fraction(25), Fraction(1, 25)),
        audio_from=tone,
    ) as sink:
        sink.write(Frame(picture(0), 0.0, 0, 1, Fraction(1, 25), 0))
    (note,) = sink.notes
    assert note.startswith(f"audio ({codec}) left out")
    with av.open(tmp_path / f"clip{extension}") as container:
        assert [stream.type for stream in container.streams] == ["video"]


def test_sound_and_picture_start_together(tmp_path):
    tone = write_audio(tmp_path / "tone.mkv", "aac")
    clip = write_clip(tmp_path / "clip.mp4", [5000 + pts for pts in STARTS], audio_from=tone)
    with av.open(clip) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert video.start_time * video.time_base == Fraction(5000, 12800)
        with av.open(tone) as source:
            original = source.streams.audio[0]
            start = original.start_time * original.time_base
        assert float(audio.start_time * audio.time_base) == pytest.approx(float(start), abs=0.001)


def test_the_file_appears_when_it_is_finished(tmp_path):
    output = tmp_path / "out.mp4"
    with FileSink(output, VideoFormat((64, 48), Fraction(25), Fraction(1, 25))) as sink:
        sink.write(Frame(picture(0), 0.0, 0, 1, Fraction(1, 25), 0))
        (temporary,) = tmp_path.iterdir()
        assert temporary.name.startswith(".out.")
        assert temporary.name.endswith(".tmp.mp4")
    assert list(tmp_path.iterdir()) == [output]
    usual = tmp_path / "usual"
    usual.touch()
    assert output.stat().st_mode == usual.stat().st_mode


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_exception_leaves_nothing(tmp_path, error):
    def interrupted(image, faces):
        raise error

    clip = write_clip(tmp_path / "clip.mp4")
    with pytest.raises(error), FileSource(clip) as source:  # noqa: SIM117
        with FileSink(tmp_path / "out.mp4", source.format) as sink:
            annotate(source, OneFace(), sink, interrupted)
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


def test_a_file_that_appears_meanwhile_is_not_replaced(tmp_path):
    output = tmp_path / "out.mp4"
    sink = FileSink(output, VideoFormat((64, 48), Fraction(25), Fraction(1, 25)))
    sink.write(Frame(picture(0), 0.0, 0, 1, Fraction(1, 25), 0))
    output.write_text("precious")
    with pytest.raises(VideoError, match="exists"):
        sink.close()
    assert output.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [output]


def test_the_input_is_never_the_output(tmp_path):
    clip = write_clip(tmp_path / "clip.mp4")
    (tmp_path / "link.mp4").hardlink_to(clip)
    with pytest.raises(VideoError, match="is the input"):
        copy(clip, tmp_path / "link.mp4", audio_from=clip, overwrite=True)
    assert len(read(clip)) == 12


@pytest.mark.parametrize(
    ("name", "how", "message"),
    [
        ("out.xyz", {}, "only .mp4, .mov, .mkv, .webm"),
        ("out", {}, "only .mp4, .mov, .mkv, .webm"),
        ("nowhere/out.mp4", {}, "there is no folder"),
        ("out.mp4", {"codec": "nonsense"}, "'nonsense': FFmpeg here has no such encoder"),
        ("out.mp4", {"codec": "aac"}, "'aac': it is no video encoder"),
        ("out.webm", {"codec": "libx264"}, "'webm' format does not support 'libx264'"),
    ],
)
def test_an_output_that_cannot_be_is_refused_at_once(tmp_path, name, how, message):
    with pytest.raises(VideoError, match=message) as caught:
        write_clip(tmp_path / name, **how)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(VideoError, match="cannot be written: Permission denied"):
        write_clip(tmp_path / "out.mp4")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
def test_a_full_disk_is_told_in_one_line_and_leaves_nothing(tmp_path):
    script = f"""
import resource, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_video import VideoError, write_clip
from pathlib import Path
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    write_clip(Path({str(tmp_path / "out.mp4")!r}), size=(640, 480))
except VideoError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == f"{tmp_path / 'out.mp4'}: cannot be written: File too large\n"
    assert list(tmp_path.iterdir()) == []


def test_annotate_takes_every_frame_through(tmp_path):
    clip = write_clip(tmp_path / "clip.mp4")
    drawn: list[int] = []
    done: list[int] = []
    with FileSource(clip) as source, FileSink(tmp_path / "out.mp4", source.format) as sink:
        summary = annotate(
            source, OneFace(), sink, lambda image, faces: drawn.append(len(faces)), done.append
        )
    assert (summary.frames, summary.faces) == (12, 12)
    assert drawn == [1] * 12
    assert done == list(range(1, 13))
    assert [frame.pts for frame in read(tmp_path / "out.mp4")] == STARTS


@pytest.mark.skipif(not (MEDIA / "video.mp4").exists(), reason="needs shared/media/video.mp4")
def test_a_camera_file(tmp_path):
    with FileSource(MEDIA / "video.mp4") as source:
        assert (source.size, source.fps, source.frame_count) == ((1920, 1080), 25, 105)
        assert source.duration == pytest.approx(4.2)
        output = tmp_path / "out.mp4"
        with FileSink(output, source.format, audio_from=source.path) as sink:
            for frame in itertools.islice(source, 10):
                sink.write(frame)
    assert [frame.pts for frame in read(output)] == list(range(0, 5120, 512))
    assert audio_packets(output) == audio_packets(MEDIA / "video.mp4")
