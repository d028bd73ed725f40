"""A part of a video: exact frames, and sound, subtitles and chapters with them."""

from fractions import Fraction

import av
import numpy as np
import pytest
from helpers import clips

from mtcnn_rt.video.frame import VideoError
from mtcnn_rt.video.sinks.file import FileSink
from mtcnn_rt.video.sources.file import FileSource
from mtcnn_rt.video.sources.span import Span

PATTERNS = np.stack([clips.pattern(index)[::8, ::8] for index in range(100)]).astype(int)
CHAPTER = {"id": 0, "time_base": Fraction(1, 1000), "metadata": {"title": "a"}}


def number_of(image: np.ndarray) -> int:
    """Returns the index of a pattern among the first 100."""
    return int(np.abs(PATTERNS - image[::8, ::8]).sum(axis=(1, 2, 3)).argmin())


def part(path, output, start, end, **how) -> FileSink:
    """Copies a part of a video."""
    with (
        FileSource(path, start=start, end=end) as frames,
        FileSink(output, frames.format, frames, **how) as sink,
    ):
        for one in frames:
            sink.write(one)
    return sink


@pytest.fixture(scope="module")
def silent(tmp_path_factory):
    """100 frames, 25 a second."""
    return clips.write_steady(tmp_path_factory.mktemp("span") / "silent.mp4", 100)


@pytest.fixture(scope="module")
def tone(tmp_path_factory):
    """Four seconds of a tone."""
    return clips.write_tone(tmp_path_factory.mktemp("span") / "tone.mp4", "aac", 4.0)


@pytest.mark.parametrize(
    ("start", "end", "first", "count"),
    [
        (0, None, 0, 100),
        (0, 1, 0, 25),
        (1, 2, 25, 25),
        (0.04, 0.08, 1, 1),
        (0.12, 0.28, 3, 4),
        (3.96, None, 99, 1),
        (3, 100, 75, 25),
        (Fraction(1, 25), Fraction(2, 25), 1, 1),
    ],
)
def test_exact_frames_are_given(silent, start, end, first, count):
    with FileSource(silent, start=start, end=end) as source:
        assert source.frame_count == count
        frames = list(source)
        assert (source.errors, source.incomplete, source.notes) == (0, "", [])
    assert [number_of(frame.image) for frame in frames] == list(range(first, first + count))
    assert [frame.index for frame in frames] == list(range(count))
    assert [frame.pts for frame in frames] == [512 * i for i in range(count)]
    assert [frame.duration for frame in frames] == [512] * count


def test_the_first_frame_is_the_one_on_the_screen(silent):
    with FileSource(silent, start=1.01, end=1.1) as source:
        frames = list(source)
    assert [number_of(frame.image) for frame in frames] == [25, 26, 27]
    assert [frame.pts for frame in frames] == [0, 384, 896]
    assert [frame.duration for frame in frames] == [384, 512, 1152 - 896]


def test_a_long_frame_is_cut_at_both_sides(tmp_path):
    path = clips.write_clip(tmp_path / "slow.mp4", [0, 12800, 128000], [12800, 115200, 12800])
    with FileSource(path, start=4, end=6) as source:
        [frame] = source
    assert (number_of(frame.image), frame.pts, frame.duration) == (1, 0, 25600)
    with FileSource(path, start=10.5) as source:
        [frame] = source
    assert (number_of(frame.image), frame.pts, frame.duration) == (2, 0, 6400)


def test_a_variable_rate_keeps_its_times(tmp_path):
    path = clips.write_clip(tmp_path / "a.mp4")
    start = clips.STARTS[4]
    with FileSource(path, start=Fraction(start) * clips.TIME_BASE) as source:
        frames = list(source)
    assert [frame.pts for frame in frames] == [at - start for at in clips.STARTS[4:]]
    assert [frame.duration for frame in frames] == clips.STEPS[4:]


@pytest.mark.parametrize("extension", [".mp4", ".mov", ".mkv", ".ts"])
def test_sound_is_cut_along(tmp_path, silent, tone, extension):
    whole = clips.join(tmp_path / f"whole{extension}", silent, tone)
    clips.copy(whole, tmp_path / "copy.mkv")
    sink = part(whole, tmp_path / "part.mkv", 1, 2)
    assert sink.damaged == 0
    frames = clips.read(tmp_path / "part.mkv")
    every, cut = (clips.packets(tmp_path / name, "audio") for name in ("copy.mkv", "part.mkv"))
    contents = [one[0] for one in every]
    first = contents.index(cut[0][0])
    assert contents[first : first + len(cut)] == [one[0] for one in cut]
    # Sound and frames are moved by the same time.
    shown = number_of(frames[0].image)
    beside = frames[1].time - clips.read(tmp_path / "copy.mkv")[shown + 1].time
    for (_, at, _), (_, before, _) in zip(cut, every[first:], strict=False):
        assert abs(float(at - before) - beside) <= 0.002
    assert cut[0][1] < Fraction(25, 1000)
    assert cut[-1][1] > Fraction(970, 1000)


