"""Live sources: network cameras, paced files, and sources that reconnect."""

import threading
import time
from fractions import Fraction
from itertools import islice
from types import SimpleNamespace

import numpy as np
import pytest
from helpers.clips import STARTS, encode, frame, pattern, write_clip, write_steady
from helpers.rtsp import camera

from mtcnn_rt.video.frame import Source, VideoError, VideoFormat
from mtcnn_rt.video.sources import paced
from mtcnn_rt.video.sources.camera import CameraSource
from mtcnn_rt.video.sources.file import FileSource
from mtcnn_rt.video.sources.paced import PacedSource
from mtcnn_rt.video.sources.reconnecting import Reconnecting


def test_all_of_them_are_sources(tmp_path):
    """Also checks the types: `made` is a list of `Source`."""
    clip = str(write_steady(tmp_path / "clip.mp4", 3))
    made: list[Source] = [
        FileSource(clip),
        PacedSource(FileSource(clip)),
        Reconnecting(lambda: FileSource(clip)),
        CameraSource(clip),
    ]
    assert [source.live for source in made] == [False, True, True, True]
    for source in made:
        assert source.format.size == (64, 48)
        assert clip in source.name
        source.stop()
        assert len(list(source)) <= 1
        source.close()


def test_rtsp_frames_are_read():
    with camera(frames=30) as server, FileSource(server.url) as source:
        assert source.name == f"rtsp://127.0.0.1:{server.port}/live"
        assert (source.size, source.frame_count, source.live) == ((64, 48), 0, False)
        frames = list(source)
    assert [one.pts for one in frames] == list(range(0, 54000, 1800))
    assert abs(frames[29].image.astype(int) - pattern(29)).mean() < 12
    assert source.errors == 0


@pytest.mark.parametrize("ahead", [-5000, -100, 1, 5, 100, 1000])
def test_rtsp_times_count_from_the_first_frame(ahead):
    """FFmpeg counts them from the camera's first report, and gives the first frame none."""
    with camera(frames=10, ahead=ahead) as server, FileSource(server.url) as source:
        assert [one.pts for one in source] == list(range(0, 18000, 1800))
        assert source.format.start == 0


def test_rtsp_without_data_ends():
    with camera(frames=10, silent=True) as server, FileSource(server.url, timeout=0.5) as source:
        assert len(list(source)) == 10
        assert source.notes == ["ended early: no answer in time"]


@pytest.fixture
def clock(monkeypatch) -> SimpleNamespace:
    """A clock for paced sources that moves only where they wait, and where a test moves it."""
    moved = SimpleNamespace(now=100.0)

    class Stop(threading.Event):
        def wait(self, timeout: float) -> bool:
            moved.now += timeout
            return self.is_set()

    monkeypatch.setattr(paced, "perf_counter", lambda: moved.now)
    monkeypatch.setattr(paced, "Event", Stop)
    return moved


class TestPacedSource:
    def test_frames_come_at_their_times(self, tmp_path, clock):
        clip = write_clip(tmp_path / "clip.mp4")
        with PacedSource(FileSource(clip)) as source:
            frames, came = zip(*((one, clock.now) for one in source), strict=True)
        times = [pts / 12800 for pts in STARTS]
        assert [one.pts for one in frames] == STARTS
        assert [one.time for one in frames] == pytest.approx(times)
        assert [at - 100 for at in came] == pytest.approx(times)
        assert [one.captured for one in frames] == list(came)

    def test_no_frame_comes_before_its_time(self, tmp_path):
        clip = write_steady(tmp_path / "clip.mp4", 12)
        with PacedSource(FileSource(clip)) as source:
            begin = time.perf_counter()
            came = [(time.perf_counter(), one) for one in source]
        assert len(came) == 12
        for at, one in came:
            assert at - begin > one.time - 0.001
            assert one.captured <= at

    def test_a_loop_goes_on_where_it_ends(self, tmp_path):
        clip = write_steady(tmp_path / "clip.mp4", 4)
        with PacedSource(FileSource(clip), loop=True) as source:
            frames = list(islice(source, 11))
        assert [one.index for one in frames] == list(range(11))
        assert [one.time for one in frames] == pytest.approx([n / 25 for n in range(11)])
        for one in frames:
            assert abs(one.image.astype(int) - pattern(one.index % 4)).mean() < 12

    def test_a_loop_has_the_span_of_its_source_each_time(self, tmp_path):
        clip = write_steady(tmp_path / "clip.mp4", 8)
        source = FileSource(clip, start=0.08, end=0.2)
        with PacedSource(source, loop=True) as looped:
            frames = list(islice(looped, 8))
        assert [one.time for one in frames] == pytest.approx([n / 25 for n in range(8)])
        for one in frames:
            assert abs(one.image.astype(int) - pattern(2 + one.index % 3)).mean() < 12

    def test_without_a_loop_it_ends(self, tmp_path):
        with PacedSource(FileSource(write_steady(tmp_path / "clip.mp4", 4))) as source:
            assert len(list(source)) == 4

    def test_after_a_pause_of_the_reader_it_keeps_its_rate(self, tmp_path, clock):
        clip = write_steady(tmp_path / "clip.mp4", 12)
        came = []
        with PacedSource(FileSource(clip)) as source:
            for one in source:
                came.append(clock.now - 100)
                if one.index == 3:
                    clock.now += 0.8
        begun = [0.04 * n for n in range(4)]
        assert came == pytest.approx([*begun, *(0.92 + 0.04 * n for n in range(8))])

    def test_after_a_short_pause_it_catches_up(self, tmp_path, clock):
        clip = write_steady(tmp_path / "clip.mp4", 12)
        came = []
        with PacedSource(FileSource(clip)) as source:
            for one in source:
                came.append(clock.now - 100)
                if one.index == 3:
                    clock.now += 0.2
        at_once = [0.32] * 5  # those due meanwhile, and the one due now
        begun, then = ([0.04 * n for n in which] for which in (range(4), range(9, 12)))
        assert came == pytest.approx([*begun, *at_once, *then])

    def test_it_stops_while_it_waits(self, tmp_path):
        clip = write_clip(tmp_path / "clip.mp4", [0, 12800 * 60], [12800 * 60, 512])
        with PacedSource(FileSource(clip)) as source:
            threading.Timer(0.2, source.stop).start()
            begin = time.monotonic()
            assert len(list(source)) == 1
            assert time.monotonic() - begin < 5

    def test_a_source_that_is_no_file_cannot_loop(self):
        with camera() as server, FileSource(server.url) as source:
            with pytest.raises(VideoError, match="cannot start again, only a file can"):
                PacedSource(source, loop=True)
            PacedSource(source)


