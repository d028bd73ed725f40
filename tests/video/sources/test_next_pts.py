"""Times of frames that do not grow by themselves."""

from types import SimpleNamespace

import pytest

from mtcnn_rt.video.sources.timing import next_pts


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([0, 40, 80, 120], [0, 40, 80, 120]),
        ([None, None, None], [0, 40, 80]),
        ([0, 40, 80, 60, 100, 140, 180], [0, 40, 80, 100, 120, 140, 180]),  # catches up
        ([0, 0, 80, 80, 160, 160], [0, 20, 80, 100, 160, 180]),
        ([0, 40, 1000, 0, 40, 80], [0, 40, 1000, 1040, 1080, 1120]),  # goes on as it can
    ],
)
def test_times_grow_and_come_back_to_those_of_the_input(given, expected):
    times, last = [], -40
    for pts in given:
        last = next_pts(SimpleNamespace(pts=pts), last, 40)
        times.append(last)
    assert times == expected


def test_whole_units_are_the_least():
    assert next_pts(SimpleNamespace(pts=2), 2, 1) == 3
