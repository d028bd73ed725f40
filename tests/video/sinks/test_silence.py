"""Gaps in plain samples of sound, in MOV."""

import av
import numpy as np
import pytest
from helpers.clips import copy, join, write_steady, write_tone

from mtcnn_rt.video.sources.file import FileSource

RATE = 48000


def with_gap(source, output, begin, end):
    """Leaves out the sound between two times in seconds."""
    with av.open(source) as container, av.open(output, "w") as sink:
        copies = {s.index: sink.add_stream_from_template(s) for s in container.streams}
        for packet in container.demux():
            time = None if packet.dts is None else packet.dts * packet.time_base
            if time is None or (packet.stream.type == "audio" and begin <= time < end):
                continue
            packet.stream = copies[packet.stream_index]
            sink.mux(packet)
    return output


def loudness(path):
    """Returns the loudness of each tenth of a second, silence being 0, from time 0 on."""
    with av.open(path) as container:
        single = av.AudioResampler("flt", "mono", RATE)
        frames = [one for frame in container.decode(audio=0) for one in single.resample(frame)]
    end = max(round(one.time * RATE) + one.samples for one in frames)
    wave = np.zeros(end)
    for one in frames:
        begin = round(one.time * RATE)
        wave[begin : begin + one.samples] = one.to_ndarray()[0]
    whole = wave[: len(wave) // 4800 * 4800].reshape(-1, 4800)
    return np.abs(whole).max(axis=1)


@pytest.mark.parametrize("codec", ["pcm_s16le", "pcm_u8", "pcm_s24le", "pcm_f32le"])
@pytest.mark.parametrize("layout", ["mono", "stereo"])
def test_what_follows_a_gap_keeps_its_time(tmp_path, codec, layout):
    clip = write_steady(tmp_path / "clip.mp4", 100)
    tone = write_tone(tmp_path / "tone.mkv", codec, 4.0, RATE, layout)
    source = with_gap(join(tmp_path / "all.mkv", clip, tone), tmp_path / "in.mkv", 0.8, 3.0)
    output = tmp_path / "copy.mov"
    assert copy(source, output).notes == []
    given, kept = loudness(source), loudness(output)
    assert len(kept) == pytest.approx(len(given), abs=1)
    inside = [n for n in range(38) if n not in (7, 8, 9, 29, 30, 31)]  # but the edges
    assert [bool(kept[n] > 0.1) for n in inside] == [bool(given[n] > 0.1) for n in inside]
    assert kept[10:29].max() < 0.02


def test_sound_without_a_gap_stays_as_it_is(tmp_path):
    clip = write_steady(tmp_path / "clip.mp4", 25)
    tone = write_tone(tmp_path / "tone.mkv", "pcm_s16le", 1.0)
    source = join(tmp_path / "in.mkv", clip, tone)
    copy(source, tmp_path / "copy.mov")
    with FileSource(tmp_path / "copy.mov") as found:
        assert found.errors == 0
    sounds = []
    for path in (source, tmp_path / "copy.mov"):
        with av.open(path) as container:
            sounds.append(b"".join(bytes(one) for one in container.demux(audio=0)))
    assert sounds[0] == sounds[1]
