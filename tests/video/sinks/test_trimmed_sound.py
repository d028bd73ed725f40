"""Sound that an edit list cut away, as phones trim a video: it is in the file, and never played."""

from fractions import Fraction

import av
import numpy as np
import pytest
from helpers.clips import frame

from mtcnn_rt.video.sinks.file import FileSink
from mtcnn_rt.video.sources.file import FileSource

RATE, SECONDS = 48000, 4
BEEPS = (1.0, 2.5)


def trimmed(path, seconds):
    """Writes a video with two beeps, the first part of which an edit list cuts away."""
    sound = np.zeros(SECONDS * RATE, np.float32)
    for at in BEEPS:
        begin = int(at * RATE)
        sound[begin : begin + RATE // 10] = 0.8 * np.sin(np.arange(RATE // 10) * 0.13)
    with av.open(path, "w", options={"avoid_negative_ts": "disabled"}) as output:
        picture = output.add_stream("libx264", rate=25, width=64, height=48, pix_fmt="yuv420p")
        tone = output.add_stream("aac", rate=RATE, layout="mono")
        packets = []
        for index in range(25 * SECONDS):
            one = av.VideoFrame.from_ndarray(frame(index).image, format="bgr24")
            one.pts, one.time_base = index, Fraction(1, 25)
            packets += picture.encode(one)
        for begin in range(0, len(sound) - 1023, 1024):
            part = sound[np.newaxis, begin : begin + 1024]
            one = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
            one.sample_rate, one.pts, one.time_base = RATE, begin, Fraction(1, RATE)
            packets += tone.encode(one)
        packets += [*picture.encode(None), *tone.encode(None)]
        for packet in sorted(packets, key=lambda one: one.dts * one.time_base):
            units = round(seconds / packet.time_base)
            packet.pts, packet.dts = packet.pts - units, packet.dts - units
            output.mux(packet)
    return path


def beeps(path, **options):
    """Returns the times at which a beep begins."""
    with av.open(path, options=options) as container:
        loud = [
            one.time for one in container.decode(audio=0) if np.abs(one.to_ndarray()).max() > 0.3
        ]
    return [
        round(at, 1) for before, at in zip([-1, *loud[:-1]], loud, strict=True) if at - before > 0.3
    ]


@pytest.mark.parametrize("extension", ["mp4", "mov", "mkv", "webm"])
@pytest.mark.parametrize("seconds", [0, Fraction(3, 2)])
def test_what_was_cut_away_stays_away(tmp_path, extension, seconds):
    clip = trimmed(tmp_path / "clip.mp4", seconds)
    copy = tmp_path / f"copy.{extension}"
    with FileSource(clip) as source, FileSink(copy, source.format, copy_from=source) as sink:
        for one in source:
            sink.write(one)
    heard = [round(float(at - seconds), 1) for at in BEEPS if at > seconds]
    assert beeps(clip) == heard
    assert beeps(copy) == heard
    assert len(beeps(copy, ignore_editlist="1")) == len(heard)
    with FileSource(copy) as source:
        assert next(iter(source)).time == pytest.approx(0, abs=0.06)
