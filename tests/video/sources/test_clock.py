"""Inputs whose clock starts again: joined streams, DVDs and HLS playlists."""

import re
from fractions import Fraction
from itertools import pairwise

import av
import pytest
from helpers.clips import copy, copy_video_alone, encode, join, packets, pattern, write_tone
from helpers.containers import FRAMES, KINDS, writable, write
from helpers.unknown_audio import checksum

from mtcnn_rt.video.sources.clock import Clock
from mtcnn_rt.video.sources.file import FileSource


def part(tmp_path, name, seconds=0):
    """Writes a short video with sound whose clock begins at some seconds."""
    source = write(tmp_path / f"part-{seconds}.{KINDS[name].extension}", KINDS[name])
    if not seconds:
        return source
    with (
        av.open(source) as container,
        av.open(tmp_path / f"late-{source.name}", "w") as output,
    ):
        copies = [output.add_stream_from_template(s, opaque=True) for s in container.streams]
        for packet in container.demux():
            if packet.dts is not None:
                units = round(seconds / packet.time_base)
                packet.pts, packet.dts = packet.pts + units, packet.dts + units
                packet.stream = copies[packet.stream_index]
                output.mux(packet)
    return tmp_path / f"late-{source.name}"


def sound(path):
    """Returns the content of all audio packets, without the headers that only streams need."""
    contents = [content for content, _, _ in packets(path, "audio")]
    return [one[7:] if one.startswith(b"\xff\xf1") else one for one in contents]


def steps(path, kind):
    """Returns the times between the packets of a stream, in seconds."""
    times = sorted(float(time) for _, time, _ in packets(path, kind))
    return [after - before for before, after in pairwise(times)]


BROADCAST = ("ts", "ts mpeg2", "m2ts", "mpg", "mpg mpeg1", "vob")
JOINED = (*BROADCAST, "mkv", "mkv ffv1", "mkv live", "webm vp8", "webm vp9", "ogg vp8")
ENDS = "FFmpeg ends with the first part, whose index or header has its length"
DROPS = "FFmpeg drops the frames behind the edit list, which is that of the first part"
GOES_ON = "times are numbers of frames or samples, which go on"
ALIKE = "the container of another row"
PART = "FFmpeg takes the header of the next part for damage"
NOT_JOINED = {
    **dict.fromkeys(("mp4", "mp4 faststart", "mp4 hevc", "mp4 av1", "3gp", "f4v"), ENDS),
    **dict.fromkeys(("mov mjpeg", "mov prores", "wtv", "flv", "flv h264", "asf"), ENDS),
    **dict.fromkeys(("mp4 live", "mp4 dash", "mp4 fragments"), DROPS),
    **dict.fromkeys(("avi", "avi mjpeg", "avi huffyuv", "mxf", "ismv"), GOES_ON),
    **dict.fromkeys(("mkv av1", "webm av1"), ALIKE),
    **{"nut": PART, "rm": PART},
}
"""The other containers with sound, and why their clock does not start again."""


def test_every_container_with_sound_is_joined_or_cannot_be():
    with_sound = {name for name, kind in KINDS.items() if kind.audio}
    assert {*JOINED, *NOT_JOINED} == with_sound
    assert not set(JOINED) & set(NOT_JOINED)


TWO_AT_MOST = ("mkv", "mkv ffv1", "webm vp8", "webm vp9")
"""Joined files of which FFmpeg reads two."""


@pytest.mark.parametrize("extension", ["mkv", "mp4"])
@pytest.mark.parametrize(
    ("name", "times"),
    [
        (name, times)
        for name in JOINED
        if writable(KINDS[name])
        for times in ((2,) if name in TWO_AT_MOST else (2, 4))
    ],
)
def test_nothing_is_lost_where_the_clock_starts_again(tmp_path, name, times, extension):
    one = part(tmp_path, name)
    joined = tmp_path / f"joined{one.suffix}"
    joined.write_bytes(one.read_bytes() * times)
    output = tmp_path / f"copy.{extension}"
    sink = copy(joined, output)
    assert (sink.notes, sink.damaged) == ([], 0)
    assert sound(output) == sound(joined)
    assert len(packets(output, "video")) == times * FRAMES
    for kind in ("video", "audio"):  # no gap but what the streams' ends differ by
        assert max(steps(output, kind)) < 0.1
    with FileSource(joined) as source:
        assert sum(1 for _ in source) == times * FRAMES
        assert source.errors == 0
    assert float(packets(output, "video")[-1][1]) == pytest.approx(2 * times, abs=0.06 * times)


@pytest.mark.parametrize("times", [3, 4])
@pytest.mark.parametrize("name", [name for name in TWO_AT_MOST if writable(KINDS[name])])
def test_what_is_not_read_of_joined_files_is_said(tmp_path, name, times):
    one = part(tmp_path, name)
    joined = tmp_path / f"joined{one.suffix}"
    joined.write_bytes(one.read_bytes() * times)
    with FileSource(joined) as source:
        assert sum(1 for _ in source) == 2 * FRAMES
        left = re.fullmatch(
            r"another file begins in its last (\d+) bytes, which are not read", source.incomplete
        )
    assert left
    size = one.stat().st_size
    assert (times - 2) * size <= int(left[1]) < (times - 1.7) * size