def write_flash(path, at: float, seconds: float = 4.0, rate: int = 48000):
    """Writes a video that is black and silent but for a white frame with a click, at a time."""
    with av.open(path, "w") as output:
        video = output.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = output.add_stream("aac", rate=rate)
        audio.codec_context.layout = "mono"
        audio.codec_context.open()
        for index in range(round(25 * seconds)):
            image = np.full((48, 64, 3), 255 * (index == round(25 * at)), np.uint8)
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame.pts, frame.time_base = index, Fraction(1, 25)
            output.mux(video.encode(frame))
        output.mux(video.encode(None))
        for pts in range(0, round(seconds * rate), 1024):
            wave = np.zeros((1, 1024), np.float32)
            times = pts + np.arange(1024) - at * rate
            wave[0] = 0.9 * np.sin(times / 6) * (np.abs(times) < 200)
            sound = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
            sound.pts, sound.sample_rate, sound.time_base = pts, rate, Fraction(1, rate)
            output.mux(audio.encode(sound))
        output.mux(audio.encode(None))
    return path


def flash_and_click(path) -> tuple[float, float]:
    """Returns the times of the brightest frame and of the loudest sound."""
    with av.open(path) as container:
        frames = {f.time: f.to_ndarray(format="gray").mean() for f in container.decode(video=0)}
        container.seek(0)
        best = (0.0, 0.0)
        for sound in container.decode(audio=0):
            wave = np.abs(sound.to_ndarray()[0].astype(float))
            loudest = int(wave.argmax())
            if wave[loudest] > best[0]:
                best = float(wave[loudest]), sound.time + loudest / sound.sample_rate
    return max(frames, key=frames.get), best[1]


@pytest.mark.parametrize("start", [0, 0.5, 1.0, 1.013, 1.99])
@pytest.mark.parametrize("extension", [".mp4", ".mkv", ".webm"])  # webm: encoded again
def test_sound_and_image_stay_in_sync(tmp_path, start, extension):
    path = write_flash(tmp_path / "flash.mp4", at=2.0)
    part(path, tmp_path / f"part{extension}", start, 3.5)
    flash, click = flash_and_click(tmp_path / f"part{extension}")
    assert click - flash == pytest.approx(0, abs=0.015)
    if start:  # Matroska moves a whole clip by the 21 ms by which its sound begins before 0
        assert flash == pytest.approx(2 - start, abs=0.002)


@pytest.mark.parametrize("extension", [".mkv", ".mp4"])
def test_subtitles_are_shown_as_far_as_they_lie_in_the_part(tmp_path, silent, extension):
    spans = [("0,000", "0,500"), ("0,500", "1,500"), ("1,500", "1,900"), ("2,000", "3,500")]
    lines = [f"{i}\n00:00:0{a} --> 00:00:0{b}\nline {i}\n\n" for i, (a, b) in enumerate(spans)]
    srt = clips.write_text(tmp_path / "a.srt", "".join(lines))
    whole = tmp_path / f"whole{extension}"
    clips.copy(clips.join(tmp_path / "a.mkv", silent, srt), whole)
    part(whole, tmp_path / f"part{extension}", 1, 2.25)
    found = [
        (content.removeprefix(b"\0\x06"), float(at), float(length))  # MP4 states a text's length
        for content, at, length in clips.packets(tmp_path / f"part{extension}", "subtitle")
        if len(content) > 2
    ]
    assert found == [(b"line 1", 0.0, 0.5), (b"line 2", 0.5, 0.4), (b"line 3", 1.0, 0.25)]


def test_chapters_are_cut(tmp_path, silent):
    chapters = [{**CHAPTER, "id": i, "start": 1000 * i, "end": 1000 * i + 1000} for i in range(4)]
    whole = clips.join(tmp_path / "whole.mkv", silent, chapters=chapters)
    part(whole, tmp_path / "part.mkv", 1.5, 3)
    with av.open(tmp_path / "part.mkv") as container:
        times = [(c["start"] * c["time_base"], c["end"] * c["time_base"])
                 for c in container.chapters()]  # fmt: skip
    assert times == [(0, Fraction(1, 2)), (Fraction(1, 2), Fraction(3, 2))]


@pytest.mark.parametrize("extension", [".mp4", ".mkv", ".webm", ".mov"])
def test_the_part_has_its_length(tmp_path, silent, tone, extension):
    whole = clips.join(tmp_path / "whole.mp4", silent, tone)
    part(whole, tmp_path / f"part{extension}", 1.5, 2.5)
    frames = clips.read(tmp_path / f"part{extension}")
    assert len(frames) == 26  # the first is on the screen at 1.5 already
    assert frames[-1].time == pytest.approx(0.98, abs=0.001)
    if extension in (".mp4", ".mov"):
        assert clips.stream_duration(tmp_path / f"part{extension}") == 1
    with av.open(tmp_path / f"part{extension}") as container:
        assert container.duration / av.time_base == pytest.approx(1, abs=0.06)


