"""Streams that FFmpeg does not know, and inputs with several video streams."""

from fractions import Fraction

import av
import pytest
from av.stream import Disposition
from helpers.clips import copy, encode, join, packets, pattern, streams, write_steady, write_tone
from helpers.containers import KINDS, writable, write
from helpers.unknown_audio import GUESSED, MADE_UNKNOWN, UNSEEN

from mtcnn_rt.video.frame import VideoError
from mtcnn_rt.video.sources.file import FileSource


def with_sound(tmp_path, name, codec="aac"):
    """Writes a video with two audio streams, of which the second is `codec`."""
    clip = write_steady(tmp_path / "silent.mp4", 12)
    tones = [write_tone(tmp_path / "1.mkv", "ac3"), write_tone(tmp_path / "2.mkv", codec)]
    return join(tmp_path / name, clip, *tones)


RENAMED = {
    "in.mp4": [(b"mp4a", b"apac"), (b"esds", b"dapa")],
    "in.mov": [(b"mp4a", b"apac"), (b"esds", b"dapa")],
    "in.mkv": [(b"A_AAC", b"A_XYZ")],
}


@pytest.mark.parametrize("extension", [".mp4", ".mov", ".mkv", ".webm"])
@pytest.mark.parametrize("name", RENAMED)
def test_an_unknown_sound_is_left_out_with_a_note(tmp_path, name, extension):
    source = with_sound(tmp_path, name)
    content = source.read_bytes()
    for known, unknown in RENAMED[name]:
        assert known in content
        content = content.replace(known, unknown)
    source.write_bytes(content)
    sink = copy(source, tmp_path / f"copy{extension}")
    note = "audio (of an unknown kind) left out: FFmpeg has no decoder for it"
    assert note in sink.notes
    assert sink.damaged == 0
    assert len(packets(tmp_path / f"copy{extension}", "video")) == 12
    assert len([s for s in streams(tmp_path / f"copy{extension}") if s.startswith("audio")]) == 1


def test_every_container_with_sound_is_in_the_table():
    assert set(MADE_UNKNOWN) == {name for name, kind in KINDS.items() if kind.audio}


@pytest.mark.parametrize("name", [name for name in MADE_UNKNOWN if writable(KINDS[name])])
def test_an_unknown_sound_of_any_container_costs_no_frame(tmp_path, name):
    source = write(tmp_path / f"in.{KINDS[name].extension}", KINDS[name], 5)
    with av.open(source) as container:
        frames = sum(1 for _ in container.decode(video=0))
    before = source.read_bytes()
    source.write_bytes(MADE_UNKNOWN[name](before))
    assert source.read_bytes() != before
    sink = copy(source, tmp_path / "copy.mkv")
    assert len(packets(tmp_path / "copy.mkv", "video")) == frames
    assert sink.damaged == 0
    kept = [stream for stream in streams(tmp_path / "copy.mkv") if stream.startswith("audio")]
    assert len(kept) == (name in GUESSED)
    assert bool(sink.notes) == (not kept and name not in UNSEEN)


def test_a_timecode_is_left_out_with_a_note(tmp_path):
    with av.open(tmp_path / "in.mov", "w") as output:
        stream = output.add_stream("libx264", rate=25, width=64, height=48)
        stream.metadata["timecode"] = "01:00:00:00"
        for index in range(5):
            frame = av.VideoFrame.from_ndarray(pattern(index), format="bgr24")
            frame.pts, frame.time_base = index, Fraction(1, 25)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    sink = copy(tmp_path / "in.mov", tmp_path / "copy.mp4")
    assert sink.notes == ["data (of an unknown kind) left out"]
    assert len(packets(tmp_path / "copy.mp4", "video")) == 5


def test_chapters_of_mp4_are_no_unknown_stream(tmp_path):
    clip = write_steady(tmp_path / "silent.mp4", 12)
    chapter = {"id": 1, "start": 0, "end": 400, "time_base": Fraction(1, 1000)}
    source = join(tmp_path / "in.mp4", clip, chapters=[chapter | {"metadata": {"title": "One"}}])
    assert copy(source, tmp_path / "copy.mp4").notes == []