def with_serials(content, offset):
    """Returns an Ogg file whose streams have other numbers."""
    pages, at = [], 0
    while at < len(content):
        data = at + 27 + content[at + 26]
        end = data + sum(content[at + 27 : data])
        serial = int.from_bytes(content[at + 14 : at + 18], "little") ^ offset
        head = content[at : at + 14] + serial.to_bytes(4, "little") + content[at + 18 : at + 22]
        page = head + bytes(4) + content[at + 26 : end]
        pages.append(page[:22] + checksum(page, 0, "little") + page[26:])
        at = end
    return b"".join(pages)


@pytest.mark.skipif(not writable(KINDS["ogg vp8"]), reason="FFmpeg cannot write it here")
def test_chained_ogg_of_other_streams(tmp_path):
    """FFmpeg reads on if there is a single stream, and ends otherwise."""
    one = part(tmp_path, "ogg vp8").read_bytes()
    (tmp_path / "chained.ogg").write_bytes(one + with_serials(one, 0x5A5A))
    with FileSource(tmp_path / "chained.ogg") as source:
        assert sum(1 for _ in source) == FRAMES
        assert source.errors == 1
        assert source.notes == [
            "ended early: another file begins, whose sound and video FFmpeg does not read"
        ]
    alone = copy_video_alone(tmp_path / "part-0.ogg", tmp_path / "alone.ogg").read_bytes()
    (tmp_path / "videos.ogg").write_bytes(alone + with_serials(alone, 0x5A5A))
    with FileSource(tmp_path / "videos.ogg") as source:
        times = [frame.time for frame in source]
        assert (source.errors, source.notes, source.incomplete) == (0, [], "")
    assert len(times) == 2 * FRAMES
    assert max(after - before for before, after in pairwise(times)) < 0.1


@pytest.mark.parametrize("seconds", [100, 100_000])
def test_a_clock_that_goes_ahead_is_followed(tmp_path, seconds):
    joined = tmp_path / "joined.ts"
    parts = (part(tmp_path, "ts"), part(tmp_path, "ts", seconds))
    joined.write_bytes(b"".join(one.read_bytes() for one in parts))
    output = tmp_path / "copy.mkv"
    sink = copy(joined, output)
    assert (sink.notes, sound(output)) == ([], sound(joined))
    assert max(steps(output, "video")) < 0.1


@pytest.mark.parametrize("name", [name for name, why in NOT_JOINED.items() if why == DROPS])
def test_frames_that_ffmpeg_drops_raise_an_alarm(tmp_path, name):
    one = part(tmp_path, name)
    (tmp_path / "joined.mp4").write_bytes(one.read_bytes() * 2)
    with FileSource(tmp_path / "joined.mp4") as source:
        assert FRAMES < sum(1 for _ in source) < 2 * FRAMES
        assert source.errors > 0
    with FileSource(one) as source:
        assert (sum(1 for _ in source), source.errors) == (FRAMES, 0)


def test_a_pause_in_a_file_that_starts_at_0_is_kept():
    clock = Clock(Fraction(0), True, [0], [1], ahead=False)
    before = [pair for n in range(10) for pair in ((n / 10, 0), (n / 10, 1))]
    given = times(clock, *before, (100, 0), (100, 1), (100.1, 0), (0, 0), (0, 1))
    assert [time for _, time in given][-5:] == [100, 100, 100.1, 100.14, 100.14]
    assert clock.restarted


def test_video_and_sound_stay_together(tmp_path):
    """In each part they start as far apart as in the first."""
    one = part(tmp_path, "ts")
    joined = tmp_path / "joined.ts"
    joined.write_bytes(one.read_bytes() * 3)
    copy(joined, tmp_path / "copy.mkv")
    with av.open(one) as container:
        apart = starts(container)
    video = [float(time) for _, time, _ in packets(tmp_path / "copy.mkv", "video")]
    audio = [float(time) for _, time, _ in packets(tmp_path / "copy.mkv", "audio")]
    length = len(packets(one, "audio"))
    for number in range(3):
        found = video[number * FRAMES] - audio[number * length]
        assert found == pytest.approx(apart, abs=0.002)


def starts(container):
    """Returns by how much the video starts after the sound, in seconds."""
    video, audio = container.streams.video[0], container.streams.audio[0]
    return float(video.start_time * video.time_base - audio.start_time * audio.time_base)


