"""Tests the report of a comparison of detectors."""

import pytest

from benchmarks.compare.report import details, explanation, overview
from mtcnn_rt._comparison.agreement import Agreement
from mtcnn_rt._comparison.speed import DetectorSpeed, Setting
from mtcnn_rt._comparison.timing import TimingSettings

FIRST, SECOND, THIRD = "mtcnn-rt:native", "mtcnn", "facenet-pytorch"


@pytest.fixture
def speeds():
    setting = Setting(640, 480, 20, 2)
    return [
        DetectorSpeed(setting, FIRST, Agreement(2, 2, 2), [0.010, 0.020], 1.0, None),
        DetectorSpeed(setting, SECOND, Agreement(1, 1, 2), [0.030, 0.040], 2.5, None),
        DetectorSpeed(setting, THIRD, None, [], None, "ValueError: a | b"),
    ]


def test_the_overview_has_medians_and_ratios(speeds):
    assert overview(speeds).splitlines() == [
        f"| image | min face | threads | {FIRST} | {SECOND} | {THIRD} |",
        "| --- | --- | --- | --- | --- | --- |",
        "| 640x480 | 20 | 2 | 15.0 (1.0x) | 35.0 (2.5x) \\* | fails |",
    ]


def test_the_details_have_ranges_and_agreement(speeds):
    assert details(speeds, FIRST).splitlines()[2:] == [
        f"| 640x480 | 20 | 2 | {FIRST} | 15.0 | 10.0 - 20.0 | 1.00 | 2 | yes |",
        f"| 640x480 | 20 | 2 | {SECOND} | 35.0 | 30.0 - 40.0 | 2.50 | 1 "
        "| **no**: misses 1 of 2, 0 of its own |",
        f"| 640x480 | 20 | 2 | {THIRD} | fails |  |  |  | ValueError: a \\| b |",
    ]


def test_the_explanation_has_the_settings():
    text = explanation(TimingSettings(9, 2, 0.5), FIRST)
    assert "9 rounds" in text
    assert "0.5 s of pause, 2 detection(s) untimed" in text
    assert f"{FIRST}'s of the same round" in text
