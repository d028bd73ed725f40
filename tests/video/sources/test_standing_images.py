"""Subtitles that are images: one that is on the screen at the start of a span is in the copy."""

import struct
from fractions import Fraction

import av
import pytest
from helpers.clips import copy, join, packets, write_steady

from mtcnn_rt.video.sinks.file import FileSink
from mtcnn_rt.video.sources.file import FileSource

UNIT = Fraction(1, 1000)


def pgs_segment(kind, data):
    return struct.pack(">BH", kind, len(data)) + data


def pgs(state, images):
    """Returns a composition that shows so many images, each of 8 x 8 pixels."""
    placed = struct.pack(">HBBHH", 0, 0, 0, 4, 4) * images
    parts = [(0x16, struct.pack(">HHBHBBBB", 64, 48, 0x10, 0, state, 0, 0, images) + placed)]
    if images:
        lines = (b"\x01" * 8 + b"\0\0") * 8
        size = (len(lines) + 4).to_bytes(3, "big") + struct.pack(">HH", 8, 8)
        parts += [(0x14, bytes([0, 0, 1, 235, 128, 128, 255]))]
        parts += [(0x15, b"\0\0\0\xc0" + size + lines)]
    return [pgs_segment(kind, data) for kind, data in (*parts, (0x80, b""))]


def write_pgs(path, clip, events):
    """Adds the events, each a time and segments, to a clip."""
    pieces = path.with_suffix(".sup")
    pieces.write_bytes(
        b"".join(
            b"PG" + struct.pack(">II", round(time * 90000), 0) + one
            for time, segments in events
            for one in segments
        )
    )
    return join(path, clip, pieces)


def dvb(state, images):
    """Returns a page that shows so many regions."""
    page = bytes([30, state << 2]) + struct.pack(">BBHH", 0, 0, 10, 10) * images
    parts = ((0x14, b"\0" * 5), (0x10, page), (0x80, b""))
    return b"".join(b"\x0f" + struct.pack(">BHH", kind, 1, len(d)) + d for kind, d in parts)


def write_dvb(path, clip, events):
    with av.open(clip) as container, av.open(path, "w") as output:
        video = output.add_stream_from_template(container.streams.video[0])
        text = output.add_stream("dvbsub")
        waiting = list(events)
        for packet in container.demux(video=0):
            if packet.dts is None:
                continue
            while waiting and packet.dts * packet.time_base >= waiting[0][0]:
                time, data = waiting.pop(0)
                image = av.Packet(data)
                image.pts = image.dts = round(time / UNIT)
                image.time_base, image.stream = UNIT, text
                output.mux(image)
            packet.stream = video
            output.mux(packet)
    return path


def times_and_sizes(source, tmp_path, start):
    output = tmp_path / "copy.mkv"
    with (
        FileSource(source, start=start) as frames,
        FileSink(output, frames.format, frames, overwrite=True) as sink,
    ):
        for one in frames:
            sink.write(one)
    return [(time, len(data)) for data, time, _ in packets(output, "subtitle")]


@pytest.fixture
def clip(tmp_path):
    return write_steady(tmp_path / "clip.mp4", 100)


@pytest.mark.parametrize("extension", ["mkv", "m2ts"])  # one packet an image, and one a segment
def test_an_image_of_pgs_that_stands_at_the_start_is_kept(tmp_path, clip, extension):
    events = [(0.5, pgs(0x80, 1)), (2, pgs(0, 0)), (3, pgs(0x80, 1)), (3.5, pgs(0, 0))]
    source = write_pgs(tmp_path / f"pgs.{extension}", clip, events)
    shown, gone = (sum(map(len, pgs(0x80, n))) for n in (1, 0))
    rest = [(2, shown), (Fraction(5, 2), gone)]
    assert times_and_sizes(source, tmp_path, 1) == [(0, shown), (1, gone), *rest]
    assert times_and_sizes(source, tmp_path, Fraction(5, 2)) == [
        (Fraction(1, 2), shown),
        (1, gone),
    ]


def test_an_image_is_kept_with_its_changes(tmp_path, clip):
    events = [(0.2, pgs(0x80, 1)), (0.5, pgs(0x80, 1)), (0.6, pgs(0, 2)), (2, pgs(0, 0))]
    source = write_pgs(tmp_path / "pgs.mkv", clip, events)
    first, changed, gone = (sum(map(len, pgs(0x80, n))) for n in (1, 2, 0))
    assert times_and_sizes(source, tmp_path, 1) == [(0, first), (0, changed), (1, gone)]


@pytest.mark.parametrize("extension", ["mkv", "ts"])
def test_an_image_of_dvb_that_stands_at_the_start_is_kept(tmp_path, clip, extension):
    shown, gone = dvb(2, 1), dvb(0, 0)
    events = [(0.5, shown), (2, gone), (3, shown), (3.5, gone)]
    source = write_dvb(tmp_path / f"dvb.{extension}", clip, events)
    sizes = len(shown), len(gone)
    rest = [(2, sizes[0]), (Fraction(5, 2), sizes[1])]
    assert times_and_sizes(source, tmp_path, 1) == [(0, sizes[0]), (1, sizes[1]), *rest]
    assert times_and_sizes(source, tmp_path, 3.6) == []


def test_a_whole_video_keeps_all_images_once(tmp_path, clip):
    events = [(0.5, pgs(0x80, 1)), (2, pgs(0, 0))]
    source = write_pgs(tmp_path / "pgs.mkv", clip, events)
    copy(source, tmp_path / "copy.mkv")
    assert packets(tmp_path / "copy.mkv", "subtitle") == packets(source, "subtitle")
