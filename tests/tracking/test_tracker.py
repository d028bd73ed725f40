"""Every rule of the tracker by itself, with a scripted detector."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from helpers.scripted_faces import SIZE, Scripted, faces_at, ids, image_of, run, still

from mtcnn_rt import Faces
from mtcnn_rt.tracking import Tracker

pytestmark = pytest.mark.usefixtures("scripted_finder")


def test_every_face_has_an_id_at_once():
    results = run(Scripted(still), 20)
    assert ids(results) == [[1, 2]] * 20
    for one in results:
        np.testing.assert_array_equal(one.faces.boxes, faces_at(*still(0)).boxes)
        np.testing.assert_array_equal(one.faces.landmarks, faces_at(*still(0)).landmarks)
        assert one.hidden.shape == (0, 4)


def test_results_have_fixed_types_and_shapes():
    for one in (run(Scripted(still), 1)[0], run(Scripted(lambda frame: []), 1)[0]):
        count = len(one.faces)
        assert (one.ids.shape, one.ids.dtype) == ((count,), np.int64)
        assert one.faces.boxes.shape == (count, 4)
        assert one.faces.landmarks.shape == (count, 5, 2)
        assert one.faces.boxes.dtype == one.faces.landmarks.dtype == np.float32
        assert (one.hidden.shape, one.hidden.dtype) == ((0, 4), np.float32)


def test_a_quiet_video_is_rarely_searched():
    detector = Scripted(still)
    tracker = Tracker(detector)
    for i in range(50):
        tracker.update(image_of(i), i * 0.04)
    assert detector.searched == [0, 2, 5, 9, 14, 19, 24, 29, 34, 39, 44, 49]
    assert detector.searched_near == []
    assert tracker.full_detections == 12


def test_frames_without_faces_take_no_crop():
    detector = Scripted(lambda frame: [])
    assert ids(run(detector, 30)) == [[]] * 30
    assert detector.crops == 0
    assert detector.searched == [0, 3, 7, 12, 17, 22, 27]


@pytest.mark.parametrize("every", [1, 3, 10])
def test_a_fixed_interval_is_kept(every):
    detector = Scripted(still)
    run(detector, 25, detect_every=every)
    assert detector.searched == list(range(0, 25, every))


@pytest.mark.parametrize("appears", range(1, 25))
def test_a_new_face_is_found_within_the_interval(appears):
    results = run(Scripted(lambda frame: still(0)[: 1 + (frame >= appears)]), 40)
    found = [i for i, one in enumerate(results) if 2 in one.ids]
    assert appears <= found[0] < appears + 5
    assert found == list(range(found[0], 40))


def test_a_new_face_is_found_in_half_a_second_of_slow_video():
    results = run(Scripted(lambda frame: still(0)[: 1 + (frame >= 21)]), 40, step=0.2)
    assert next(i for i, one in enumerate(results) if 2 in one.ids) <= 23


def test_steady_motion_needs_no_search():
    detector = Scripted(lambda frame: [(20 + 8 * frame, 100), (300 - 5 * frame, 20 + 4 * frame)])
    assert ids(run(detector, 30)) == [[1, 2]] * 30
    assert len(detector.searched) == 8
    assert detector.searched_near == []


def test_ids_stay_at_a_variable_frame_rate():
    times = np.random.default_rng(0).uniform(0.005, 0.12, 60).cumsum()
    detector = Scripted(
        lambda frame: [(20 + 60 * times[frame], 50), (300 - 50 * times[frame], 150)]
    )
    tracker = Tracker(detector)
    results = [tracker.update(image_of(i), time) for i, time in enumerate(times)]
    assert ids(results) == [[1, 2]] * 60
    assert len(detector.searched) <= 15


def test_a_fast_face_seen_once_before_keeps_its_id():
    """It moves by its width per frame, and its velocity is not known yet."""
    detector = Scripted(lambda frame: [(10 + 40 * frame, 100)])
    assert ids(run(detector, 8)) == [[1]] * 8
    assert detector.searched_near == [1]


def test_faces_that_pass_each_other_keep_their_ids():
    detector = Scripted(lambda frame: [(50 + 6 * frame, 100), (250 - 6 * frame, 112)])
    results = run(detector, 34)
    assert ids(results) == [[1, 2]] * 34
    assert results[-1].faces.boxes[0, 0] > results[-1].faces.boxes[1, 0] + 100


def test_boxes_and_order_are_those_of_the_ids():
    """The order of the detector's faces does not matter."""
    detector = Scripted(lambda frame: still(frame)[:: 1 if frame % 2 else -1])
    for one in run(detector, 20, detect_every=1):
        assert one.ids.tolist() == [1, 2]
        np.testing.assert_array_equal(one.faces.boxes, faces_at((200, 50), (100, 100)).boxes)