def write_playlist(folder, name, size, pieces=3):
    """Writes an HLS playlist of pieces of a second, each with a clock of its own."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:1"]
    for number in range(pieces):
        clip = encode(folder / f"v{name}.ts", [pattern(n, size) for n in range(25)])
        tone = write_tone(folder / f"a{name}.ts", "aac", 1)
        join(folder / f"{name}{number}.ts", clip, tone)
        lines += ["#EXT-X-DISCONTINUITY"] * (number > 0) + ["#EXTINF:1.0,", f"{name}{number}.ts"]
    (folder / f"{name}.m3u8").write_text("\n".join([*lines, "#EXT-X-ENDLIST", ""]))
    return folder / f"{name}.m3u8"


def test_a_playlist_with_new_clocks_loses_nothing(tmp_path):
    playlist = write_playlist(tmp_path, "a", (64, 48))
    sink = copy(playlist, tmp_path / "copy.mp4")
    assert (sink.notes, sink.damaged) == ([], 0)
    assert sound(tmp_path / "copy.mp4") == sound(playlist)
    assert max(steps(tmp_path / "copy.mp4", "video")) < 0.1
    with FileSource(playlist) as source:
        assert (sum(1 for _ in source), source.errors) == (75, 0)


def test_the_largest_of_several_qualities_comes_with_its_sound(tmp_path):
    lines = ["#EXTM3U"]
    sizes = {"low": (64, 48), "high": (160, 120), "mid": (96, 64)}
    for name, (width, height) in sizes.items():
        write_playlist(tmp_path, name, (width, height), 1)
        lines += [f"#EXT-X-STREAM-INF:BANDWIDTH={width}00,RESOLUTION={width}x{height}"]
        lines += [f"{name}.m3u8"]
    (tmp_path / "all.m3u8").write_text("\n".join([*lines, ""]))
    with FileSource(tmp_path / "all.m3u8") as source:
        assert source.size == (160, 120)
        assert source.notes == ["video stream 1 (160 x 120) is used, of 3"]
        assert len(source.side_streams.audio) == 1
        own = source.side_streams.audio[0]
        assert own.metadata["variant_bitrate"] == "16000"
    with FileSource(tmp_path / "all.m3u8", stream=2) as source:
        assert source.size == (96, 64)
        assert source.side_streams.audio[0].metadata["variant_bitrate"] == "9600"
        assert sum(1 for _ in source) == 25


def stamped(seconds, index, duration=Fraction(1, 25)):
    """Returns a packet with a time."""
    packet = av.Packet(bytes(4))
    packet.time_base = Fraction(1, 1000)
    packet.pts = packet.dts = round(seconds * 1000)
    packet.duration = round(duration * 1000)
    packet.stream = STREAMS[index]
    return packet


# It stays open: PyAV has no index for streams of a closed one.
_OUTPUT = av.open("/dev/null", "w", format="null")
STREAMS = [_OUTPUT.add_stream(codec) for codec in ("rawvideo", "pcm_s16le", "srt")]


def times(clock, *pairs):
    """Returns the seconds that a clock gives to packets of (seconds, index)."""
    given = [one for pair in pairs for one in clock.put(stamped(*pair))] + clock.flush()
    return [(one.stream_index, one.dts / 1000) for one in given]


def test_a_pause_in_one_stream_alone_is_kept():
    """A video of one frame in 20 seconds, with steady sound."""
    clock = Clock(Fraction(0), True, [0], [1])
    sounds = [(n / 5, 1) for n in range(100)]
    given = times(clock, (0, 0), *sounds[:50], (20, 0), *sounds[50:])
    assert [time for index, time in given if index == 0] == [0, 20]
    assert [time for index, time in given if index == 1] == [n / 5 for n in range(100)]


def test_packets_of_the_old_clock_may_follow_the_first_of_the_new():
    clock = Clock(Fraction(0), True, [0], [1])
    before = [pair for n in range(10) for pair in ((n / 10, 0), (n / 10, 1))]
    given = times(clock, *before[:-1], (0, 0), (0.9, 1), (0.1, 0), (0, 1), (0.1, 1))
    assert [time for index, time in given if index == 0][-2:] == [0.94, 1.04]
    assert [time for index, time in given if index == 1][-3:] == [0.9, 0.94, 1.04]


def test_audio_that_overlaps_a_little_keeps_an_order():
    clock = Clock(Fraction(0), True, [0], [1])
    given = times(clock, (0, 1), (0.04, 1), (0.02, 1), (0.06, 1))
    assert [time for _, time in given] == [0, 0.04, 0.041, 0.06]


def test_times_of_other_formats_stay_as_they_are():
    clock = Clock(Fraction(0), False, [0], [1])
    assert [time for _, time in times(clock, (5, 0), (0, 0), (90, 0))] == [5, 0, 90]


def test_subtitles_follow_the_clock():
    """They have no clock of their own, since they may pause for long."""
    clock = Clock(Fraction(0), True, [0], [])
    film = [(n / 5, 0) for n in range(200)]
    given = times(clock, (1, 2), *film, (35, 2), (0, 0), (0.2, 0), (1, 2), *film[2:])
    assert [time for index, time in given if index == 2] == [1, 35, 40.84]
