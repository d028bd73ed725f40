"""Tests of the session: covered faces stay covered, whatever viewers do; snapshots are limited."""

import errno
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import get_args

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtcnn_rt import Faces
from mtcnn_rt._defaults import METHODS
from mtcnn_rt.cli.painting import PaintOptions
from mtcnn_rt.drawing.painter import CoveringPainter, Found
from mtcnn_rt.live import snapshot, window
from mtcnn_rt.live.session import Choices, Session
from mtcnn_rt.live.snapshot import Snapshots
from mtcnn_rt.live.status import News
from mtcnn_rt.live.view import Action
from mtcnn_rt.live.window import KEYS, Window
from mtcnn_rt.video.frame import Frame, VideoError
from mtcnn_rt.video.pipeline import FrameResult

FACES = Faces(
    np.array([(20, 20, 60, 70)], np.float32),
    np.array([0.9], np.float32),
    np.array([[(30, 40), (50, 40), (40, 50), (32, 60), (48, 60)]], np.float32),
)
HIDDEN = np.array([(80, 30, 110, 70)], np.float32)
IMAGES = [np.random.default_rng(seed).integers(0, 256, (100, 140, 3), np.uint8) for seed in (1, 2)]
ACTIONS = [action for action in get_args(Action) if action != "quit"]


def result(index):
    image = IMAGES[index % 2].copy()
    frame = Frame(image, index / 25, index, 1, Fraction(1, 25), index)
    return FrameResult(frame, FACES, np.array([1]), HIDDEN, 0)


class Feed:
    """Gives a number of results, and every third time none in time."""

    dropped = 0

    def __init__(self, number):
        self.items = [None if index % 3 == 2 else result(index) for index in range(number)]

    @property
    def ended(self):
        return not self.items

    def take(self, timeout):
        return self.items.pop(0)

    def check(self): ...


class Script:
    """A view that asks for actions, one list after the other, and keeps all that it is shown."""

    def __init__(self, actions):
        self.actions, self.images, self.statuses = list(actions), [], []

    def show(self, image, status):
        self.statuses.append(status)
        if image is not None:
            self.images.append(image.copy())
        return self.actions.pop(0) if self.actions else []

    def close(self): ...


class Recording:
    """A sink that keeps the images."""

    def __init__(self):
        self.images = []

    def write(self, frame):
        self.images.append(frame.image.copy())


def run(view, anonymize, snapshots, number, tracking=True):
    """Runs a session over `number` results; returns its choices, recording, and echoed news."""
    painting = PaintOptions("box", True, True, anonymize, None, None)
    choices = Choices(painting.name, always_covered=anonymize is not None)
    if tracking:
        choices.tracking.set()
    recording, lines = Recording(), []
    news = News(lines.append)
    arguments = (painting.painters(), choices, recording, news, snapshots)
    Session(Feed(number), view, *arguments).run(lambda: False)
    return choices, recording, lines


def covered_images():
    images = []
    for image in IMAGES:
        for method in METHODS:
            images.append(image.copy())
            CoveringPainter(method).paint(images[-1], Found(FACES, None, HIDDEN))
    return images


COVERED = covered_images()


def is_covered(image):
    return any(np.array_equal(image, other) for other in COVERED)


@given(
    st.lists(st.lists(st.sampled_from(ACTIONS), max_size=4), max_size=12),
    st.sampled_from(METHODS),
    st.booleans(),
)
def test_no_actions_uncover_a_face(actions, method, tracking):
    view = Script(actions)
    with tempfile.TemporaryDirectory() as folder:
        snapshots = Snapshots(Path(folder), seconds=0)
        choices, recording, _ = run(view, method, snapshots, len(actions) + 3, tracking)
        saved = [cv2.imread(str(path)) for path in Path(folder).iterdir()]
    assert view.images
    assert all(map(is_covered, [*view.images, *recording.images, *saved]))
    assert all(status.anonymize in METHODS and status.always_covered for status in view.statuses)
    assert choices.tracking.is_set() == tracking


