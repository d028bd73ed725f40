"""Side streams, chapters and metadata of an input in the output."""

import itertools
from fractions import Fraction

import av
import pytest
from av.stream import Disposition
from helpers.clips import (
    STARTS,
    copy,
    encode,
    join,
    packets,
    pattern,
    read,
    streams,
    write_clip,
    write_steady,
    write_text,
    write_tone,
)

from mtcnn_rt.video.sinks.file import FileSink
from mtcnn_rt.video.sources.file import FileSource


@pytest.fixture
def clip(tmp_path):
    return write_steady(tmp_path / "silent.mp4", 12)


@pytest.fixture
def text(tmp_path):
    return write_text(tmp_path / "text.srt")


def words(path):
    """Returns the texts of the subtitles, with their times in milliseconds."""
    with av.open(path) as container:
        stream = container.streams.subtitles[0]
        return [
            (
                round(p.pts * p.time_base * 1000),
                bytes(s.ass).split(b",,")[-1].decode().removesuffix(r"{\i0}"),
            )
            for p in container.demux(stream)
            if p.size
            for s in p.decode()
        ]


WORDS = [(0, r"Hello {\i1}there"), (200, r"Two lines,\Nshe says")]


@pytest.mark.parametrize(
    ("codec", "extension"),
    [
        ("aac", ".mp4"),
        ("aac", ".mov"),
        ("aac", ".mkv"),
        ("libmp3lame", ".mp4"),
        ("ac3", ".mp4"),
        ("alac", ".mov"),
        ("flac", ".mp4"),
        ("flac", ".mkv"),
        ("libopus", ".webm"),
        ("libopus", ".mkv"),
        ("libopus", ".mp4"),
        ("pcm_s16le", ".mov"),
        ("pcm_s24le", ".mkv"),
    ],
)
def test_audio_is_copied_as_it_is(tmp_path, clip, codec, extension):
    source = join(tmp_path / "in.mkv", clip, write_tone(tmp_path / "tone.mkv", codec))
    sink = copy(source, tmp_path / f"copy{extension}")
    assert sink.notes == []
    copied = packets(tmp_path / f"copy{extension}", "audio")
    original = packets(source, "audio")
    assert [content for content, _, _ in copied] == [content for content, _, _ in original]
    known = slice(2 if original[0][2] else 1)  # Matroska lacks some durations
    for one, other in zip(copied[:-1], original[:-1], strict=True):
        times = [float(time) for time in other[1:][known]]
        assert [float(time) for time in one[1:][known]] == pytest.approx(times, abs=0.0011)


def test_packets_times_and_durations_are_the_same_in_the_same_file_type(tmp_path, clip):
    tone = write_tone(tmp_path / "tone.m4a", "aac")
    source = join(tmp_path / "in.mp4", clip, (tone, {"language": "fra"}))
    copy(source, tmp_path / "copy.mp4")
    assert packets(tmp_path / "copy.mp4", "audio") == packets(source, "audio")
    assert len(packets(source, "audio")) > 20
    assert [frame.pts for frame in read(tmp_path / "copy.mp4")] == [512 * n for n in range(12)]


@pytest.mark.parametrize("extension", [".mp4", ".mkv", ".webm"])
def test_side_streams_keep_their_order_language_and_title(tmp_path, clip, text, extension):
    codec = "libopus" if extension == ".webm" else "aac"
    source = join(
        tmp_path / "in.mkv",
        (clip, {"language": "spa", "title": "Cam"}),
        (write_tone(tmp_path / "1.mkv", codec), {"language": "eng", "title": "Main"}),
        (write_tone(tmp_path / "2.mkv", codec, rate=24000), {"language": "deu", "title": "Other"}),
        (text, {"language": "fra", "title": "Words"}),
    )
    copy(source, tmp_path / f"copy{extension}")
    with av.open(tmp_path / f"copy{extension}") as container:
        names = [
            (s.type, s.language, s.metadata.get("title") or s.metadata.get("name"))
            for s in container.streams
        ]
    assert names == [
        ("video", "spa", "Cam"),
        ("audio", "eng", "Main"),
        ("audio", "deu", "Other"),
        ("subtitle", "fra", "Words"),
    ]
    for number in (0, 1):
        copied = packets(tmp_path / f"copy{extension}", "audio", number)
        original = packets(source, "audio", number)
        assert [content for content, _, _ in copied] == [content for content, _, _ in original]
    assert words(tmp_path / f"copy{extension}") == WORDS


def encode_ts(tmp_path):
    return encode(tmp_path / "silent.ts", [pattern(n) for n in range(12)])