@pytest.mark.parametrize("smooth", [True, False])
def test_smoothing_reduces_jitter(smooth):
    noise = np.random.default_rng(0).normal(0, 0.4, (60, 2))  # 1 % of the size
    results = run(Scripted(lambda frame: [np.add((100, 100), noise[frame])]), 60, smooth=smooth)
    jitter = np.diff([one.faces.boxes[0, :2] for one in results], axis=0).std()
    raw = np.diff(noise, axis=0).std()
    assert jitter < raw / 4 if smooth else jitter == pytest.approx(raw, rel=1e-4)


@pytest.mark.parametrize("speed", [20, 200])
def test_smoothing_lags_by_less_than_3_percent_of_the_size(speed):
    results = run(Scripted(lambda frame: [(20 + speed * frame * 0.04, 100)]), 40)
    for i, one in enumerate(results):
        lag = 20 + speed * i * 0.04 - one.faces.boxes[0, 0]
        assert lag < (0.03 if i > 5 else 0.1) * SIZE  # the filter adapts to the motion first


def test_smoothed_boxes_stay_in_the_image():
    places = [(x, 100) for x in np.linspace(60, 0, 10)] + [(0, 100)] * 10
    for one in run(Scripted(lambda frame: [places[frame]]), 20):
        assert (one.faces.boxes >= 0).all()


def test_assign_gives_the_ids_of_update():
    def there(frame):
        return [(50 + 6 * frame, 100), (250 - 6 * frame, 112)][: 1 + (frame % 9 != 5)]

    expected = run(Scripted(there), 34, detect_every=1)
    tracker = Tracker(Scripted(there))
    for i, one in enumerate(expected):
        same = tracker.assign(faces_at(*there(i)), (300, 400), i * 0.04)
        np.testing.assert_array_equal(same.ids, one.ids)
        np.testing.assert_array_equal(same.faces.boxes, one.faces.boxes)
        if i % 9 == 5:  # the second face, which moves to the left, is lost
            left = 250 - 6 * i
            np.testing.assert_allclose(one.hidden, [[left, 112, left + 40, 152]], atol=0.01)
            np.testing.assert_allclose(same.hidden, [[left, 112, left + 46, 152]], atol=0.01)
        else:
            assert len(same.hidden) == len(one.hidden) == 0
    assert tracker.full_detections == 34


def test_a_frame_that_assign_refuses_may_be_given_again():
    tracker = Tracker(Scripted(still))
    with pytest.raises(TypeError):
        tracker.assign(faces_at(*still(0)), (300, 400), 0.0, image=3)  # type: ignore[arg-type]
    assert tracker.assign(faces_at(*still(0)), (300, 400), 0.0, image_of(0)).ids.tolist() == [1, 2]


