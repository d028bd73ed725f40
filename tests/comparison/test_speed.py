"""A comparison of detectors, with workers whose answers are given in advance; its report."""

import numpy as np
import pytest

from mtcnn_rt.comparison.race import Protocol
from mtcnn_rt.comparison.report import details, explanation, overview, skipped
from mtcnn_rt.comparison.speed import Setting, compare
from mtcnn_rt.comparison.worker import WorkerError

A, B = (0, 0, 100, 100), (200, 0, 300, 100)
FIRST, SECOND, THIRD = "mtcnn-rt:native", "mtcnn", "facenet-pytorch"


class Script:
    def __init__(self, boxes, *seconds):
        self._boxes, self._seconds = boxes, list(seconds)

    def prepare(self, name, task):
        if not self._seconds:
            raise WorkerError("ValueError: a | b")
        return np.array(self._boxes, np.float32).reshape(-1, 4), np.ones(len(self._boxes))

    def time(self, name, untimed):
        return self._seconds.pop(0)


@pytest.fixture
def results():
    workers = {
        FIRST: Script([A, B], 0.010, 0.020),
        SECOND: Script([A], 0.030, 0.040),
        THIRD: Script([A]),
    }
    image = np.zeros((480, 640, 3), np.uint8)
    return compare(workers, FIRST, image, 20, 2, Protocol(2, pause=0))


def test_what_is_known_of_each(results):
    assert {result.setting for result in results} == {Setting(640, 480, 20, 2)}
    assert [result.detector for result in results] == [FIRST, SECOND, THIRD]
    assert [result.ratio for result in results] == [1.0, pytest.approx(2.5), None]
    complete = [one.agreement and one.agreement.complete for one in results]
    assert complete == [True, False, None]
    assert results[2].error == "ValueError: a | b"


def test_a_reference_that_fails_leaves_the_others_without_ratio():
    workers = {FIRST: Script([A]), SECOND: Script([A], 0.030)}
    image = np.zeros((48, 64, 3), np.uint8)
    results = compare(workers, FIRST, image, 20, 1, Protocol(1, pause=0))
    assert (results[1].ratio, results[1].agreement) == (None, None)
    assert results[1].seconds == [0.030]


def test_overview(results):
    assert overview(results).splitlines() == [
        f"| image | min face | threads | {FIRST} | {SECOND} | {THIRD} |",
        "| --- | --- | --- | --- | --- | --- |",
        "| 640x480 | 20 | 2 | 15.0 (1.0x) | 35.0 (2.5x) \\* | fails |",
    ]


def test_details(results):
    assert details(results, FIRST).splitlines()[2:] == [
        f"| 640x480 | 20 | 2 | {FIRST} | 15.0 | 10.0 - 20.0 | 1.00 | 2 | yes |",
        f"| 640x480 | 20 | 2 | {SECOND} | 35.0 | 30.0 - 40.0 | 2.50 | 1 "
        "| **no**: misses 1 of 2, 0 of its own |",
        f"| 640x480 | 20 | 2 | {THIRD} | fails |  |  |  | ValueError: a \\| b |",
    ]


def test_who_was_skipped():
    assert skipped({}) == ""
    missing = {"mtcnn": "not installed: mtcnn", "opencv-yunet": "no model"}
    expected = "Skipped: mtcnn (not installed: mtcnn); opencv-yunet (no model)."
    assert skipped(missing) == expected


def test_the_protocol_is_told():
    told = explanation(Protocol(9, 2, 0.5), FIRST)
    assert "9 rounds" in told
    assert "0.5 s of pause, 2 detection(s) untimed" in told
    assert f"{FIRST}'s of the same round" in told
