"""The pipeline: order, threads, exceptions and live sources."""

import gc
import io
import threading
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from helpers.clips import write_steady

import mtcnn_rt
from mtcnn_rt import MTCNN, Faces
from mtcnn_rt.tracking import Tracker
from mtcnn_rt.video import pipeline, reader
from mtcnn_rt.video.frame import Frame
from mtcnn_rt.video.pipeline import stream
from mtcnn_rt.video.reader import READ_AHEAD

SAMPLE = Path(mtcnn_rt.__file__).parent / "sample.mp4"


def make_frame(index):
    image = np.full((4, 6, 3), index % 256, np.uint8)
    return Frame(image, index / 25, index, 1, Fraction(1, 25), index)


def frames(count):
    return (make_frame(index) for index in range(count))


def collect(results, into):
    for result in results:
        into.append(result.frame.index)


def one_face(score):
    return Faces(
        np.zeros((1, 4), np.float32),
        np.full(1, score, np.float32),
        np.zeros((1, 5, 2), np.float32),
    )


class Detector:
    """Gives a face whose score is the gray level; odd images take longer than even ones."""

    def __init__(self, seconds=0.0):
        self.seconds = seconds
        self.running = self.most_running = 0
        self._lock = threading.Lock()

    def detect(self, image):
        with self._lock:
            self.running += 1
            self.most_running = max(self.most_running, self.running)
        time.sleep(self.seconds * (1 + image[0, 0, 0] % 2))
        with self._lock:
            self.running -= 1
        return one_face(image[0, 0, 0])


@pytest.fixture(autouse=True)
def no_thread_is_left():
    before = set(threading.enumerate())
    yield
    gc.collect()
    deadline = time.monotonic() + 2
    while set(threading.enumerate()) - before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert set(threading.enumerate()) - before == set()


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("count", [0, 1, 2, 30])
def test_every_frame_comes_once_and_in_order(workers, count):
    detector = Detector(seconds=0.002)
    results = list(stream(frames(count), detector, workers))
    assert [result.frame.index for result in results] == list(range(count))
    assert [result.time for result in results] == [index / 25 for index in range(count)]
    assert [result.faces.scores[0] for result in results] == list(range(count))
    assert all(result.ids is None and result.hidden.shape == (0, 4) for result in results)
    assert all(result.dropped == 0 for result in results)


def test_workers_search_frames_at_the_same_time():
    detector = Detector(seconds=0.03)
    list(stream(frames(12), detector, workers=3))
    assert detector.most_running == 3
    detector = Detector(seconds=0.01)
    list(stream(frames(12), detector, workers=1))
    assert detector.most_running == 1


def test_reading_runs_a_few_frames_ahead():
    read = []

    def source():
        for frame in frames(1000):
            read.append(frame.index)
            yield frame

    results = stream(source(), Detector(), workers=2)
    for _ in range(3):
        next(results)
    time.sleep(0.2)
    # Three taken, four given to the workers, READ_AHEAD waiting, and one on either side of them.
    assert 3 < len(read) <= 3 + 4 + 1 + READ_AHEAD + 1
    results.close()


def test_a_live_source_gives_the_newest_frame_and_counts_the_others():
    def camera():
        for frame in frames(50):
            time.sleep(0.005)
            yield frame

    results = list(stream(camera(), Detector(seconds=0.02), live=True))
    indices = [result.frame.index for result in results]
    assert indices == sorted(set(indices))
    assert 3 <= len(indices) < 25
    assert indices[-1] == 49
    assert results[-1].dropped == 50 - len(indices)


def test_live_is_taken_from_the_source():
    class Camera:
        live = True

        def __iter__(self):
            for frame in frames(20):
                time.sleep(0.005)
                yield frame

    assert list(stream(Camera(), Detector(seconds=0.02)))[-1].dropped > 0


@pytest.mark.parametrize("workers", [1, 3])
def test_an_exception_of_the_detector_is_raised_after_the_results_before_it(workers):
    class Broken(Detector):
        def detect(self, image):
            if image[0, 0, 0] == 5:
                raise RuntimeError("no more")
            return super().detect(image)

    seen = []
    with pytest.raises(RuntimeError, match=r"^no more$"):
        collect(stream(frames(100), Broken(), workers), seen)
    assert seen == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_exception_of_the_source_is_raised_after_the_results_before_it(error):
    def source():
        yield from frames(3)
        raise error("gone")

    seen = []
    with pytest.raises(error, match=r"^gone$"):
        collect(stream(source(), Detector(), workers=2), seen)
    assert seen == [0, 1, 2]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_exception_of_the_loop_ends_everything(error):
    def use():
        for result in stream(frames(10**9), Detector(), workers=2):
            if result.frame.index == 3:
                raise error("enough")

    with pytest.raises(error, match=r"^enough$"):
        use()


