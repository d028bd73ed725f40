"""Tests the comparison of detectors with workers whose answers are prepared."""

import numpy as np
import pytest

from mtcnn_rt._comparison.registry import PEERS, skipped
from mtcnn_rt._comparison.speed import Setting, compare
from mtcnn_rt._comparison.timing import TimingSettings
from mtcnn_rt._comparison.worker import WorkerError

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
    return compare(PEERS, workers, FIRST, image, 20, 2, TimingSettings(2, pause=0))


def test_the_speeds_of_all_detectors(results):
    assert {result.setting for result in results} == {Setting(640, 480, 20, 2)}
    assert [result.detector for result in results] == [FIRST, SECOND, THIRD]
    assert [result.ratio for result in results] == [1.0, pytest.approx(2.5), None]
    complete = [one.agreement and one.agreement.complete for one in results]
    assert complete == [True, False, None]
    assert results[2].error == "ValueError: a | b"


def test_without_the_reference_there_are_no_ratios():
    workers = {FIRST: Script([A]), SECOND: Script([A], 0.030)}
    image = np.zeros((48, 64, 3), np.uint8)
    results = compare(PEERS, workers, FIRST, image, 20, 1, TimingSettings(1, pause=0))
    assert (results[1].ratio, results[1].agreement) == (None, None)
    assert results[1].seconds == [0.030]


def test_skipped_detectors_are_named():
    assert skipped({}) == ""
    missing = {"mtcnn": "not installed: mtcnn", "opencv-yunet": "no model"}
    expected = "Skipped: mtcnn (not installed: mtcnn); opencv-yunet (no model)."
    assert skipped(missing) == expected
