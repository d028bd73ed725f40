"""Frames that are sent to network addresses and virtual cameras, with receivers of this machine."""

import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import av
import numpy as np
import pytest
from helpers.clips import PLAIN, frame, join, pattern, write_steady, write_tone

from mtcnn_rt import _packages
from mtcnn_rt._packages import MissingPackageError
from mtcnn_rt.video.frame import VideoError, VideoFormat
from mtcnn_rt.video.sinks import live, network, virtual_camera
from mtcnn_rt.video.sinks.live import LiveSink
from mtcnn_rt.video.sinks.live_places import is_live
from mtcnn_rt.video.sources.file import FileSource


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    with socket.socket(type=kind) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Receiver:
    """Receives one video in a thread.

    Attributes:
        images: The decoded frames.
        times: Their times in seconds.
        sounds: Number of decoded frames of sound.
    """

    def __init__(self, url: str, options: dict[str, str]) -> None:
        self.images: list[np.ndarray] = []
        self.times: list[float | None] = []
        self.sounds = 0
        self._url, self._options = url, options
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._thread.join(20)
        assert not self._thread.is_alive()

    def _receive(self) -> None:
        try:
            with av.open(self._url, options=self._options) as container:
                for packet in container.demux():
                    for one in packet.decode():
                        if isinstance(one, av.VideoFrame):
                            self.images.append(one.to_ndarray(format="bgr24"))
                            self.times.append(one.time)
                        else:
                            self.sounds += 1
        except av.FFmpegError:  # the end of what comes over UDP
            pass


def listening(scheme: str) -> tuple[str, Receiver]:
    """Returns an address, and what receives there."""
    if scheme == "udp":
        port = free_port(socket.SOCK_DGRAM)
        receiver = Receiver(f"udp://127.0.0.1:{port}?timeout=2000000", {})
    elif scheme == "tcp":
        port = free_port()
        receiver = Receiver(f"tcp://127.0.0.1:{port}?listen=1", {})
    elif scheme == "rtmp":
        port = free_port()
        receiver = Receiver(f"rtmp://127.0.0.1:{port}/app/live", {"listen": "1"})
    else:
        port = free_port()
        options = {"rtsp_flags": "listen", "listen_timeout": "15"}
        receiver = Receiver(f"rtsp://127.0.0.1:{port}/live", options)
    path = {"rtsp": "/live", "rtmp": "/app/live"}.get(scheme, "")
    return f"{scheme}://127.0.0.1:{port}{path}", receiver


def write_all(sink: LiveSink, frames: int, image: np.ndarray | None = None) -> None:
    for index in range(frames):
        one = frame(index)
        sink.write(one if image is None else replace(one, image=np.roll(image, index, axis=1)))


def opened(make: Callable[[], LiveSink]) -> LiveSink:
    """Opens a sink once its receiver listens."""
    for _ in range(50):
        try:
            return make()
        except VideoError:
            time.sleep(0.1)
    return make()


@pytest.fixture
def clip(tmp_path):
    """One second with sound."""
    silent = write_steady(tmp_path / "silent.mp4", 25)
    return join(tmp_path / "clip.mp4", silent, write_tone(tmp_path / "tone.mp4", "aac", 1.0))


@pytest.mark.parametrize("scheme", ["udp", "tcp", "rtsp", "rtmp"])
def test_a_receiver_gets_images_and_sound_at_their_times(clip, scheme):
    url, receiver = listening(scheme)
    if scheme == "udp":
        time.sleep(1)
    with FileSource(clip) as source:
        with opened(lambda: LiveSink(url, source.format, source, quality=5)) as sink:
            began = time.perf_counter()
            for one in source:
                sink.write(one)
            took = time.perf_counter() - began
        assert (sink.name, sink.damaged) == (url, 0)
    receiver.end()
    assert took > 0.9  # the rate of the file
    assert len(receiver.images) >= 23
    patterns = np.stack([pattern(index) for index in range(25)]).astype(int)
    shown = [int(np.abs(patterns - one).sum(axis=(1, 2, 3)).argmin()) for one in receiver.images]
    assert shown == list(range(25))[-len(shown) :]
    steps = np.diff([one for one in receiver.times if one is not None])  # RTSP: none at first
    np.testing.assert_allclose(steps, 0.04, atol=0.003)
    assert receiver.sounds > 30