def test_a_loop_that_stops_early_ends_everything():
    for result in stream(frames(10**9), Detector(seconds=0.001), workers=2):
        if result.frame.index == 3:
            break


def test_a_stream_that_is_not_read_starts_no_thread():
    before = threading.active_count()
    stream(frames(3), Detector())
    assert threading.active_count() == before


def test_a_file_with_a_detector_and_with_trackers():
    detector = MTCNN(min_face_size=20, threads=1, model="published")
    plain = [result.faces for result in stream(SAMPLE, detector, workers=2)]
    assert len(plain) == 125
    assert [len(faces) for faces in plain[:20]] == [4] * 20
    every = Tracker(detector, detect_every=1, smooth=False)
    results = list(stream(str(SAMPLE), every, workers=2))
    assert [result.frame.index for result in results] == list(range(125))
    assert all(len(result.ids) == len(result.faces) for result in results)
    assert every.full_detections == 125
    for result, faces in zip(results, plain, strict=True):
        order = np.argsort(result.faces.scores)[::-1]
        np.testing.assert_array_equal(
            result.faces.boxes[order][:, 3].max(), faces.boxes[:, 3].max()
        )
    now_and_then = Tracker(detector)
    results = list(stream(SAMPLE, now_and_then, workers=2))
    assert len(results) == 125
    assert now_and_then.full_detections < 60
    assert {1, 2, 3, 4} == set(results[60].ids.tolist())


def test_large_frames_are_searched_one_by_one(monkeypatch):
    """Of 72 bytes: 100 bytes hold one, 200 two."""
    for most, running in ((100, 1), (200, 2), (10_000, 4)):
        monkeypatch.setattr(pipeline, "SEARCHED_BYTES", most)
        detector = Detector(seconds=0.005)
        results = list(stream(frames(20), detector, workers=4))
        assert [result.frame.index for result in results] == list(range(20))
        assert detector.most_running <= running
    assert detector.most_running > 1


def test_few_large_frames_wait(monkeypatch):
    monkeypatch.setattr(reader, "READ_AHEAD_BYTES", 200)
    read = []

    def noted(count):
        for frame in frames(count):
            read.append(frame.index)
            yield frame

    with reader.Reader(noted(20), size_of=lambda frame: frame.image.nbytes) as source:
        time.sleep(0.3)
        assert len(read) == 3  # two wait, and one for room
        assert [frame.index for frame in source] == list(range(20))


def test_a_frame_larger_than_all_that_may_wait_comes(monkeypatch):
    monkeypatch.setattr(reader, "READ_AHEAD_BYTES", 1)
    monkeypatch.setattr(pipeline, "SEARCHED_BYTES", 1)
    assert len(list(stream(frames(5), Detector(), workers=3))) == 5


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ([np.zeros((48, 64, 3), np.uint8)], "expected Frames, as FileSource gives, not ndarray"),
        (io.BytesIO(b"line\n"), "expected Frames, as FileSource gives, not bytes"),
    ],
)
def test_what_is_no_frame_is_named(source, message):
    with pytest.raises(TypeError, match=message):
        list(stream(source, MTCNN(threads=1)))


@pytest.mark.parametrize("source", [99, None])
def test_what_is_no_source_is_named(source):
    with pytest.raises(TypeError, match=f"^source: expected a file, a URL or .*, not {source}$"):
        list(stream(source, MTCNN(threads=1)))


@pytest.mark.parametrize("workers", [0, -1])
def test_a_stream_without_workers_is_refused(workers):
    with pytest.raises(ValueError, match=f"^workers: {workers} is less than 1$"):
        list(stream(frames(3), Detector(), workers))


@pytest.mark.parametrize("detector", [None, "x", 3])
def test_what_is_no_detector_is_named(tmp_path, detector):
    kind = type(detector).__name__
    with pytest.raises(TypeError, match=f"detector: expected MTCNN or Tracker, not {kind}"):
        list(stream(write_steady(tmp_path / "clip.mp4", 3), detector))
    with pytest.raises(TypeError, match=f"detector: expected MTCNN, not {kind}"):
        Tracker(detector)


class PathOfClip:
    """A path that is no `pathlib.Path`."""

    def __fspath__(self):
        return str(SAMPLE)


def test_every_kind_of_path_is_taken():
    results = stream(PathOfClip(), MTCNN(min_face_size=40, threads=1))
    assert len(next(results).faces) == 4
    results.close()


@pytest.mark.parametrize("workers", ["2", 2.0, None, True])
def test_workers_that_are_no_integer_are_named(workers):
    message = f"^workers: expected an integer, not {workers!r}$"
    with pytest.raises(TypeError, match=message):
        list(stream([], Detector(), workers=workers))
