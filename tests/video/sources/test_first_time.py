"""A first packet without a time."""

from fractions import Fraction

import av
import pytest
from helpers.containers import KINDS, write

from mtcnn_rt.video.sources.first_time import with_first_time


@pytest.fixture
def clip(tmp_path):
    """Gives an open file with video and sound, and its packets."""
    with av.open(write(tmp_path / "clip.mkv", KINDS["mkv"])) as container:
        yield container, list(container.demux())


def without_times(packet):
    """Takes the times of a packet, and returns it."""
    packet.pts = packet.dts = None
    return packet


def videos(packets):
    return [packet for packet in packets if packet.stream.type == "video"]


def test_the_first_packet_gets_the_time_before_the_second(clip):
    container, packets = clip
    stream = container.streams.video[0]
    one, two = videos(packets)[:2]
    two.pts = two.dts = 500
    without_times(one)
    step = 7 * stream.time_base
    given = list(with_first_time(iter(packets), stream, step))
    assert (one.pts, one.dts) == (493, 493)
    assert videos(given) == videos(packets)
    assert sorted(map(id, given)) == sorted(map(id, packets))


def test_packets_with_times_stay_as_they_are(clip):
    container, packets = clip
    before = [(packet.stream_index, packet.pts, packet.dts) for packet in packets]
    given = list(with_first_time(iter(packets), container.streams.video[0], Fraction(1, 25)))
    assert given == packets
    assert [(packet.stream_index, packet.pts, packet.dts) for packet in given] == before


@pytest.mark.parametrize("count", [1, 2, 3])
def test_without_any_time_none_is_made_up(clip, count):
    container, packets = clip
    packets = [without_times(packet) for packet in videos(packets)[:count]]
    given = list(with_first_time(iter(packets), container.streams.video[0], Fraction(1, 25)))
    assert given == packets
    assert [packet.dts for packet in given] == [None] * count


def test_the_first_packet_is_given_before_an_error(clip):
    container, packets = clip

    def broken():
        yield without_times(videos(packets)[0])
        raise av.InvalidDataError(1, "damaged")

    given = with_first_time(broken(), container.streams.video[0], Fraction(1, 25))
    assert next(given) is videos(packets)[0]
    with pytest.raises(av.InvalidDataError):
        next(given)