def test_frames_that_come_late_are_sent_at_once_and_others_wait(monkeypatch):
    waits = []
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(live, "perf_counter", lambda: clock.now)
    monkeypatch.setattr(live, "sleep", waits.append)
    sink = LiveSink(f"udp://127.0.0.1:{free_port(socket.SOCK_DGRAM)}", PLAIN)
    for index, now in enumerate([100.0, 100.0, 100.1, 103.0, 103.0]):
        clock.now = now
        sink.write(frame(index))
    sink.close()
    assert [round(wait, 3) for wait in waits] == [0, 0.04, 0, 0, 0.04]


def test_frames_of_a_camera_are_sent_as_they_come(monkeypatch):
    monkeypatch.setattr(live, "sleep", lambda _: pytest.fail("waits"))
    port = free_port(socket.SOCK_DGRAM)
    with LiveSink(f"udp://127.0.0.1:{port}", PLAIN, paced=False) as sink:
        for index in range(20):
            sink.write(frame(index))


@pytest.mark.parametrize("scheme", ["tcp", "rtsp", "rtmp"])
def test_an_address_without_a_receiver_is_one_line_without_password(scheme):
    port = free_port()
    with pytest.raises(VideoError) as caught:
        LiveSink(f"{scheme}://me:secret@127.0.0.1:{port}/live?key=secret", PLAIN)
    assert str(caught.value).startswith(f"{scheme}://127.0.0.1:{port}/live: cannot be opened: ")
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_an_unknown_scheme_is_refused():
    with pytest.raises(VideoError, match=r"no video can be sent to ftp://, only to rtsp://, "):
        LiveSink("ftp://127.0.0.1/a", PLAIN)


def test_an_unknown_encoder_is_refused():
    port = free_port(socket.SOCK_DGRAM)
    with pytest.raises(VideoError, match=r"cannot encode with 'nothing'"):
        LiveSink(f"udp://127.0.0.1:{port}", PLAIN, codec="nothing")


def test_a_lost_connection_is_an_error_of_one_line():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        sink = LiveSink(f"tcp://127.0.0.1:{port}", PLAIN, paced=False)
        server.accept()[0].close()
    with pytest.raises(VideoError, match=rf"^tcp://127.0.0.1:{port}: cannot be written: "):
        write_all(sink, 2000)
    with pytest.raises(VideoError), sink:
        pass
    with pytest.raises(KeyboardInterrupt), sink:
        raise KeyboardInterrupt


def test_a_receiver_that_takes_nothing_ends_the_output(monkeypatch):
    monkeypatch.setattr(network, "TIMEOUT", 1)
    noise = np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8)
    video = VideoFormat((320, 240), Fraction(25), Fraction(1, 25))
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        place = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with (
            pytest.raises(VideoError, match=r": cannot be written: .*timed out"),
            LiveSink(place, video, quality=0, paced=False) as sink,
        ):
            write_all(sink, 5000, noise)