def test_audio_and_video_start_together(tmp_path):
    late = write_clip(tmp_path / "late.mp4", [5000 + pts for pts in STARTS])
    source = join(tmp_path / "in.mkv", late, write_tone(tmp_path / "tone.mkv", "aac"))
    copy(source, tmp_path / "copy.mp4")
    with av.open(source) as original, av.open(tmp_path / "copy.mp4") as copied:
        for kind in ("video", "audio"):
            one, other = (getattr(file.streams, kind)[0] for file in (original, copied))
            before, after = (float(s.start_time * s.time_base) for s in (one, other))
            assert after == pytest.approx(before, abs=0.0011)


def test_audio_and_video_of_a_transport_stream_stay_together(tmp_path):
    """Its clock starts anywhere."""
    source = join(tmp_path / "in.ts", encode_ts(tmp_path), write_tone(tmp_path / "t.ts", "aac"))
    copy(source, tmp_path / "copy.mp4")
    with av.open(source) as original, av.open(tmp_path / "copy.mp4") as copied:
        apart = [
            float(video.start_time * video.time_base - audio.start_time * audio.time_base)
            for video, audio in (
                (file.streams.video[0], file.streams.audio[0]) for file in (original, copied)
            )
        ]
        start = copied.start_time / av.time_base
    assert apart[1] == pytest.approx(apart[0], abs=0.002)
    assert start == pytest.approx(0, abs=0.03)


@pytest.mark.parametrize(
    ("extension", "written"), [(".mp4", "mov_text"), (".mov", "mov_text"), (".webm", "webvtt")]
)
def test_subtitles_are_converted(tmp_path, clip, text, extension, written):
    source = join(tmp_path / "in.mkv", clip, (text, {"language": "fra"}))
    sink = copy(source, tmp_path / f"copy{extension}")
    assert sink.notes == [f"subtitles (srt) converted as {written}: {extension[1:]} cannot hold it"]
    assert words(tmp_path / f"copy{extension}") == WORDS
    with av.open(tmp_path / f"copy{extension}") as container:
        assert container.streams.subtitles[0].language == "fra"


def test_subtitles_are_copied(tmp_path, clip, text):
    source = join(tmp_path / "in.mkv", clip, text)
    assert copy(source, tmp_path / "copy.mkv").notes == []
    assert packets(tmp_path / "copy.mkv", "subtitle") == packets(source, "subtitle")


def test_the_disposition_of_a_stream_is_kept(tmp_path, clip, text):
    plain = join(tmp_path / "1.mkv", clip, text)
    with av.open(plain) as source, av.open(tmp_path / "in.mkv", "w") as output:
        for stream in source.streams:
            copied = output.add_stream_from_template(stream, opaque=True)
            if stream.type == "subtitle":
                copied.disposition = Disposition.forced
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = output.streams[packet.stream_index]
                output.mux(packet)
    for extension in (".mkv", ".mp4"):
        copy(tmp_path / "in.mkv", tmp_path / f"copy{extension}")
        with av.open(tmp_path / f"copy{extension}") as container:
            forced = container.streams.subtitles[0].disposition & Disposition.forced
        assert forced


def test_subtitles_of_mp4_are_copied_and_converted(tmp_path, clip, text):
    """MP4 has packets without text between the others."""
    copy(join(tmp_path / "in.mkv", clip, text), tmp_path / "in.mp4")
    assert copy(tmp_path / "in.mp4", tmp_path / "copy.mp4").notes == []
    assert packets(tmp_path / "copy.mp4", "subtitle") == packets(tmp_path / "in.mp4", "subtitle")
    copy(tmp_path / "in.mp4", tmp_path / "copy.mkv")
    assert words(tmp_path / "copy.mkv") == WORDS
    assert streams(tmp_path / "copy.mkv") == ["video h264", "subtitle srt"]


CHAPTERS = [
    {
        "id": n,
        "start": 200 * n,
        "end": 200 * (n + 1),
        "time_base": Fraction(1, 1000),
        "metadata": {"title": name},
    }
    for n, name in enumerate(["Before", "After"])
]


@pytest.mark.parametrize("extension", [".mp4", ".mov", ".mkv", ".webm"])
def test_chapters_and_titles_are_kept(tmp_path, clip, extension):
    source = join(
        tmp_path / "in.mkv",
        clip,
        chapters=CHAPTERS,
        metadata={"title": "Holidays", "artist": "Me", "creation_time": "2020-01-02T03:04:05Z"},
    )
    copy(source, tmp_path / f"1{extension}")
    copy(tmp_path / f"1{extension}", tmp_path / f"2{extension}")  # also from a file of the sink
    with av.open(tmp_path / f"2{extension}") as container:
        chapters = [
            (c["start"] * c["time_base"], c["end"] * c["time_base"], c["metadata"]["title"])
            for c in container.chapters()
        ]
        metadata = {name.lower(): value for name, value in container.metadata.items()}
    expected = [(Fraction(0), Fraction(1, 5), "Before"), (Fraction(1, 5), Fraction(2, 5), "After")]
    assert chapters == expected
    assert (metadata["title"], metadata["artist"]) == ("Holidays", "Me")
    assert metadata["creation_time"].startswith("2020-01-02T03:04:05")
    assert streams(tmp_path / f"2{extension}") == streams(tmp_path / f"1{extension}")


