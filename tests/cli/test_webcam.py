"""Tests of `mtcnn-rt webcam` without a screen: a video for the camera, a page for the window."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers.live_pages import stream_of_images

from mtcnn_rt.video.frame import VideoError
from mtcnn_rt.video.sinks.file import FileSink
from mtcnn_rt.video.sources.file import FileSource

SAMPLE = Path(str(files("mtcnn_rt") / "sample.mp4"))
FAST = ("--min-face-size", "60", "--threads", "1")


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory):
    """Returns a clip of 20 seconds, 640 x 360 at 25 fps: the packaged one four times."""
    path = tmp_path_factory.mktemp("clips") / "long.mp4"
    with FileSource(SAMPLE) as source:
        frames = list(source)
        step = frames[1].pts - frames[0].pts
        with FileSink(path, source.format, preset="ultrafast") as sink:
            for index, frame in enumerate(4 * frames):
                pts = frames[0].pts + index * step
                time_ = float(pts * frame.time_base)
                sink.write(replace(frame, pts=pts, time=time_, index=index))
    return path


class Page:
    """Acts as a browser at the address that the command prints."""

    def __init__(self, port, token, command):
        self.port, self.token, self.command = port, token, command

    def ask(self, method, path, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, body

    @property
    def status(self):
        return json.loads(self.ask("GET", "/status")[1])

    def press(self, action):
        assert self.ask("POST", f"/do/{action}", {"X-Mtcnn-Rt-Token": self.token})[0] == 204

    def wait(self, condition, seconds=10):
        deadline = time.monotonic() + seconds
        while not condition(status := self.status):
            assert time.monotonic() < deadline, status
            time.sleep(0.05)
        return status

    def watching(self):
        """Gives the stream of images as a file."""
        return stream_of_images(self.port, timeout=10)

    def end(self, number=signal.SIGINT):
        """Ends the command by a signal. Returns its exit status, output, errors, and seconds."""
        begin = time.monotonic()
        self.command.send_signal(number)
        out, errors = self.command.communicate(timeout=30)
        return self.command.returncode, out, errors, time.monotonic() - begin


def next_image(answer):
    length = None
    while (line := answer.readline()) != b"\r\n" or length is None:
        assert line, "the stream has ended"
        if line.startswith(b"Content-Length:"):
            length = int(line.split(b":")[1])
    return cv2.imdecode(np.frombuffer(answer.read(length), np.uint8), cv2.IMREAD_COLOR)


@pytest.fixture
def webcam(program, tmp_path):
    """Returns a function that starts `mtcnn-rt webcam` with a page, and returns a `Page`."""
    commands = []

    def begin(*words, web=("--web", "127.0.0.1:0"), environment=None):
        command = subprocess.Popen(
            [*program, "webcam", *FAST, *web, *map(str, words)],
            cwd=tmp_path,
            env={**os.environ, **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        commands.append(command)
        line = command.stdout.readline()
        match = re.search(r"watch at http://127\.0\.0\.1:(\d+)/$", line)
        assert match, line + command.stderr.read()
        control = command.stdout.readline()
        link = re.fullmatch(rf"control at http://127\.0\.0\.1:{match[1]}/#token=(\S+)\n", control)
        assert link, control
        return Page(int(match[1]), link[1], command)

    yield begin
    for command in commands:
        if command.poll() is None:
            command.kill()
        command.communicate()


def colored(image):
    """Counts the pixels with the colors of the boxes, which are rare in the clip."""
    saturation = image.max(2).astype(int) - image.min(2)
    return int(((saturation > 120) & (image.max(2) > 200)).sum())


def test_the_page_shows_the_faces(webcam, long_clip):
    page = webcam("--camera", long_clip)
    status, body = page.ask("GET", "/")
    assert status == 200
    assert b"<!doctype html>" in body
    with page.watching() as stream:
        images = [next_image(stream) for _ in range(10)]
    assert all(image.shape == (360, 640, 3) for image in images)
    with FileSource(SAMPLE) as source:
        plain = next(iter(source)).image
    assert colored(images[-1]) > colored(plain) + 300
    status = page.wait(lambda status: status["fps"] > 10)
    assert status["fps"] < 40
    assert 0 < status["latency"] < 1000
    assert status["dropped"] >= 0
    assert status["faces"] == 4
    assert status["tracking"]
    assert status["anonymize"] == "off"
    assert not status["recording"]


def test_the_buttons_act(webcam, long_clip, tmp_path):
    (tmp_path / "snapshot-1.png").write_text("precious")
    page = webcam("--camera", long_clip)
    page.wait(lambda status: status["faces"] > 0)
    page.press("tracking")
    page.wait(lambda status: not status["tracking"] and status["faces"] > 0)
    for method in ("blur", "pixelate", "solid", "off", "blur"):
        page.press("anonymize")
        page.wait(lambda status, method=method: status["anonymize"] == method)
    page.press("pause")
    page.wait(lambda status: status["paused"])
    with page.watching() as stream:
        assert next_image(stream).shape == (360, 640, 3)  # though none is shown any more
    page.press("snapshot")
    assert page.wait(lambda status: status["message"])["message"] == "saved snapshot-2.png"
    assert cv2.imread(str(tmp_path / "snapshot-2.png")).shape == (360, 640, 3)
    page.press("snapshot")
    expected = "not saved: at most one snapshot every 1 s"
    page.wait(lambda status: status["message"] == expected)
    assert (tmp_path / "snapshot-1.png").read_text() == "precious"
    page.press("pause")
    page.wait(lambda status: not status["paused"])
    forbidden = page.ask("POST", "/do/pause", {"Origin": "http://elsewhere.example"})[0]
    assert forbidden == 403
    code, _, errors, _ = page.end()
    assert code == 0
    assert errors == "mtcnn-rt: saved snapshot-2.png\n"


def test_viewers_control_nothing_and_nobody_uncovers_faces(webcam, long_clip, tmp_path):
    page = webcam("--camera", long_clip, "--anonymize", "solid")
    page.wait(lambda status: status["faces"] > 0)
    for action in ("anonymize", "pause", "tracking", "snapshot"):
        assert page.ask("POST", f"/do/{action}")[0] == 401
    status, image = page.ask("GET", "/snapshot.jpg")
    assert status == 200
    assert cv2.imdecode(np.frombuffer(image, np.uint8), 1).shape == (360, 640, 3)
    for method in ("blur", "pixelate", "solid", "blur"):
        page.press("anonymize")
        page.wait(lambda status, method=method: status["anonymize"] == method)
    page.press("tracking")
    expected = "tracking stays as it is with --anonymize"
    status = page.wait(lambda status: status["message"] == expected)
    assert status["tracking"]
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("words", "watch"),
    [
        (("--web", "0.0.0.0:0"), True),
        (("--web", "0.0.0.0:0", "--web-public"), False),
        (("--web", "127.0.0.1:0", "--allow-host", "cam.example"), True),
    ],
)
def test_links_are_printed(run, clip, words, watch):
    result = run("webcam", "--camera", clip, *words)
    assert result.exit_code == 0, result.stderr
    token = r"#token=[\w-]{22}"
    expected = (
        rf"watch at (http://\S+:\d+/){token if watch else ''}\n"
        rf"control at \1{token}\n"
    )
    assert re.fullmatch(expected, result.stdout)


def test_viewers_do_not_reduce_the_frame_rate(webcam, long_clip):
    page = webcam("--camera", long_clip)
    page.wait(lambda status: status["fps"] > 10)
    time.sleep(1.5)
    unwatched = page.status["fps"]
    with page.watching() as one, page.watching() as other, page.watching():
        page.wait(lambda status: status["viewers"] == 3)
        readers = [
            threading.Thread(target=lambda s=s: deque((next_image(s) for _ in range(45)), 0))
            for s in (one, other)
        ]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join(30)
        assert page.status["fps"] > 0.8 * unwatched


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_finishes_the_recording(webcam, long_clip, tmp_path, number):
    page = webcam("--camera", long_clip, "--record", "out.mp4", "--anonymize", "solid")
    status = page.wait(lambda status: status["faces"] > 0)
    assert status["recording"]
    assert status["anonymize"] == "solid"
    with page.watching() as stream, page.watching():
        for _ in range(15):
            next_image(stream)
        code, out, errors, seconds = page.end(number)
    assert (code, errors) == (0, "")
    assert seconds < 2
    frames = int(re.fullmatch(r"(\d+) frames recorded: out\.mp4\n", out)[1])
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]
    with FileSource(tmp_path / "out.mp4") as source:
        times = [frame.time for frame in source]
    assert len(times) == frames >= 15
    assert times == sorted(times)
    with socket.create_server(("127.0.0.1", page.port)):  # it is free again
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize(("record", "code"), [(["--record", "out.mp4"], 130), ([], 0)])
def test_a_signal_before_the_first_image_leaves_no_recording(run, clip, monkeypatch, record, code):
    def stopped_at_once(session, stopped):
        signal.raise_signal(signal.SIGTERM)
        assert stopped()

    monkeypatch.setattr("mtcnn_rt.live.session.Session.run", stopped_at_once)
    result = run("webcam", "--camera", clip, "--web", "127.0.0.1:0", *record)
    assert result.exit_code == code
    line = "mtcnn-rt: ended before the first image: out.mp4 is not written\n"
    assert result.stderr == (line if code else "")
    assert os.listdir() == [clip.name]


def test_the_command_ends_with_the_video(run, clip):
    begin = time.monotonic()
    result = run("webcam", "--camera", clip, "--web", "127.0.0.1:0", "--record", "out.mkv")
    assert result.exit_code == 0, result.stderr
    assert time.monotonic() - begin > 9 / 25  # at its own rate
    assert re.search(r"^\d+ frames recorded: out\.mkv$", result.stdout, re.M)
    with FileSource("out.mkv") as source:
        assert source.size == (64, 48)
    names = [thread.name for thread in threading.enumerate()]
    assert not [name for name in names if name.startswith("mtcnn-rt")]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks for X or Wayland")
def test_without_a_screen_there_is_a_page(run, clip, monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr("mtcnn_rt.cli.webcam_opening.WEB_PORT", 0)
    result = run("webcam", "--camera", clip)
    assert result.exit_code == 0, result.stderr
    expected = (
        r"there is no screen here: watch at (http://127\.0\.0\.1:\d+/)\n"
        r"control at \1#token=[\w-]{22}\n"
    )
    assert re.fullmatch(expected, result.stdout)


def test_a_port_in_use_is_named(run, clip):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("webcam", "--camera", clip, "--web", port, "--record", "out.mp4")
    assert result.exit_code == 2
    expected = rf"mtcnn-rt: error: 127\.0\.0\.1:{port}: .*[Aa]ddress.*\n"
    assert re.fullmatch(expected, result.stderr)
    assert os.listdir() == [clip.name]


def test_a_missing_camera_is_named(run):
    result = run("webcam", "--camera", 97, "--web", "127.0.0.1:0", "--record", "out.mp4")
    assert result.exit_code == 2
    assert re.fullmatch(r"mtcnn-rt: error: camera 97: .+\n", result.stderr)
    assert os.listdir() == []


def test_a_camera_that_is_unplugged_comes_back_and_the_recording_goes_on(run, monkeypatch):
    class Camera:
        name, notes, live = "camera 3", ["camera 3 gives 640 x 360, not 1 x 1"], True
        opened = 0

        def __init__(self, camera, size, fps):
            assert (camera, size, fps) == (3, (1, 1), 30)
            Camera.opened += 1
            self.source = FileSource(SAMPLE)
            self.format = self.source.format

        def __iter__(self):
            for frame in self.source:
                if frame.index == 20 and Camera.opened == 1:
                    raise VideoError("camera 3: gives no more frames; was it unplugged?")
                if frame.index == 20:
                    os.kill(os.getpid(), signal.SIGINT)
                time.sleep(0.04)
                yield replace(frame, captured=time.perf_counter())

        def stop(self): ...

        def close(self):
            self.source.close()

    monkeypatch.setattr("mtcnn_rt.video.sources.camera.CameraSource", Camera)
    words = ("--camera", 3, "--size", "1x1", "--fps", 30, "--web", 0, "--record", "out.mp4")
    result = run("webcam", *words, "--anonymize", "solid", *FAST)
    assert result.exit_code == 0
    assert result.stderr == (
        "mtcnn-rt: camera 3 gives 640 x 360, not 1 x 1\n"
        "mtcnn-rt: camera 3: gives no more frames; was it unplugged?; trying again in 1 s\n"
        "mtcnn-rt: camera 3: is back\n"
    )
    assert Camera.opened == 2
    with FileSource("out.mp4") as recorded, FileSource(SAMPLE) as source:
        frames, first = list(recorded), next(iter(source)).image
    near, far = (
        np.abs(frames[0].image.astype(int) - other).mean() for other in (first[:, ::-1], first)
    )
    assert near < far  # mirrored
    steps = np.diff([frame.time for frame in frames])
    assert steps.max() >= 1  # as long as it was away
    assert np.sum(steps > 0.5) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--size", "big"), "'big' is not a size such as 1280x720"),
        (("--size", "0x1"), "'0x1' is not a size"),
        (("--web", "http://x"), "'http://x' is not an address such as 127.0.0.1:8000"),
        (("--web", "127.0.0.1:70000"), "is not an address"),
        (("--camera", "clip.mp4", "--web-public"), "--web-public and --allow-host need --web"),
        (("--allow-host", "cam.example"), "--web-public and --allow-host need --web"),
        (("--web", "--allow-host", "cam.example:80"), "'cam.example:80' is not the name of a host"),
        (("--web", "--allow-host", ""), "'' is not the name of a host such as camera.example"),
        (("--camera", "clip.mp4", "--fps", 5), "--size and --fps are for cameras"),
        (("--camera", "none.mp4"), "none.mp4: no such file"),
        (("--camera", "clip.mp4", "--record", "clip.mp4"), "never overwritten"),
        (("--camera", "clip.mp4", "--jsonl", "clip.mp4"), "never overwritten"),
        (("--camera", "clip.mp4", "--web", 0, "--record", "out.txt"), "cannot write this file"),
        (("--no-track", "--no-smooth"), "have no effect with --no-track"),
        (("--no-track", "--anonymize", "solid"), "--no-track: expected without --anonymize"),
        (("--detect-every", 9, "--anonymize", "solid"), "expected 1 with --anonymize, not 9"),
        (("--no-track", "--detect-every", 2), "have no effect with --no-track"),
        (("--detect-every", 0), "0 is not in the range"),
    ],
)
def test_wrong_options_are_refused(run, clip, words, message):
    result = run("webcam", *words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert os.listdir() == [clip.name]
