"""Vorbis sound whose own headers have tags."""

from fractions import Fraction

import av
import numpy as np
import pytest
from helpers.clips import copy, packets, write_steady

from mtcnn_rt.video.sinks.vorbis import without_comments

SECRET = b"TITLE=Birthday of Ada"


def with_comment(headers):
    """Returns FFmpeg's headers of Vorbis with a tag."""
    first, last = headers.index(b"\x01vorbis"), headers.index(b"\x05vorbis")
    comments = b"\x03vorbis" + bytes(4) + (1).to_bytes(4, "little")
    comments += len(SECRET).to_bytes(4, "little") + SECRET + b"\x01"
    start = headers[first : headers.index(b"\x03vorbis")]
    return b"\x02" + bytes([len(start), len(comments)]) + start + comments + headers[last:]


@pytest.fixture
def source(tmp_path):
    """A clip with Vorbis sound."""
    clip = write_steady(tmp_path / "clip.mp4", 25)
    tone, output = tmp_path / "tone.mka", tmp_path / "source.mkv"
    with av.open(tone, "w", format="matroska") as sound:
        stream = sound.add_stream("vorbis", rate=48000, options={"strict": "-2"})
        stream.layout = "stereo"
        stream.codec_context.open()
        for index in range(48):
            one = av.AudioFrame("fltp", "stereo", 1024)
            wave = np.sin((1024 * index + np.arange(1024)) / 17).astype(np.float32)
            for plane in one.planes:
                plane.update(wave.tobytes())
            one.pts, one.sample_rate, one.time_base = 1024 * index, 48000, Fraction(1, 48000)
            sound.mux(stream.encode(one))
        sound.mux(stream.encode(None))
    with av.open(clip) as video, av.open(tone) as sound, av.open(output, "w") as sink:
        streams = [
            sink.add_stream_from_template(each.streams.best(kind))
            for each, kind in ((video, "video"), (sound, "audio"))
        ]
        context = streams[1].codec_context
        context.extradata = with_comment(context.extradata)
        for each, stream in zip((video, sound), streams, strict=True):
            for packet in each.demux():
                if packet.dts is not None:
                    packet.stream = stream
                    sink.mux(packet)
    return output


def samples(path):
    with av.open(path) as container:
        return np.concatenate([one.to_ndarray() for one in container.decode(audio=0)], axis=1)


@pytest.mark.parametrize("extension", ["mkv", "mp4", "webm"])
def test_tags_in_the_headers_of_vorbis_are_left_out_with_the_others(tmp_path, source, extension):
    assert SECRET in source.read_bytes()
    output = tmp_path / f"copy.{extension}"
    copy(source, output, metadata=True)
    assert SECRET in output.read_bytes()
    copy(source, output, metadata=False, overwrite=True)
    assert SECRET not in output.read_bytes()
    assert [data for data, *_ in packets(output, "audio")] == [
        data for data, *_ in packets(source, "audio")
    ]
    given, kept = samples(source), samples(output)
    np.testing.assert_array_equal(kept[:, : given.shape[1]], given[:, : kept.shape[1]])


def test_lengths_before_the_headers_are_read_too():
    first, last = b"\x01vorbis" + bytes(23), b"\x05vorbis" + bytes(300)
    comments = b"\x03vorbis" + bytes(600)
    empty = b"\x03vorbis" + bytes(8) + b"\x01"
    expected = b"\x02" + bytes([len(first), len(empty)]) + first + empty + last
    prefixed = b"".join(len(one).to_bytes(2, "big") + one for one in (first, comments, last))
    laced = b"\x02" + bytes([len(first), 255, 255, len(comments) - 510]) + first + comments + last
    assert without_comments(prefixed) == expected
    assert without_comments(laced) == expected


@pytest.mark.parametrize("data", [b"", b"\x02", b"\x02\xff\xff", b"\0\x05abc", b"\x02\1\1abc"])
def test_other_headers_stay_as_they_are(data):
    assert without_comments(data) == data
