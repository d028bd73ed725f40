"""Measurements of whole videos."""

import sys
from fractions import Fraction

import av
import pytest
from helpers.clips import write_steady

from benchmarks import video
from benchmarks.probes import decode_encode
from benchmarks.video import Tracking, Usage, VideoTimes


def test_every_program_runs_and_is_in_the_report(tmp_path, monkeypatch):
    clip = write_steady(tmp_path / "clip.mp4", 3, size=(128, 96))
    monkeypatch.setattr(video, "MIN_FACE_SIZES", (40,))
    deface = tmp_path / "deface"
    deface.write_text(f"#!{sys.executable}\n")
    deface.chmod(0o755)
    times = video.measure(clip, 1, tmp_path, deface)
    assert times.frames == 3
    names = [video.PLAIN, "process, boxes", "process --anonymize blur", "deface"]
    assert [one.what for one in times.programs] == names
    assert all(one.processor[0] > 0 and one.elapsed[0] > 0 for one in times.programs)
    assert [(one.spread, len(one.seconds)) for one in times.tracking] == [(False, 3), (True, 3)]
    assert "| decoding and encoding alone |" in video.as_markdown(times)


def test_ratios_are_of_the_rounds():
    programs = [
        Usage("alone", [1.0, 2.0, 4.0], [1.0] * 3),
        Usage("all", [2.0, 6.0, 8.0], [9.0] * 3),
    ]
    times = VideoTimes(100, programs, [Tracking(20, [0.001] * 99 + [0.02], [0.0012])])
    even = Tracking(40, [0.001, 0.003], [0.002], spread=True)
    assert "| 40, spread | 2.0 | 4.9 | 3.0 | 2.0 |" in video.as_markdown(
        VideoTimes(2, programs, [even])
    )
    report = video.as_markdown(times)
    assert "| all | 60.0 | 2.00x | 9.0 s |" in report
    assert "| 20 | 1.2 | 19.8 | 20.0 | 1.2 |" in report


def test_a_program_that_fails_is_named():
    with pytest.raises(RuntimeError, match="fails with 3"):
        video.usage_of([sys.executable, "-c", "raise SystemExit(3)"])


def test_the_codecs_alone_keep_frames_and_sound(tmp_path):
    clip = write_steady(tmp_path / "clip.mp4", 5)
    decode_encode.main(str(clip), str(tmp_path / "out.mp4"))
    with av.open(tmp_path / "out.mp4") as container:
        times = [frame.pts * frame.time_base for frame in container.decode(video=0)]
    assert times == [Fraction(n, 25) for n in range(5)]