def test_no_sound_on_demand(tmp_path, silent, tone):
    whole = clips.join(tmp_path / "whole.mkv", silent, tone)
    part(whole, tmp_path / "part.mkv", 1, 2, audio=False)
    with av.open(tmp_path / "part.mkv") as container:
        assert [stream.type for stream in container.streams] == ["video"]


def test_half_a_video_is_noticed_only_within_the_part(tmp_path, silent):
    content = clips.copy(silent, tmp_path / "whole.mkv").path.read_bytes()
    short = tmp_path / "short.mkv"
    short.write_bytes(content[: len(content) // 2])
    for start, end, complete in [(0, 0.5, True), (0.25, 0.5, True), (0.25, 3.5, False)]:
        with FileSource(short, start=start, end=end) as source:
            frames = list(source)
            assert (source.incomplete == "") is complete
        assert (len(frames) >= 25 * (end - start)) is complete
    with FileSource(tmp_path / "whole.mkv", start=3) as source:
        assert len(list(source)) == 25
        assert source.incomplete == ""


@pytest.mark.parametrize("start", [4.0, 4.5, 1000])
def test_a_start_after_the_end_is_an_error(silent, start):
    with (
        FileSource(silent, start=start) as source,
        pytest.raises(VideoError, match=rf"silent.mp4: no frame from {start:g} s on$"),
    ):
        list(source)


@pytest.mark.parametrize(("start", "end"), [(-1, None), (2, 2), (2, 1), (float("nan"), None),
                                            (0, float("inf")), (0, 0)])  # fmt: skip
def test_times_out_of_order_are_refused(silent, start, end):
    with pytest.raises(ValueError, match=r"^(start|end): "):
        FileSource(silent, start=start, end=end)


@pytest.mark.parametrize(("start", "end"), [("1", None), (None, None), (True, None), (0, "2")])
def test_other_types_of_times_are_refused(silent, start, end):
    with pytest.raises(TypeError, match=r"^(start|end): expected seconds"):
        FileSource(silent, start=start, end=end)


@pytest.mark.parametrize("start", [4_000_000_001, 1e300])
def test_a_start_later_than_any_video_is_refused(silent, start):
    with pytest.raises(ValueError, match="start: expected at most 4000000000 seconds, not ") as got:
        FileSource(silent, start=start)
    assert str(got.value).endswith(str(start))
    with pytest.raises(VideoError, match="no frame from 4e"):
        list(FileSource(silent, start=4_000_000_000))


def test_a_part_of_an_animated_webp(tmp_path):
    pil = pytest.importorskip("PIL.Image")
    colors = [(40 * i + 20, 0, 0) for i in range(5)]
    images = [pil.new("RGB", (32, 32), color) for color in colors]
    path = tmp_path / "a.webp"
    images[0].save(path, save_all=True, append_images=images[1:], duration=100, lossless=True)
    with FileSource(path, start=0.15, end=0.4) as source:
        frames = list(source)
    assert [round(frame.image[0, 0, 2] / 40 - 0.5) for frame in frames] == [1, 2, 3]
    assert [round(frame.time, 3) for frame in frames] == [0, 0.05, 0.15]


def test_a_part_of_a_gif(tmp_path):
    path = clips.encode(tmp_path / "a.gif", [clips.pattern(i) for i in range(50)], "gif", "rgb8")
    with FileSource(path, start=1, end=1.2) as source:
        frames = list(source)
    assert [round(frame.time, 2) for frame in frames] == [0, 0.04, 0.08, 0.12, 0.16]
    expected = clips.read(path)[25:30]
    assert all((a.image == b.image).all() for a, b in zip(frames, expected, strict=True))


def test_audio_that_comes_late_in_the_file_is_not_lost(tmp_path, silent, tone):
    """All audio of a file may lie behind the video: it is read on up to the end of the part."""
    with (
        av.open(silent) as video,
        av.open(tone) as sound,
        av.open(tmp_path / "late.mkv", "w", options={"max_interleave_delta": "1"}) as output,
    ):
        first = output.add_stream_from_template(video.streams[0])
        second = output.add_stream_from_template(sound.streams[0])
        late = []
        for packet in sound.demux():
            if packet.dts is not None:
                packet.stream = second
                late.append(packet)
        for packet in video.demux():
            if packet.dts is not None:
                at = float(packet.dts * packet.time_base)
                packet.stream = first
                output.mux(packet)
                while late and float(late[0].dts * late[0].time_base) < at - 0.8:
                    output.mux(late.pop(0))
        for packet in late:
            output.mux(packet)
    part(tmp_path / "late.mkv", tmp_path / "part.mkv", 0.5, 2)
    assert float(clips.packets(tmp_path / "part.mkv", "audio")[-1][1]) > 1.46


def test_the_number_of_frames_is_estimated():
    rate = Fraction(25)
    assert Span.of(0, None).frames_in(0, 0, rate) == 0
    assert Span.of(1, 3).frames_in(0, 0, rate) == 50
    assert Span.of(1, None).frames_in(100, 4, rate) == 75
    assert Span.of(1, None).frames_in(0, 0, rate) == 0
    assert Span.of(5, None).frames_in(100, 4, rate) == 0
