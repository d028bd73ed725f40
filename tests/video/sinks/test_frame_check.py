"""Frames that do not fit the video that they are written to."""

import re
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from helpers.clips import PLAIN, frame

from mtcnn_rt.video.frame import Frame
from mtcnn_rt.video.sinks.file import FileSink
from mtcnn_rt.video.sinks.live import LiveSink

OTHER_SIZE = "frame: 64 x 40 pixels, but the video has 64 x 48"
NO_FRAME = "frame: expected a Frame, as FileSource gives and FrameResult has, not "
NOT_LATER = "frame: its time, 0.2 s, is not later than that of the frame before, "


def test_what_is_no_path_is_named():
    with pytest.raises(TypeError, match=r"^path: expected text or a Path, not bytes$"):
        FileSink(b"copy.mp4", PLAIN)


@pytest.mark.parametrize(
    ("written", "error", "message"),
    [
        ([frame(0, (64, 40))], ValueError, OTHER_SIZE),
        ([np.zeros((48, 64, 3), np.uint8)], TypeError, f"{NO_FRAME}ndarray"),
        ([SimpleNamespace(image=None)], TypeError, f"{NO_FRAME}SimpleNamespace"),
        ([frame(5), frame(5)], ValueError, f"{NOT_LATER}0.2 s"),
        ([frame(10), frame(5)], ValueError, f"{NOT_LATER}0.4 s"),
        ([frame(6), frame(10, units=50)], ValueError, f"{NOT_LATER}0.24 s"),
    ],
)
@pytest.mark.parametrize("extension", ["mp4", "gif"])
def test_frames_that_do_not_fit_are_refused(tmp_path, written, error, message, extension):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        write(tmp_path / f"out.{extension}", written)
    assert list(tmp_path.iterdir()) == []


def write(path, frames):
    with FileSink(path, PLAIN) as sink:
        for one in frames:
            sink.write(one)


def test_they_are_not_sent_either():
    with LiveSink("udp://127.0.0.1:5004", PLAIN, paced=False) as sink:
        with pytest.raises(ValueError, match=f"^{OTHER_SIZE}$"):
            sink.write(frame(0, (64, 40)))
        sink.write(frame(0))


@pytest.mark.parametrize("name", ["fps", "time_base", "aspect"])
def test_numbers_of_a_format_are_fractions(name):
    message = f"{name}: expected a fraction such as Fraction(30000, 1001), not 29.97"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        replace(PLAIN, **{name: 29.97})
    assert replace(PLAIN, **{name: 30}).size == (64, 48)


def test_later_frames_may_have_another_unit(tmp_path):
    later = Frame(frame(1).image, 0.041, 41, 1, Fraction(1, 1000), 1)
    with FileSink(tmp_path / "out.mp4", PLAIN) as sink:
        sink.write(frame(0))
        sink.write(later)
    assert sink.path.exists()
