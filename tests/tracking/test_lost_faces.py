"""The rules for faces that a scripted detector does not find for a while."""

import numpy as np
import pytest
from helpers.scripted_faces import Scripted, ids, run, still

pytestmark = pytest.mark.usefixtures("scripted_finder")


def test_a_lost_face_is_searched_nearby_and_hidden_until_it_comes_back():
    gone = range(25, 28)
    detector = Scripted(lambda frame: [(100, 100)] if frame in gone else still(frame))
    results = run(detector, 40)
    assert detector.searched_near == [25, 26, 27]
    assert 28 not in detector.searched  # O-Net found it
    for i, one in enumerate(results):
        assert one.ids.tolist() == ([1] if i in gone else [1, 2])
        if i in gone:
            np.testing.assert_allclose(one.hidden, [[200, 50, 240, 90]], atol=0.01)
        else:
            assert len(one.hidden) == 0


def test_a_lost_face_that_comes_back_nearby_is_found_at_once():
    """It comes back half its size away, where O-Net does not find it."""

    def there(frame):
        return [(100, 100), (200 if frame < 25 else 220, 50)][: 1 + (frame not in (25, 26))]

    detector = Scripted(there)
    results = run(detector, 40)
    assert ids(results) == [[1, 2]] * 25 + [[1]] * 2 + [[1, 2]] * 13
    assert detector.searched_near == [25, 26, 27]
    assert not {25, 26, 27, 28} & set(detector.searched)


def test_a_new_face_near_a_lost_one_is_a_new_face():
    def there(frame):
        return [(100, 100)] if frame < 25 else [(100, 135)] if frame > 25 else []

    results = run(Scripted(there), 40)
    assert ids(results)[:28] == [[1]] * 25 + [[]] + [[2]] * 2


def test_a_face_is_not_found_again_near_a_lost_one():
    """The second face is lost near the first, which is still found."""
    detector = Scripted(lambda frame: [(100, 100), (130, 100)][: 1 + (frame < 10)])
    results = run(detector, 30)
    assert detector.searched_near[0] == 10
    assert ids(results)[10:] == [[1]] * 20


def test_a_hidden_face_keeps_its_velocity():
    def there(frame):
        return [] if 25 <= frame < 30 else [(20 + 5 * frame, 100)]

    results = run(Scripted(there), 40)
    assert ids(results) == [[1]] * 25 + [[]] * 5 + [[1]] * 10
    for i in range(25, 30):
        x = 20 + 5 * i
        np.testing.assert_allclose(results[i].hidden, [[x, 100, x + 40, 140]], atol=0.1)


@pytest.mark.parametrize("lost_seconds", [0, 0.21, 0.51])
@pytest.mark.parametrize("step", [0.02, 0.04])
def test_the_track_of_a_face_that_stays_away_ends(lost_seconds, step):
    def there(frame):
        return [] if 10 <= frame < 60 else [(100, 100)]

    results = run(Scripted(there), 70, step=step, lost_seconds=lost_seconds)
    hidden = [i for i, one in enumerate(results) if len(one.hidden)]
    last_seen = 9
    assert hidden == list(range(10, last_seen + int(lost_seconds / step) + 1))
    assert results[-1].ids.tolist() == [2]  # another id: no id comes twice


def test_a_face_that_leaves_the_image_is_hidden_no_longer():
    results = run(Scripted(lambda frame: [(370 + 4 * frame, 100)] if frame < 6 else []), 20)
    assert ids(results)[5:7] == [[1], []]
    assert 0 < len([one for one in results if len(one.hidden)]) <= 3
    for one in results:
        assert (one.hidden >= 0).all()
        assert (one.hidden <= [400, 300, 400, 300]).all()
        assert (one.hidden[:, 2:] > one.hidden[:, :2]).all()


def test_a_face_found_in_one_frame_only_is_not_hidden():
    """A false positive of a full detection has an id and leaves nothing behind."""
    detector = Scripted(lambda frame: [(100, 100), (300, 200)][: 1 + (frame == 9)])
    results = run(detector, 20)
    assert ids(results) == [[1]] * 9 + [[1, 2]] + [[1]] * 10
    assert detector.searched_near == [10]
    assert all(len(one.hidden) == 0 for one in results)


def test_ids_are_never_reused():
    """Another face appears every eighth frame."""
    detector = Scripted(lambda frame: [(40 * (frame // 8), 100)] if frame % 8 < 4 else [])
    results = run(detector, 72, detect_every=1, lost_seconds=0.1)
    seen = [i for one in results for i in one.ids.tolist()]
    assert sorted(set(seen)) == list(range(1, 10))
    assert seen == sorted(seen)


def test_a_face_that_full_detections_miss_now_and_then_stays():
    detector = Scripted(still, missed=lambda frame: (1,) if frame in (2, 14, 24) else ())
    results = run(detector, 50)
    assert ids(results) == [[1, 2]] * 50
    assert {2, 14, 24} <= set(detector.searched)
    assert len(detector.searched) == 12  # and it is no reason to search more often


def test_a_track_that_full_detections_do_not_confirm_ends():
    """O-Net alone accepts something that is no face."""
    detector = Scripted(still, missed=lambda frame: (1,) if frame > 10 else ())
    results = run(detector, 80)
    last = max(i for i, one in enumerate(results) if 2 in one.ids)
    assert 1.0 < (last - 9) * 0.04 < 1.3  # frame 9 was the last in which it was found
    hidden = [i for i, one in enumerate(results) if len(one.hidden)]
    assert hidden[0] == last + 1
    assert 0.3 < (hidden[-1] - last) * 0.04 <= 0.5
    assert ids(results)[-1] == [1]


def test_a_face_that_o_net_refuses_is_found_by_the_cascade_nearby():
    detector = Scripted(still, missed_by_onet=lambda frame: (1,) if frame in (10, 11) else ())
    assert ids(run(detector, 30)) == [[1, 2]] * 30
    assert detector.searched_near == [10, 11]