class Fragile:
    """A camera that fails after three frames."""

    name, live = "camera", True

    def __init__(self, size=(64, 48), unit=25):
        self.notes, self._unit, self.closed = [], unit, False
        self.format = VideoFormat(size, Fraction(25), Fraction(1, unit))

    def __iter__(self):
        for index in range(3):
            yield frame(index, self.format.size, self._unit)
        raise VideoError("camera: gives no more frames")

    def stop(self):
        pass

    def close(self):
        self.closed = True


class TestReconnecting:
    def test_frames_go_on(self):
        reports, opened = [], []

        def open_it():
            opened.append(Fragile())
            return opened[-1]

        with Reconnecting(open_it, reports.append, first_delay=0.1) as source:
            frames = list(islice(source, 8))
        assert [one.index for one in frames] == list(range(8))
        pts = [one.pts for one in frames]
        assert pts == sorted(set(pts))
        assert frames[3].time - frames[2].time >= 0.1  # as long as it was away
        assert (
            reports
            == ["camera: gives no more frames; trying again in 0.1 s", "camera: is back"] * 2
        )
        assert [one.closed for one in opened] == [True] * 3

    def test_delays_grow(self):
        calls = iter([True, *[False] * 5, True])

        def open_it():
            if not next(calls, False):
                raise VideoError("camera: busy")
            return Fragile()

        reports = []
        with Reconnecting(open_it, reports.append, first_delay=0.01, longest_delay=0.05) as source:
            frames = iter(source)
            for _ in range(6):
                next(frames)
            threading.Timer(0.3, source.stop).start()
            assert list(frames) == []
        delays = [float(line.split()[-2]) for line in reports if "again" in line]
        assert delays[:6] == [0.01, 0.02, 0.04, 0.05, 0.05, 0.05]
        assert delays[6] == 0.01  # again, after it was back
        assert "camera: busy; trying again in 0.02 s" in reports

    def test_a_source_that_is_missing_at_first_is_an_error(self):
        def open_it():
            raise VideoError("camera 0: not found")

        with pytest.raises(VideoError, match="camera 0: not found"):
            Reconnecting(open_it)

    def test_size_and_time_base_stay(self):
        """Another camera may replace the first one."""
        lives = iter([((64, 48), 25), ((128, 96), 1000)])
        with Reconnecting(lambda: Fragile(*next(lives)), first_delay=0) as source:
            frames = list(islice(source, 6))
        assert {one.image.shape for one in frames} == {(48, 64, 3)}
        assert {one.time_base for one in frames} == {Fraction(1, 25)}
        assert np.diff([one.pts for one in frames]).min() >= 1

    def test_stop_ends_the_longest_wait(self):
        with Reconnecting(Fragile, first_delay=60, longest_delay=60) as source:
            frames = iter(source)
            for _ in range(3):
                next(frames)
            threading.Timer(0.2, source.stop).start()
            begin = time.monotonic()
            assert list(frames) == []
            assert time.monotonic() - begin < 5

    def test_stop_ends_the_frames(self, tmp_path):
        clip = encode(tmp_path / "clip.mp4", [pattern(n) for n in range(20)])
        with Reconnecting(lambda: FileSource(clip), first_delay=0) as source:
            seen = 0
            for seen, _ in enumerate(source, 1):
                if seen == 30:  # it has been opened again
                    source.stop()
            assert seen == 30

    def test_a_camera_that_is_switched_off_and_on(self):
        reports = []
        with camera(frames=10) as server:
            open_it = lambda: FileSource(server.url, timeout=2)  # noqa: E731
            with Reconnecting(open_it, reports.append, first_delay=0.1) as source:
                frames = iter(source)
                before = [next(frames) for _ in range(10)]
                port = server.port
                server.close()
                threading.Timer(0.5, start_again, [port]).start()
                after = [next(frames) for _ in range(10)]
        while SERVERS:
            SERVERS.pop().close()
        name = f"rtsp://127.0.0.1:{port}/live"
        assert reports[0] == f"{name}: ended; trying again in 0.1 s"
        assert f"{name}: cannot be opened (Connection refused); trying again in 0.2 s" in reports
        assert reports[-1] == f"{name}: is back"
        assert [one.index for one in before + after] == list(range(20))
        assert after[0].time - before[-1].time > 0.4
        assert "secret" not in "".join(reports)


SERVERS = []


def start_again(port):
    from helpers.rtsp import Camera

    SERVERS.append(Camera(frames=10, port=port))
