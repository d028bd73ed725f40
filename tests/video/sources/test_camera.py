"""Cameras, without one: OpenCV reads a file as a camera, or a stand-in replaces OpenCV."""

import subprocess
import sys
from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
import pytest
from helpers.clips import encode, pattern, write_clip

from mtcnn_rt.video.frame import VideoError, VideoFormat
from mtcnn_rt.video.sinks.file import FileSink
from mtcnn_rt.video.sources import camera
from mtcnn_rt.video.sources.camera import CameraSource
from mtcnn_rt.video.sources.file import FileSource


class StandIn:
    """Stands for OpenCV's capture of a camera that gives 640 x 480 and nothing else."""

    def __init__(self, device):
        self.device, self.asked, self.released = device, {}, False
        StandIn.last = self

    def isOpened(self):  # noqa: N802
        return True

    def set(self, name, value):
        self.asked[name] = value
        return False

    def get(self, name):
        return {cv2.CAP_PROP_FPS: 15.0}.get(name, 0.0)

    def read(self):
        return True, np.zeros((480, 640, 3), np.uint8)

    def release(self):
        self.released = True


@pytest.fixture
def stand_in(monkeypatch):
    monkeypatch.setattr(camera.cv2, "VideoCapture", StandIn)
    return StandIn


def test_a_missing_camera_is_named():
    with pytest.raises(VideoError, match=r"^camera 97: ") as caught:
        CameraSource(97)
    assert "\n" not in str(caught.value)
    if sys.platform == "linux":
        assert "not found (" in str(caught.value)


@pytest.mark.parametrize("number", [-1, -(10**12), 1 << 31, 10**30])
def test_numbers_that_no_camera_has_are_refused(number):
    """OpenCV 5 crashes on -1."""
    with pytest.raises(VideoError) as caught:
        CameraSource(number)
    assert str(caught.value) == f"camera {number}: cameras have numbers from 0 on"


def test_nothing_but_the_error_is_written():
    script = "from mtcnn_rt.video.sources.camera import CameraSource; CameraSource(97)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == ""
    assert done.stderr.startswith("Traceback")
    assert done.stderr.rstrip().splitlines()[-1].startswith("mtcnn_rt.video.frame.VideoError: ")


def test_a_file_that_is_no_camera_is_refused(tmp_path):
    (tmp_path / "device").write_text("no camera")
    with pytest.raises(VideoError, match="another program uses it, or it is no camera"):
        CameraSource(tmp_path / "device")


def test_a_device_without_permission_is_named(tmp_path, monkeypatch):
    (tmp_path / "device").write_text("no camera")
    monkeypatch.setattr(camera.os, "access", lambda *_: False)
    monkeypatch.setattr(camera.sys, "platform", "linux")
    with pytest.raises(VideoError, match=f"no permission to use {tmp_path / 'device'}"):
        CameraSource(tmp_path / "device")


def test_frames_come_until_the_camera_is_unplugged(tmp_path):
    clip = encode(tmp_path / "clip.mp4", [pattern(n) for n in range(6)], options={"crf": "5"})
    with CameraSource(clip) as source:
        assert source.format.size == (64, 48)
        frames = []
        with pytest.raises(
            VideoError, match=r"camera .*: gives no more frames; was it unplugged\?"
        ):
            frames.extend(one for one in source if frames.append(one))
    assert [one.index for one in frames] == list(range(5))  # the first one served to get the size
    for one in frames:
        assert abs(one.image.astype(int) - pattern(one.index + 1)).mean() < 6
        assert one.image.flags.writeable
    assert frames[0].time == 0
    for one, other in pairwise(frames):
        assert other.pts > one.pts
        assert other.time - one.time == pytest.approx(other.captured - one.captured, abs=0.0001)


def test_size_and_rate_are_asked_for(stand_in):
    with CameraSource(0, size=(640, 480), fps=60) as source:
        asked = stand_in.last.asked
        assert asked[cv2.CAP_PROP_FRAME_WIDTH] == 640
        assert asked[cv2.CAP_PROP_FRAME_HEIGHT] == 480
        assert asked[cv2.CAP_PROP_FPS] == 60
        assert source.format == VideoFormat((640, 480), Fraction(15), Fraction(1, 90000))
        assert source.notes == []
    assert stand_in.last.released


def test_another_size_than_asked_for_is_noted(stand_in):
    with CameraSource(2, size=(1920, 1080)) as source:
        assert source.notes == ["camera 2 gives 640 x 480, not 1920 x 1080"]
    assert stand_in.last.device == 2


def test_a_camera_is_opened_by_its_path(stand_in):
    with CameraSource("/dev/video2") as source:
        assert source.name == "camera /dev/video2"
    assert stand_in.last.device == "/dev/video2"


@pytest.mark.parametrize("fps", [0.0, -1.0, 90000.0])
def test_a_camera_without_a_rate_has_the_usual_one(stand_in, monkeypatch, fps):
    monkeypatch.setattr(stand_in, "get", lambda self, name: fps)
    with CameraSource(0) as source:
        assert source.format.fps == 30


def test_stop_ends_the_frames(stand_in):
    with CameraSource(0) as source:
        for one in source:
            if one.index == 2:
                source.stop()
    assert one.index == 2


def test_its_frames_can_be_written(tmp_path):
    clip = write_clip(tmp_path / "clip.mp4")
    with CameraSource(clip) as source, FileSink(tmp_path / "o.mp4", source.format) as sink:
        frames = [one for one, _ in zip(source, range(8), strict=False)]
        for one in frames:
            sink.write(one)
    with FileSource(tmp_path / "o.mp4") as source:
        assert [one.pts for one in source] == [one.pts for one in frames]
