"""Schedule: the frames in which a search of the whole image ends, and the shares before."""

import pytest

from mtcnn_rt.tracking.schedule import Schedule


def searched(schedule, frames, confirmed=lambda frame: True, step=0.01):
    """Returns the frames that are searched, given the frames that confirm the tracks."""
    found = []
    for frame in range(frames):
        if schedule.share(frame * step) >= 1:
            schedule.detected(frame * step, confirmed(frame))
            found.append(frame)
    return found


def test_the_interval_grows_in_a_quiet_scene():
    assert searched(Schedule(None, 5), 30) == [0, 3, 7, 12, 17, 22, 27]


def test_every_second_frame_is_searched_in_a_busy_scene():
    assert searched(Schedule(None, 12), 9, lambda frame: False) == [0, 2, 4, 6, 8]


def test_the_interval_shrinks_when_faces_change():
    frames = searched(Schedule(None, 5), 40, lambda frame: frame not in (17, 21))
    assert frames == [0, 3, 7, 12, 17, 21, 24, 28, 33, 38]


def test_a_fixed_interval_is_kept():
    assert searched(Schedule(5, 12), 18, lambda frame: frame % 2 == 0) == [0, 5, 10, 15]
    assert searched(Schedule(1, 12), 4) == [0, 1, 2, 3]
    assert searched(Schedule(5, 12), 11, step=60.0) == [0, 5, 10]


def test_low_frame_rates_are_searched_often_enough():
    assert searched(Schedule(None, 12), 24, step=0.1) == [0, 3, 7, 12, 17, 22]
    assert searched(Schedule(None, 12), 4, step=1.0) == [0, 1, 2, 3]


def test_an_extra_detection_restarts_the_interval():
    schedule = Schedule(None, 4)
    assert schedule.share(0.0) >= 1
    schedule.detected(0.0, True)
    assert schedule.share(0.01) < 1
    schedule.detected(0.01, True)  # a face was lost
    assert [schedule.share(0.02 + 0.01 * i) >= 1 for i in range(4)] == [False, False, False, True]


@pytest.mark.parametrize("most", [1, 3])
def test_the_longest_interval_is_kept(most):
    assert searched(Schedule(None, most), 7) == list(range(0, 7, most))


def test_the_frames_of_an_interval_have_equal_shares():
    schedule = Schedule(4, 12)
    schedule.share(0.0)
    schedule.detected(0.0, True)
    assert [schedule.share(0.04 * i) for i in range(1, 5)] == [0.25, 0.5, 0.75, 1.0]


def test_shares_grow_with_time_at_low_frame_rates():
    schedule = Schedule(None, 12)
    schedule.share(0.0)
    for _confirmed in range(8):
        schedule.detected(0.0, True)  # the interval is 10 frames now
    assert [schedule.share(0.2 * i) for i in range(1, 4)] == pytest.approx([0.4, 0.8, 1.2])