@pytest.mark.parametrize("kind", ["audio", "subtitles"])
def test_side_streams_can_be_left_out(tmp_path, clip, text, kind):
    tone = write_tone(tmp_path / "tone.mkv", "aac")
    source = join(tmp_path / "in.mkv", clip, tone, text)
    sink = copy(source, tmp_path / "copy.mkv", **{kind: False})
    other = "subtitle srt" if kind == "audio" else "audio aac"
    assert streams(tmp_path / "copy.mkv") == ["video h264", other]
    assert sink.notes == []
    copy(source, tmp_path / "silent.mkv", side_streams=False)
    assert streams(tmp_path / "silent.mkv") == ["video h264"]


def test_fonts_are_kept_in_matroska(tmp_path, clip):
    with av.open(tmp_path / "in.mkv", "w") as output, av.open(clip) as source:
        stream = output.add_stream_from_template(source.streams.video[0], opaque=True)
        output.add_attachment("a.ttf", "font/ttf", b"letters")
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = stream
                output.mux(packet)
    assert copy(tmp_path / "in.mkv", tmp_path / "copy.mkv").notes == []
    with av.open(tmp_path / "copy.mkv") as container:
        (font,) = [s for s in container.streams if s.type == "attachment"]
        assert (font.name, font.mimetype, font.data) == ("a.ttf", "font/ttf", b"letters")
    assert copy(tmp_path / "in.mkv", tmp_path / "copy.mp4").notes == [
        "attachment (a.ttf) left out: mp4 cannot hold it"
    ]


def test_packets_that_go_back_in_time_are_left_out(tmp_path, clip):
    """They would make the whole output fail."""
    source = join(tmp_path / "in.mkv", clip, write_tone(tmp_path / "tone.mkv", "aac"))
    with FileSource(source) as frames, FileSink(tmp_path / "o.mp4", frames.format, frames) as sink:
        put = frames.side_streams.put

        def twisted(packet):
            if packet.dts and 100 < packet.pts < 130:
                packet.dts = packet.pts = packet.pts - 100
            put(packet)

        frames.side_streams.put = twisted
        for frame in frames:
            sink.write(frame)
    assert sink.notes == ["audio (aac): 2 damaged packets left out"]
    assert len(packets(tmp_path / "o.mp4", "audio")) == len(packets(source, "audio")) - 2


def test_side_streams_are_chosen_once_and_before_the_frames(tmp_path, clip):
    with FileSource(clip) as source:
        for _ in source:
            pass
        with pytest.raises(RuntimeError, match="before its first frame"):
            FileSink(tmp_path / "out.mp4", source.format, source)
    assert list(tmp_path.glob("*out*")) == []


@pytest.mark.parametrize("order", [1, -1])
def test_every_frame_is_read_whichever_stream_comes_first(tmp_path, order):
    """The decoder holds some frames when the packets end."""
    with av.open(tmp_path / "silent.mp4", "w") as output:
        stream = output.add_stream("libx264", rate=25, width=64, height=48)
        stream.codec_context.max_b_frames = 3
        for index in range(20):
            one = av.VideoFrame.from_ndarray(pattern(index), format="bgr24")
            one.pts, one.time_base = index, Fraction(1, 25)
            output.mux(stream.encode(one))
        output.mux(stream.encode(None))
    parts = [tmp_path / "silent.mp4", write_tone(tmp_path / "tone.mkv", "aac")]
    source = join(tmp_path / "in.mkv", *parts[::order])
    with FileSource(source) as frames:
        assert len(list(frames)) == 20
        assert frames.errors == 0
    copy(source, tmp_path / "copy.mkv")
    assert packets(tmp_path / "copy.mkv", "audio") == packets(source, "audio")


def test_packets_of_other_streams_are_not_kept(tmp_path, clip):
    source = join(tmp_path / "in.mkv", clip, write_tone(tmp_path / "tone.mkv", "aac"))
    with FileSource(source) as frames:
        for _ in frames:
            pass
        assert list(frames.side_streams.take(1e9)) == []


def test_a_file_of_a_camera_is_copied(media, tmp_path):
    with FileSource(media / "video.mp4") as source:
        assert (source.size, source.fps, source.frame_count) == ((1920, 1080), 25, 105)
        assert source.duration == pytest.approx(4.2)
        output = tmp_path / "out.mp4"
        with FileSink(output, source.format, source, preset="ultrafast") as sink:
            for frame in itertools.islice(source, 25):
                sink.write(frame)
    assert [frame.pts for frame in read(output)] == list(range(0, 12800, 512))
    copied, original = packets(output, "audio"), packets(media / "video.mp4", "audio")
    assert 40 < len(copied) < len(original)  # those up to the end of the first 25 frames
    assert copied == original[: len(copied)]
