"""MP4 and MOV with several edits, as after cutting and pasting in an editor."""

import struct
from fractions import Fraction

import av
import numpy as np
import pytest
from helpers.clips import copy

from mtcnn_rt.video.sources.clock import Clock
from mtcnn_rt.video.sources.file import FileSource

FPS, RATE, FRAMES = 10, 8000, 60


def write_media(path):
    """Writes frames whose luma is their number, and samples of sound that are milliseconds."""
    with av.open(path, "w") as output:
        video = output.add_stream("libx264", rate=FPS, width=64, height=48)
        video.codec_context.gop_size, video.codec_context.max_b_frames = 25, 2
        sound = output.add_stream("pcm_s16le", rate=RATE)
        sound.layout = "mono"
        for index in range(FRAMES):
            planes = np.full((72, 64), 128, np.uint8)
            planes[:48] = 3 * index + 30
            one = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            one.pts, one.time_base = index, Fraction(1, FPS)
            output.mux(video.encode(one))
            first = index * RATE // FPS
            times = 1000 * np.arange(first, first + RATE // FPS) // RATE
            part = av.AudioFrame.from_ndarray(times[None].astype(np.int16), "s16", "mono")
            part.pts, part.sample_rate, part.time_base = first, RATE, Fraction(1, RATE)
            output.mux(sound.encode(part))
        output.mux(video.encode(None))
        output.mux(sound.encode(None))
    return path


def boxes(data):
    """Gives the kinds and bytes of the boxes in a row of MP4."""
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 8], data[at : at + size]
        at += size


def box(kind, *parts):
    content = b"".join(parts)
    return struct.pack(">I", len(content) + 8) + kind + content


def edited(path, edits):
    """Gives all streams of a file edits, each from a time to a time of the media, in seconds."""
    top = list(boxes(path.read_bytes()))
    assert top[-1][0] == b"moov"
    inner = list(boxes(top[-1][1][8:]))
    scale = int.from_bytes(dict(inner)[b"mvhd"][20:24], "big")
    kept = []
    for kind, content in inner:
        if kind != b"trak":
            kept.append(content)
            continue
        parts = [one for one in boxes(content[8:]) if one[0] != b"edts"]
        header = dict(boxes(dict(parts)[b"mdia"][8:]))[b"mdhd"]
        units = int.from_bytes(header[20:24], "big")
        delay = b_frame_delay(path) if b"vide" in content else 0
        table = b"".join(
            struct.pack(">Iihh", round((end - start) * scale), round((start + delay) * units), 1, 0)
            for start, end in edits
        )
        edts = box(b"edts", box(b"elst", struct.pack(">II", 0, len(edits)), table))
        kept.append(box(b"trak", parts[0][1], edts, *(one for _, one in parts[1:])))
    path.write_bytes(b"".join(one for _, one in top[:-1]) + box(b"moov", *kept))
    return path


def b_frame_delay(path):
    """Returns the time of the first frame in the media, in seconds."""
    with av.open(path, options={"ignore_editlist": "1"}) as container:
        first = next(container.demux(video=0))
        return Fraction(first.pts * first.time_base)


def media_times(path):
    """Returns the time, and the times in the media of image and sound, for every frame."""
    with av.open(path) as container:
        frames = [
            (one.time, (one.to_ndarray()[:48].mean() - 30) / 3 / FPS)
            for one in container.decode(video=0)
        ]
    with av.open(path) as container:
        sounds = [
            (one.time + n / RATE, value / 1000)
            for one in container.decode(audio=0)
            for n, value in enumerate(one.to_ndarray()[0].tolist())
        ]
    at, heard = np.array(sounds).T
    return [(time, seen, heard[abs(at - time - 0.05).argmin()] - 0.05) for time, seen in frames]


@pytest.mark.parametrize(
    "edits",
    [
        [(1.0, 4.0)],
        [(0.5, 2.0), (4.0, 5.5)],
        [(4.0, 5.5), (0.5, 2.0)],
        [(1.2, 2.7), (1.2, 2.7), (3.0, 4.0)],
        [(0.0, 6.0)],
    ],
    ids=[
        "the beginning is cut off",
        "a part is cut out",
        "parts change places",
        "a part comes twice",
        "one edit",
    ],
)
def test_image_and_sound_of_several_edits_stay_together(tmp_path, edits):
    source = edited(write_media(tmp_path / "clip.mov"), edits)
    with FileSource(source) as frames:
        times = [one.time for one in frames]
        assert (frames.errors, frames.incomplete) == (0, "")
    length = sum(end - start for start, end in edits)
    assert len(times) == pytest.approx(length * FPS, abs=len(edits))
    assert times[-1] == pytest.approx(length, abs=0.21)
    output = tmp_path / "copy.mkv"
    copy(source, output)
    begin, rows = 0.0, media_times(output)
    for start, end in edits:
        inside = [row for row in rows if begin + 0.15 < row[0] < begin + end - start - 0.25]
        assert len(inside) >= (end - start) * FPS - 5
        for time, seen, heard in inside:
            assert seen == pytest.approx(time - begin + start, abs=0.11)
            assert heard == pytest.approx(seen, abs=0.11)
        begin += end - start


def test_packets_that_are_not_shown_do_not_start_the_clock_again():
    class Stand:
        """Stands for a packet that may not be shown; PyAV cannot make one."""

        size, is_corrupt, stream_index, duration, time_base = 4, False, 0, 100, Fraction(1, 1000)

        def __init__(self, milliseconds, is_discard=False):
            self.pts = self.dts = milliseconds
            self.is_discard = is_discard

    def given(*packets):
        clock = Clock(Fraction(0), True, [0], [], ahead=False)
        taken = [one for packet in packets for one in clock.put(packet)] + clock.flush()
        return [one.dts for one in taken], clock.restarted, clock.lost

    before = [Stand(0), Stand(1000), Stand(2000)]
    edit = [*before, Stand(500, True), Stand(600, True), Stand(2100)]
    assert given(*edit) == ([0, 1000, 2000, 500, 600, 2100], False, 0)
    joined = [*(Stand(n) for n in (0, 1000, 2000)), Stand(0, True), Stand(100, True), Stand(200)]
    assert given(*joined) == ([0, 1000, 2000, 0, 100, 2100], True, 2)
    ended = [*(Stand(n) for n in (0, 1000, 2000)), Stand(0, True)]
    assert given(*ended) == ([0, 1000, 2000, 0], False, 1)
    trimmed = [*(Stand(n) for n in (0, 1000, 2000)), Stand(2100, True)]
    assert given(*trimmed) == ([0, 1000, 2000, 2100], False, 0)