def several(path, sizes, marks=(), codec="libx264"):
    """Writes a file with a video stream of each size, and a tone."""
    with av.open(path, "w") as output:
        made = []
        for number, (width, height) in enumerate(sizes):
            kind = "mjpeg" if number in marks else codec
            stream = output.add_stream(kind, rate=25, width=width, height=height)
            stream.pix_fmt = "yuvj420p" if kind == "mjpeg" else "yuv420p"
            if number in marks:
                stream.disposition = Disposition.attached_pic
            else:
                stream.codec_context.max_b_frames = 0
            made.append(stream)
        tone = output.add_stream("aac", rate=48000, layout="stereo")
        for number, stream in enumerate(made):
            for index in range(1 if number in marks else 5):
                frame = av.VideoFrame.from_ndarray(pattern(index, sizes[number]), format="bgr24")
                frame = frame.reformat(format=stream.pix_fmt)
                frame.pts, frame.time_base = index, Fraction(1, 25)
                output.mux(stream.encode(frame))
        for index in range(9):
            sound = av.AudioFrame("fltp", "stereo", 1024)
            for plane in sound.planes:
                plane.update(bytes(plane.buffer_size))
            sound.sample_rate, sound.pts, sound.time_base = 48000, index * 1024, Fraction(1, 48000)
            output.mux(tone.encode(sound))
        for stream in (*made, tone):
            output.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("sizes", "chosen"),
    [
        ([(64, 48), (160, 120)], 1),
        ([(160, 120), (64, 48)], 0),
        ([(64, 48), (160, 120), (96, 64)], 1),
        ([(64, 48), (64, 48)], 0),
    ],
)
@pytest.mark.parametrize("extension", ["mp4", "mov", "mkv", "avi", "ts", "nut"])
def test_the_largest_frames_are_used(tmp_path, extension, sizes, chosen):
    clip = several(tmp_path / f"clip.{extension}", sizes)
    with FileSource(clip) as source:
        assert source.size == sizes[chosen]
        width, height = sizes[chosen]
        assert source.notes == [
            f"video stream {chosen} ({width} x {height}) is used, of {len(sizes)}"
        ]
        assert len(source.side_streams.audio) == 1
    copy(clip, tmp_path / "copy.mp4")
    assert streams(tmp_path / "copy.mp4") == ["video h264", "audio aac"]
    assert len(packets(tmp_path / "copy.mp4", "video")) == 5


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_stream_can_be_chosen(tmp_path, number):
    sizes = [(64, 48), (160, 120), (96, 64)]
    with FileSource(several(tmp_path / "clip.mkv", sizes), stream=number) as source:
        assert source.size == sizes[number]
        assert sum(1 for _ in source) == 5


@pytest.mark.parametrize("number", [3, 99])
def test_a_stream_that_is_not_there_is_named(tmp_path, number):
    clip = several(tmp_path / "clip.mkv", [(64, 48)] * 3)
    with pytest.raises(VideoError, match=f"no video stream {number}, only 3, counted from 0"):
        FileSource(clip, stream=number)


def test_a_cover_image_is_chosen_by_its_number_only(tmp_path):
    clip = several(tmp_path / "clip.mp4", [(64, 48), (320, 240)], marks=(1,))
    with FileSource(clip) as source:
        assert (source.size, source.notes) == ((64, 48), [])
    with FileSource(clip, stream=1) as source:
        assert source.size == (320, 240)


def test_a_cover_image_that_is_left_out_is_named(tmp_path):
    clip = several(tmp_path / "clip.mp4", [(64, 48), (320, 240)], marks=(1,))
    assert copy(clip, tmp_path / "copy.mp4").notes == ["cover image left out"]
    assert streams(tmp_path / "copy.mp4") == ["video h264", "audio aac"]


PACKET = 188


def table(programs):
    """Returns a packet with the table of the programs of a transport stream: {number: PID}."""
    body = b"".join(n.to_bytes(2, "big") + (0xE000 | pid).to_bytes(2, "big") for n, pid in programs)
    length = 5 + len(body) + 4
    section = bytes([0, 0xB0 | length >> 8, length & 0xFF, 0, 1, 0xC1, 0, 0]) + body
    crc = 0xFFFFFFFF
    for byte in section:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    packet = bytes([0x47, 0x40, 0, 0x10, 0]) + section + crc.to_bytes(4, "big")
    return packet.ljust(PACKET, b"\xff")


def test_the_sound_is_that_of_the_program(tmp_path):
    """A transport stream of two programs: a small one first."""
    parts = []
    for number, size in enumerate([(64, 48), (160, 120)]):
        clip = encode(tmp_path / f"v{number}.ts", [pattern(n, size) for n in range(25)])
        tone = write_tone(tmp_path / f"a{number}.ts", "aac", 1, rate=(32000, 48000)[number])
        options = {
            "mpegts_service_id": str(number + 1),
            "mpegts_pmt_start_pid": str(0x1000 + number),
            "mpegts_start_pid": str(0x100 + 0x10 * number),
        }
        join(tmp_path / f"{number}.ts", clip, tone, container_options=options)
        content = (tmp_path / f"{number}.ts").read_bytes()
        pieces = [content[at : at + PACKET] for at in range(0, len(content), PACKET)]
        parts.append([p for p in pieces if int.from_bytes(p[1:3], "big") & 0x1FFF > 0x1F])
    both = table([(1, 0x1000), (2, 0x1001)])
    for at in range(max(map(len, parts))):
        both += b"".join(part[at] for part in parts if at < len(part))
    (tmp_path / "both.ts").write_bytes(both)
    with FileSource(tmp_path / "both.ts") as source:
        assert source.size == (160, 120)
        assert [s.codec_context.sample_rate for s in source.side_streams.audio] == [48000]
    with FileSource(tmp_path / "both.ts", stream=0) as source:
        assert source.size == (64, 48)
        assert [s.codec_context.sample_rate for s in source.side_streams.audio] == [32000]


def test_a_video_alone_has_no_note(tmp_path):
    clip = write(tmp_path / "clip.mkv", KINDS["mkv"])
    assert copy(clip, tmp_path / "copy.mkv").notes == []