@pytest.mark.parametrize("name", ["boxes", "landmarks"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_assign_refuses_faces_that_are_not_finite(name, value):
    tracker, faces = Tracker(Scripted(still)), faces_at(*still(0))
    array = getattr(faces, name).copy()
    array[1].flat[2] = value
    with pytest.raises(ValueError, match=f"^{name}: expected finite numbers, not .*{value}"):
        tracker.assign(replace(faces, **{name: array}), (300, 400), 0.0)
    assert tracker.assign(faces, (300, 400), 0.0).ids.tolist() == [1, 2]


def test_hidden_boxes_of_assign_are_clipped_to_height_and_width():
    tracker = Tracker(Scripted(still))
    for i in range(4):
        tracker.assign(faces_at((350 + 5 * i, 255 + 2 * i)), (300, 400), i * 0.04)
    hidden = tracker.assign(Faces.empty(), (300, 400), 0.16).hidden
    np.testing.assert_allclose(hidden, [[365, 261, 400, 300]], atol=0.01)


def test_assign_expects_a_face_that_was_found_in_a_single_frame():
    """Uncovered, it would be seen in the next one."""
    tracker = Tracker(Scripted(still), lost_seconds=0.1)
    for i, found in enumerate((True, False, True, False, False, False)):
        faces = faces_at((100, 100)) if found else Faces.empty()
        one = tracker.assign(faces, (300, 400), i * 0.04)
        assert one.ids.tolist() == [1] * found
        expected = [] if found or i == 5 else [[100, 100, 140, 140]]
        np.testing.assert_allclose(one.hidden, np.reshape(expected, (-1, 4)))


@pytest.mark.parametrize("step", [0.04, 1, 60])
def test_assign_expects_the_faces_of_the_frame_before_in_slow_videos_too(step):
    tracker = Tracker(Scripted(still))
    hidden = []
    for i, found in enumerate((True, False, True, True, False, False)):
        faces = faces_at((100, 100)) if found else Faces.empty()
        hidden.append(len(tracker.assign(faces, (300, 400), i * step).hidden))
    assert hidden == [0, 1, 0, 0, 1, int(step < 0.5)]


@pytest.mark.parametrize("turn", [-1, 0, 1])
def test_a_lost_face_is_hidden_by_assign_from_where_it_was_found_to_where_it_is_expected(turn):
    """It may have stopped, or gone on, also at a cut."""
    tracker = Tracker(Scripted(still))
    for i in range(4):
        tracker.assign(faces_at((100 + 5 * turn * i, 50)), (300, 400), i * 0.04, image_of(0))
    last = 100 + 15 * turn
    for i in range(4, 16):
        image = image_of(0) if i < 6 else np.zeros((300, 400, 3), np.uint8)
        one = tracker.assign(Faces.empty(), (300, 400), i * 0.04, image)
        there = 100 + 5 * turn * i
        expected = [[min(last, there), 50, max(last, there) + 40, 90]]
        np.testing.assert_allclose(one.hidden, expected, atol=0.01)


@pytest.mark.parametrize("time", [1.0, 0.5, -1.0, float("nan"), float("inf")])
def test_a_time_that_is_not_later_is_refused(time):
    tracker = Tracker(Scripted(still))
    tracker.update(image_of(0), 1.0)
    for call in (
        lambda: tracker.update(image_of(1), time),
        lambda: tracker.assign(Faces.empty(), (300, 400), time),
    ):
        with pytest.raises(ValueError, match=r"^time: .* the frame before, 1\.0; another"):
            call()
    assert tracker.update(image_of(1), 1.04).ids.tolist() == [1, 2]


@pytest.mark.parametrize("time", ["1", None, [2.0]])
def test_a_time_that_is_no_number_is_refused(time):
    tracker = Tracker(Scripted(still))
    tracker.update(image_of(0), 1)
    with pytest.raises(TypeError, match=r"^time: expected seconds, a number, not "):
        tracker.update(image_of(1), time)
    assert tracker.update(image_of(1), Fraction(26, 25)).ids.tolist() == [1, 2]


def test_a_value_that_is_no_image_is_refused():
    tracker = Tracker(Scripted(still))
    with pytest.raises(TypeError, match=r"^image: "):
        tracker.update(None, 0.0)
    assert tracker.update(image_of(0), 0.0).ids.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("setting", "error"),
    [
        ({"detect_every": 0}, ValueError),
        ({"detect_every": 2.0}, TypeError),
        ({"detect_every": True}, TypeError),
        ({"lost_seconds": -0.1}, ValueError),
        ({"lost_seconds": float("nan")}, ValueError),
        ({"lost_seconds": "1"}, TypeError),
        ({"most_frames": 0}, ValueError),
        ({"most_frames": None}, TypeError),
    ],
)
def test_invalid_arguments_are_refused(setting, error):
    with pytest.raises(error, match=f"^{next(iter(setting))}: "):
        Tracker(Scripted(still), **setting)


def test_another_video_needs_a_reset():
    tracker = Tracker(Scripted(lambda frame: [(10, 10)]), detect_every=1)
    first = [tracker.update(image_of(frame), frame / 25).ids.tolist() for frame in range(2)]
    assert first == [[1], [1]]
    with pytest.raises(ValueError, match=r"another video needs a new Tracker, or `reset\(\)`"):
        tracker.update(image_of(0), 0.0)
    tracker.reset()
    assert tracker.full_detections == 0
    tracked = tracker.update(image_of(0), 0.0)
    assert tracked.ids.tolist() == [1]
    assert len(tracked.hidden) == 0
    assert tracker.full_detections == 1


@pytest.mark.parametrize("size", [(300, 400), (300, 400, 3), np.int64([300, 400]), [300, 400]])
def test_assign_takes_the_shape_of_an_image(size):
    tracked = Tracker(Scripted(still)).assign(faces_at(*still(0)), size, 0.0)
    assert tracked.ids.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("faces", "size", "error", "message"),
    [
        ([], (300, 400), TypeError, "faces: expected Faces, not list"),
        (None, (300, 400), TypeError, "faces: expected Faces, not NoneType"),
        (Faces.empty(), None, TypeError, "image_size: expected height and width .*, not None"),
        (Faces.empty(), (300,), TypeError, r"image_size: expected .*, not \(300,\)"),
        (Faces.empty(), ("3", "4"), TypeError, r"image_size: expected .*, not \('3', '4'\)"),
        (Faces.empty(), (0, 400), ValueError, r"image_size: expected at least 1 .* not \(0, 400\)"),
    ],
)
def test_assign_names_what_it_does_not_take(faces, size, error, message):
    tracker = Tracker(Scripted(still))
    with pytest.raises(error, match=f"^{message}$"):
        tracker.assign(faces, size, 0.0)
    assert tracker.assign(Faces.empty(), (300, 400), 0.0).ids.tolist() == []  # the same frame
