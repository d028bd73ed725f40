"""One face: where it is expected, and how it is smoothed."""

import numpy as np
import pytest

from mtcnn_rt import Faces
from mtcnn_rt.tracking.track import Track


def face(x, y=100.0, size=40.0, score=0.9):
    box = np.array([[x, y, x + size, y + size]], np.float32)
    return Faces(box, np.array([score], np.float32), np.full((1, 5, 2), x, np.float32))


def test_a_face_seen_once_is_expected_where_it_was():
    track = Track(1, 1, face(50), 0.0, True)
    np.testing.assert_array_equal(track.expected(3.0), face(50).boxes[0])


@pytest.mark.parametrize("times", [(0.0, 0.04, 0.08, 0.12), (0.0, 0.01, 0.2, 0.25)])
def test_a_steady_face_is_expected_where_it_goes(times):
    """Whatever the steps in time."""

    def at(time):
        return face(50 + 200 * time, 100 - 70 * time, 40 + 30 * time)

    track = Track(1, 1, at(times[0]), times[0], False)
    for time in times[1:]:
        track.see(at(time), time)
    later = times[-1] + 0.1
    np.testing.assert_allclose(track.expected(later), at(later).boxes[0], atol=1e-3)


def test_the_velocity_follows_within_a_few_frames():
    track = Track(1, 1, face(0), 0.0, False)
    for i in range(1, 20):
        track.see(face(0 if i < 10 else (i - 9) * 8), i * 0.04)
    assert track.expected(20 * 0.04)[0] == pytest.approx(11 * 8, abs=0.5)


def test_the_size_grows_and_shrinks_by_half_at_most():
    for growth, expected in ((30, 70 * 1.5), (-10, 30 / 1.5)):
        track = Track(1, 1, face(0, 0, 40), 0.0, False)
        track.see(face(0, 0, 40 + growth), 0.04)
        box = track.expected(10.0)
        np.testing.assert_allclose(box[2:] - box[:2], expected, rtol=1e-5)


def test_smoothing_takes_jitter_from_boxes_and_landmarks():
    random = np.random.default_rng(0)
    raw, smooth = (Track(1, 1, face(100), 0.0, smooth) for smooth in (False, True))
    seen = {raw: [], smooth: []}
    for i in range(1, 200):
        found = face(100 + random.normal(0, 0.5), 100, 40 + random.normal(0, 0.5), score=0.8)
        for track in seen:
            track.see(found, i * 0.04)
            seen[track].append(np.append(track.face.boxes[0], track.face.landmarks[0]))
            assert track.face.scores == found.scores
            assert track.face.boxes.dtype == track.face.landmarks.dtype == np.float32
    jitter = {track: np.diff(values, axis=0).std() for track, values in seen.items()}
    assert jitter[smooth] < jitter[raw] / 4


@pytest.mark.parametrize("speed", [0.2, 1, 5])
def test_smoothing_lags_by_less_than_3_percent_of_the_size(speed):
    track = Track(1, 1, face(0), 0.0, True)
    for i in range(1, 50):
        track.see(face(40 * speed * i * 0.04), i * 0.04)
    assert 40 * speed * 49 * 0.04 - track.face.boxes[0, 0] < 0.03 * 40


def test_the_smoothed_box_does_not_mislead_the_expectation():
    track = Track(1, 1, face(0), 0.0, True)
    track.see(face(30), 0.04)
    assert track.face.boxes[0, 0] < 30
    assert track.expected(0.08)[0] == pytest.approx(60)