def test_without_anonymize_all_painters_come_in_turn(tmp_path):
    view = Script([["anonymize"]] * 5)
    run(view, None, Snapshots(tmp_path), 7)
    shown = [status.anonymize for status in view.statuses]
    assert shown[:6] == ["off", "blur", "pixelate", "solid", "off", "blur"]
    assert [is_covered(image) for image in view.images][:2] == [False, True]
    assert not any(status.always_covered for status in view.statuses)


def test_keys_in_the_window_uncover_no_face_either(tmp_path, monkeypatch):
    keys = [key for key, action in KEYS.items() if action not in ("quit", "pause")]
    pressed, shown = keys * 6, []
    fakes = {
        "imshow": lambda _, image: shown.append(image),
        "waitKeyEx": lambda _: pressed.pop(0) if pressed else -1,
        "waitKey": lambda _: -1,
        "getWindowProperty": lambda *_: 1.0,
    }
    for name in ("namedWindow", "resizeWindow", "destroyWindow"):
        fakes[name] = lambda *_: None
    for name, fake in fakes.items():
        monkeypatch.setattr(window.cv2, name, fake)
    monkeypatch.setattr(window, "draw_status", lambda *_: None)  # it would paint over the faces
    view = Window("test")
    choices, _, _ = run(view, "solid", Snapshots(tmp_path), 30)
    view.close()
    assert not pressed
    assert len(shown) > 20
    assert all(map(is_covered, shown))
    assert choices.tracking.is_set()


def test_a_painter_that_draws_is_refused_where_faces_are_always_covered(tmp_path):
    painters = PaintOptions("box", True, True, None, None, None).painters()
    choices = Choices("blur", always_covered=True)
    with pytest.raises(ValueError, match="a painter does not cover faces"):
        Session(Feed(1), Script([]), painters, choices, None, News(print), Snapshots(tmp_path))


def test_snapshots_have_a_rate_which_the_view_shows(tmp_path):
    view = Script([["snapshot"] * 10] * 30)
    _, _, lines = run(view, None, Snapshots(tmp_path, seconds=3600), 40)
    assert [path.name for path in tmp_path.iterdir()] == ["snapshot-1.png"]
    assert view.statuses[-1].message == "not saved: at most one snapshot every 3600 s"
    assert lines == ["saved snapshot-1.png"]  # 300 requests do not fill the terminal either


def test_snapshots_have_a_total_which_the_view_shows(tmp_path):
    view = Script([["snapshot"] * 10] * 30)
    _, _, lines = run(view, None, Snapshots(tmp_path, most=7, seconds=0), 40)
    assert len(list(tmp_path.iterdir())) == len(lines) == 7
    message = "no more snapshots: 7 were tried, the most of one run"
    assert view.statuses[-1].message == message


def test_snapshots_go_on_after_a_while(tmp_path, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(snapshot.time, "monotonic", lambda: now[0])
    snapshots = Snapshots(tmp_path)
    for _ in range(3):
        assert snapshots.refusal() == ""
        snapshots.save(IMAGES[0])
        now[0] += 0.9
        assert snapshots.refusal() == "not saved: at most one snapshot every 1 s"
        now[0] += 0.2
    assert len(list(tmp_path.iterdir())) == 3


def test_snapshots_that_fail_count(tmp_path):
    snapshots = Snapshots(tmp_path / "none", most=2, seconds=0)
    for _ in range(2):
        with pytest.raises(VideoError, match="cannot be written"):
            snapshots.save(IMAGES[0])
    assert snapshots.refusal().startswith("no more snapshots")


def test_a_snapshot_that_cannot_be_written_leaves_no_file(tmp_path, monkeypatch):
    class Full:
        def tobytes(self) -> bytes:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(cv2, "imencode", lambda *_: (True, Full()))
    with pytest.raises(VideoError, match=r"snapshot-1\.png: cannot be written: No space left"):
        Snapshots(tmp_path).save(np.zeros((4, 4, 3), np.uint8))
    assert list(tmp_path.iterdir()) == []
