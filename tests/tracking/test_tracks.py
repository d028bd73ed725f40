"""Tracks: expected boxes and smoothed faces."""

import numpy as np
import pytest

from mtcnn_rt import Faces
from mtcnn_rt.faces import joined
from mtcnn_rt.tracking.tracks import expected_boxes, new_tracks, smoothed_faces, update_tracks


def face(x, y=100.0, size=40.0, score=0.9):
    box = np.array([[x, y, x + size, y + size]], np.float32)
    return Faces(box, np.array([score], np.float32), np.full((1, 5, 2), x, np.float32))


def updated(tracks, faces, time, smooth):
    """Returns a copy of tracks after an update."""
    tracks = tracks.copy()
    update_tracks(tracks, faces, time, smooth)
    return tracks


def follow(faces, times, smooth=False):
    """Returns the track of one face through frames at these times."""
    track = new_tracks(faces[0], 1, 1, times[0])
    for face, time in zip(faces[1:], times[1:], strict=True):
        track = updated(track, face, time, smooth)
    return track


def test_new_tracks_have_the_faces():
    tracks = new_tracks(joined([face(50, score=0.9), face(200, score=0.8)]), 7, 3, 1.5)
    assert tracks["id"].tolist() == [7, 8]
    assert tracks["scene"].tolist() == [3, 3]
    assert tracks["sightings"].tolist() == [1, 1]
    assert tracks["seen"].tolist() == tracks["confirmed"].tolist() == [1.5, 1.5]
    same = smoothed_faces(tracks)
    np.testing.assert_array_equal(same.boxes, [[50, 100, 90, 140], [200, 100, 240, 140]])
    np.testing.assert_array_equal(same.scores, np.array([0.9, 0.8], np.float32))
    np.testing.assert_array_equal(same.landmarks[:, :, 1], [[50] * 5, [200] * 5])
    assert same.boxes.dtype == same.landmarks.dtype == np.float32


def test_an_update_counts_and_does_not_modify_the_faces():
    before, later = new_tracks(face(50), 1, 1, 0.0), face(60)
    after = updated(before, later, 0.04, True)
    np.testing.assert_array_equal(later.boxes, face(60).boxes)
    assert (before["sightings"], after["sightings"]) == (1, 2)
    assert (before["seen"], after["seen"]) == (0.0, 0.04)
    assert after["confirmed"] == 0.0  # O-Net alone may have found it
    np.testing.assert_array_equal(expected_boxes(before, 0.0), face(50).boxes)


def test_every_track_has_its_own_state():
    random = np.random.default_rng(0)
    paths = random.uniform(0, 300, (3, 6))
    times = random.uniform(0.01, 0.2, (3, 6)).cumsum(axis=1)
    alone = [follow(list(map(face, paths[i])), times[i], True) for i in range(3)]
    together = updated(np.concatenate(alone), joined([face(10), face(20), face(30)]), 2.0, True)
    for i, track in enumerate(alone):
        same = updated(track, face(10 * (i + 1)), 2.0, True)
        np.testing.assert_allclose(
            expected_boxes(together, 2.5)[i], expected_boxes(same, 2.5)[0], rtol=1e-6
        )
        np.testing.assert_allclose(
            smoothed_faces(together).boxes[i], smoothed_faces(same).boxes[0], rtol=1e-6
        )


def test_a_face_seen_once_is_expected_where_it_was():
    np.testing.assert_array_equal(
        expected_boxes(new_tracks(face(50), 1, 1, 0.0), 3.0), face(50).boxes
    )


@pytest.mark.parametrize("times", [(0.0, 0.04, 0.08, 0.12), (0.0, 0.01, 0.2, 0.25)])
def test_a_steady_face_is_expected_where_it_goes(times):
    def at(time):
        return face(50 + 200 * time, 100 - 70 * time, 40 + 30 * time)

    track = follow([at(time) for time in times], times)
    later = times[-1] + 0.1
    np.testing.assert_allclose(expected_boxes(track, later), at(later).boxes, atol=1e-3)


def test_the_velocity_follows_within_a_few_frames():
    faces = [face(0 if i < 10 else (i - 9) * 8) for i in range(20)]
    track = follow(faces, np.arange(20) * 0.04)
    assert expected_boxes(track, 20 * 0.04)[0, 0] == pytest.approx(11 * 8, abs=0.5)


@pytest.mark.parametrize(("growth", "size"), [(30, 70 * 1.5), (-10, 30 / 1.5)])
def test_the_size_grows_and_shrinks_by_half_at_most(growth, size):
    track = follow([face(0, 0, 40), face(0, 0, 40 + growth)], [0.0, 0.04])
    box = expected_boxes(track, 10.0)
    np.testing.assert_allclose(box[:, 2:] - box[:, :2], size, rtol=1e-5)


def test_smoothing_reduces_jitter_of_boxes_and_landmarks():
    noise = np.random.default_rng(0).normal(0, 0.5, (200, 2))
    noise[0] = 0
    jitter = {}
    for smooth in (False, True):
        track, seen = new_tracks(face(100), 1, 1, 0.0), []
        for i, (x, size) in enumerate(noise[1:], start=1):
            track = updated(track, face(100 + x, 100, 40 + size, score=0.8), i * 0.04, smooth)
            one = smoothed_faces(track)
            seen.append(np.append(one.boxes[0], one.landmarks[0]))
            assert one.scores == np.float32(0.8)
        jitter[smooth] = np.diff(seen, axis=0).std()
    assert jitter[True] < jitter[False] / 4


@pytest.mark.parametrize("speed", [0.2, 1, 5])
def test_smoothing_lags_by_less_than_3_percent_of_the_size(speed):
    times = np.arange(50) * 0.04
    track = follow([face(40 * speed * time) for time in times], times, True)
    assert 40 * speed * times[-1] - smoothed_faces(track).boxes[0, 0] < 0.03 * 40


def test_smoothing_does_not_affect_the_expected_box():
    track = follow([face(0), face(30)], [0.0, 0.04], True)
    assert smoothed_faces(track).boxes[0, 0] < 30
    assert expected_boxes(track, 0.04)[0, 0] == pytest.approx(30)
    assert expected_boxes(track, 0.08)[0, 0] == pytest.approx(60)