@pytest.mark.parametrize("scheme", ["rtmp", "rtsp"])
def test_a_server_that_never_answers_ends_the_output(monkeypatch, scheme):
    monkeypatch.setattr(network, "TIMEOUT", 1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"{scheme}://me:secret@127.0.0.1:{server.getsockname()[1]}/app/live"
        with pytest.raises(VideoError, match=r": cannot be opened: ") as caught:
            LiveSink(url, PLAIN)
    message = str(caught.value)
    assert message.endswith(("no answer in time", "Connection timed out"))
    assert "secret" not in message


class Late:
    """An output that takes its first frame only when it is released."""

    notes, damaged = (), 0

    def __init__(self) -> None:
        self.released, self.closed = threading.Event(), threading.Event()

    def opened_late(self) -> "Late":
        self.released.wait(20)
        return self

    def write(self, _) -> None:
        self.released.wait(20)

    def close(self) -> None:
        self.closed.set()


@pytest.mark.parametrize("opens", [True, False])
def test_an_output_that_answers_too_late_is_closed(monkeypatch, opens):
    late = Late()
    monkeypatch.setattr(network, "TIMEOUT", -0.7)  # 0.3 seconds, with `_MORE`
    monkeypatch.setattr(network, "NetworkOutput", lambda *_: late if opens else late.opened_late())
    with (
        pytest.raises(VideoError, match=r"^udp://localhost:9: cannot be .*: no answer in time$"),
        LiveSink("udp://localhost:9", PLAIN, paced=False) as sink,
    ):
        sink.write(frame(0))
    assert not late.closed.is_set()
    late.released.set()
    assert late.closed.wait(20)


def test_special_characters_of_a_key_reach_rtmp(monkeypatch):
    opened = []
    monkeypatch.setattr(network.av, "open", lambda place, *_, **__: opened.append(place))
    network._opened("rtmp://a/live/[k|e'y]", "flv")
    assert opened == ["[f=flv:rw_timeout=10000000:flush_packets=1]rtmp://a/live/\\[k\\|e\\'y\\]"]


@pytest.mark.skipif(sys.platform != "linux", reason="Video4Linux")
def test_a_device_that_is_not_there_is_one_line():
    with pytest.raises(VideoError, match=r"^/dev/video98: cannot be opened: No such file or direc"):
        LiveSink("/dev/video98", PLAIN)


@pytest.fixture
def cameras(monkeypatch) -> list:
    """Stands for pyvirtualcam; holds the cameras that are opened."""
    opened = []

    class Camera:
        def __init__(self, width, height, fps, *, device, fmt):
            if device == "taken":
                raise RuntimeError("the device is in use")
            self.settings = (width, height, fps, device, fmt)
            self.images, self.closed = [], False
            opened.append(self)

        def send(self, image):
            self.images.append(image.copy())

        def close(self):
            self.closed = True

    module = SimpleNamespace(Camera=Camera, PixelFormat=SimpleNamespace(BGR="bgr"))
    monkeypatch.setitem(sys.modules, "pyvirtualcam", module)
    return opened


@pytest.mark.parametrize(("place", "device"), [("camera:", None), ("camera:OBS", "OBS")])
def test_a_virtual_camera_gets_the_frames(cameras, place, device):
    video = VideoFormat((64, 48), Fraction(30), Fraction(1, 30))
    with LiveSink(place, video, paced=False) as sink:
        for index in range(5):
            sink.write(frame(index))
    [camera] = cameras
    assert camera.settings == (64, 48, 30.0, device, "bgr")
    assert camera.closed
    assert all((image == pattern(i)).all() for i, image in enumerate(camera.images))
    assert len(camera.images) == 5


def test_a_device_goes_to_pyvirtualcam_where_ffmpeg_has_no_video4linux(cameras, monkeypatch):
    monkeypatch.setattr(live.av, "formats_available", set())
    LiveSink("/dev/video98", PLAIN).close()
    assert cameras[0].settings[3] == "/dev/video98"


def test_a_device_whose_encoder_fails_is_closed(monkeypatch):
    closed = []
    device = SimpleNamespace(close=lambda: closed.append(True))

    def fail(*_):
        raise VideoError("no such encoder")

    monkeypatch.setattr(virtual_camera.av, "open", lambda *_, **__: device)
    monkeypatch.setattr(virtual_camera, "VideoEncoder", fail)
    with pytest.raises(VideoError, match="no such encoder"):
        virtual_camera.DeviceOutput("/dev/video98", PLAIN)
    assert closed == [True]


def test_a_virtual_camera_that_cannot_be_opened_is_one_line(cameras):
    with pytest.raises(VideoError, match=r"^camera:taken: cannot be opened: the device is in use$"):
        LiveSink("camera:taken", PLAIN)


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)
    monkeypatch.setattr(_packages, "_has", lambda name: False)
    with pytest.raises(MissingPackageError, match=r"pip install pyvirtualcam .*extra `live`"):
        LiveSink("camera:", PLAIN)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("rtsp://a/b", True),
        ("udp://127.0.0.1:5000", True),
        ("/dev/video0", True),
        ("/dev/v4l/by-id/x", True),
        ("camera:", True),
        ("out.mp4", False),
        ("C:\\videos\\out.mp4", False),
        ("/dev/null", False),
        ("camera.mp4", False),
    ],
)
def test_places_are_told_apart(place, expected):
    assert is_live(place) is expected
