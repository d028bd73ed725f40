"""Trackers that are pickled and copied in the middle of a video go on as if they were not."""

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest

from mtcnn_rt import MTCNN, Tracker
from mtcnn_rt.tracking import Tracked

COPIES = [lambda one: pickle.loads(pickle.dumps(one)), copy.deepcopy, copy.copy]
SETTINGS = [{}, {"spread": True}, {"detect_every": 1}, {"smooth": False, "lost_seconds": 0.1}]


def test_a_tracker_shows_its_detector_and_the_settings_that_are_not_the_defaults():
    tracker = Tracker(MTCNN(min_face_size=40), detect_every=1, lost_seconds=0.5, spread=True)
    expected = "Tracker(detector=MTCNN(min_face_size=40), detect_every=1, spread=True)"
    assert repr(tracker) == expected


def follow(tracker: Tracker, frames: list[np.ndarray], first: int = 0) -> list[Tracked]:
    """Returns what the tracker finds; the clip has 25 frames a second."""
    return [tracker.update(frame, (first + i) / 25) for i, frame in enumerate(frames)]


def check_equal(found: list[Tracked], expected: list[Tracked]) -> None:
    """Checks that ids, boxes, scores, landmarks and hidden faces are the same bits."""
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert one.ids.tolist() == other.ids.tolist()
        assert one.hidden.tobytes() == other.hidden.tobytes()
        for name in ("boxes", "scores", "landmarks"):
            assert getattr(one.faces, name).tobytes() == getattr(other.faces, name).tobytes()


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("again", COPIES, ids=["pickle", "deepcopy", "copy"])
def test_a_copy_follows_on_and_leaves_the_tracker_alone(quick, clip, settings, again):
    frames = [*clip[:12], *clip[60:72]]  # with a jump, so that faces are lost
    expected_tracker = Tracker(quick, **settings)
    expected = follow(expected_tracker, frames)
    assert sum(len(one.ids) for one in expected) > 60
    for middle in (1, 8, 14):
        tracker = Tracker(quick, **settings)
        check_equal(follow(tracker, frames[:middle]), expected[:middle])
        copied = again(tracker)
        check_equal(follow(copied, frames[middle:], middle), expected[middle:])
        assert copied.full_detections == expected_tracker.full_detections
        check_equal(follow(tracker, frames[middle:], middle), expected[middle:])
        assert tracker.full_detections == expected_tracker.full_detections


def test_a_copy_has_a_detector_of_its_own_unless_it_is_shallow(quick, sample_frame):
    tracker = Tracker(MTCNN(min_face_size=40, threads=1))
    assert copy.copy(tracker).detector is tracker.detector
    copied = copy.deepcopy(tracker)
    tracker.detector.close()
    assert len(copied.update(sample_frame, 0.0).faces) == 4


class Named(Tracker):
    """A tracker with an attribute of its own."""

    def __init__(self, name: str) -> None:
        super().__init__(MTCNN(min_face_size=40, threads=1), detect_every=2)
        self.name = name


def test_a_derived_class_keeps_its_class_and_attributes():
    copied = pickle.loads(pickle.dumps(Named("door")))
    assert type(copied) is Named
    assert (copied.name, copied.detect_every) == ("door", 2)


class WithTracker(MTCNN):
    """A detector that has the tracker that uses it."""

    def __init__(self) -> None:
        super().__init__(min_face_size=40, threads=1)
        self.tracker = Tracker(self)


@pytest.mark.parametrize("again", COPIES[:2], ids=["pickle", "deepcopy"])
def test_a_detector_and_its_tracker_keep_one_another(clip, again):
    detector = WithTracker()
    follow(detector.tracker, clip[:3])
    copied = again(detector)
    assert copied.tracker.detector is copied
    check_equal(follow(copied.tracker, clip[3:5], 3), follow(detector.tracker, clip[3:5], 3))


def test_another_process_goes_on_with_the_same_ids(quick, clip, tmp_path):
    tracker = Tracker(quick)
    follow(tracker, clip[:6])
    (tmp_path / "tracker.pickle").write_bytes(pickle.dumps(tracker))
    np.save(tmp_path / "frame.npy", clip[6])
    script = (
        "import pickle, numpy as np\n"
        "tracked = pickle.load(open('tracker.pickle', 'rb')).update(np.load('frame.npy'), 6 / 25)\n"
        "print(tracked.ids.tolist(), tracked.faces.boxes.tobytes().hex())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    tracked = tracker.update(clip[6], 6 / 25)
    assert len(tracked.ids) == 4
    assert done.stdout.strip() == f"{tracked.ids.tolist()} {tracked.faces.boxes.tobytes().hex()}"
