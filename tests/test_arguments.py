"""Tests of MTCNN's arguments: errors and their messages, and accepted values."""

import re
from fractions import Fraction

import numpy as np
import pytest

from mtcnn_rt import MTCNN

NO_NUMBERS = [True, "20", None, [20], 2j, np.bool_(True), np.array([20.0])]
NOT_FINITE = [float("nan"), float("inf"), -float("inf"), np.float32("nan")]


def refuses(error: type[Exception], message: str):
    return pytest.raises(error, match=f"^{re.escape(message)}$")


@pytest.mark.parametrize("value", NO_NUMBERS)
@pytest.mark.parametrize("name", ["min_face_size", "scale_factor"])
def test_values_that_are_no_numbers_are_refused(name, value):
    with refuses(TypeError, f"{name}: expected a number, not {value!r}"):
        MTCNN(**{name: value})


@pytest.mark.parametrize("value", NOT_FINITE)
@pytest.mark.parametrize("name", ["min_face_size", "scale_factor", "max_face_size"])
def test_numbers_that_are_not_finite_are_refused(name, value):
    with refuses(ValueError, f"{name}: {value} is not a finite number"):
        MTCNN(**{name: value})


@pytest.mark.parametrize("value", [11.999, 0, -20, np.int64(11)])
def test_a_face_smaller_than_a_cell_is_refused(value):
    message = (
        f"min_face_size: {value} is less than 12 pixels, the side of the smallest face that "
        "P-Net finds"
    )
    with refuses(ValueError, message):
        MTCNN(min_face_size=value)


@pytest.mark.parametrize("value", [0, 1, -0.709, 0.0999, 0.991, 2])
def test_scale_factors_out_of_range_are_refused(value):
    with refuses(ValueError, f"scale_factor: {value} is not between 0.1 and 0.99"):
        MTCNN(scale_factor=value)


@pytest.mark.parametrize("value", [0.7, "0.6", {0.6, 0.7, 0.8}])
def test_thresholds_that_are_no_sequence_are_refused(value):
    with refuses(TypeError, f"thresholds: expected three numbers, not {value!r}"):
        MTCNN(thresholds=value)


@pytest.mark.parametrize("value", [(), (0.6, 0.7), [0.6, 0.7, 0.7, 0.7]])
def test_a_wrong_number_of_thresholds_is_refused(value):
    with refuses(ValueError, f"thresholds: expected one for P-Net, R-Net and O-Net, not {value!r}"):
        MTCNN(thresholds=value)


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (1.01, ValueError, "thresholds: 1.01 is not between 0 and 1"),
        (-0.5, ValueError, "thresholds: -0.5 is not between 0 and 1"),
        (float("nan"), ValueError, "thresholds: nan is not a finite number"),
        (float("inf"), ValueError, "thresholds: inf is not a finite number"),
        ("0.6", TypeError, "thresholds: expected a number, not '0.6'"),
        (True, TypeError, "thresholds: expected a number, not True"),
        (None, TypeError, "thresholds: expected a number, not None"),
    ],
)
def test_each_threshold_is_checked(place, value, error, message):
    thresholds = [0.6, 0.7, 0.7]
    thresholds[place] = value
    with refuses(error, message):
        MTCNN(thresholds=thresholds)


@pytest.mark.parametrize("value", [value for value in NO_NUMBERS if value is not None])
def test_a_largest_face_that_is_no_number_is_refused(value):
    with refuses(TypeError, f"max_face_size: expected a number, not {value!r}"):
        MTCNN(max_face_size=value)


@pytest.mark.parametrize("value", [39.9, 0, -1])
def test_a_largest_face_below_the_smallest_is_refused(value):
    with refuses(ValueError, f"max_face_size: {value} is less than min_face_size 40"):
        MTCNN(min_face_size=40, max_face_size=value)


@pytest.mark.parametrize("value", [1.5, 2.0, True, "2", [2], np.float64(2)])
def test_threads_that_are_no_integer_are_refused(value):
    with refuses(TypeError, f"threads: expected an integer or None, not {value!r}"):
        MTCNN(threads=value)


@pytest.mark.parametrize("value", [0, -1, np.int64(-4)])
def test_less_than_one_thread_is_refused(value):
    with refuses(ValueError, f"threads: {value} is not between 1 and 1024"):
        MTCNN(threads=value)


@pytest.mark.parametrize(
    "settings",
    [
        {"min_face_size": 12, "scale_factor": 0.1},
        {"min_face_size": np.float32(20.5), "scale_factor": np.float64(0.99)},
        {"min_face_size": np.int16(40), "max_face_size": np.int64(40)},
        {"min_face_size": Fraction(41, 2), "max_face_size": 1e30},
        {"thresholds": [0, 1, 0.5]},
        {"thresholds": (np.float32(0.5), np.int8(1), Fraction(1, 2))},
        {"thresholds": np.array([0.6, 0.7, 0.7])},
        {"threads": 1},
        {"threads": np.int32(2)},
        {"max_face_size": None, "threads": None},
    ],
)
def test_any_kind_of_number_in_range_is_accepted(settings):
    detector = MTCNN(**settings)
    assert len(detector.detect(np.zeros((60, 60, 3), np.uint8))) == 0
    for name in settings.keys() - {"threads", "thresholds"}:
        assert getattr(detector, name) == settings[name]
    if "thresholds" in settings:
        assert detector.thresholds == tuple(settings["thresholds"])


def test_numbers_of_any_kind_find_the_same_faces(sample_frame):
    plain = MTCNN(min_face_size=40, thresholds=(0.5, 0.75, 0.75), threads=1)
    other = MTCNN(
        min_face_size=np.float32(40),
        thresholds=[np.float64(0.5), np.float32(0.75), Fraction(3, 4)],
        threads=np.int64(1),
    )
    faces = plain.detect(sample_frame)
    assert len(faces) == 4
    np.testing.assert_array_equal(other.detect(sample_frame).boxes, faces.boxes)


def test_the_arguments_are_copied():
    thresholds = [0.6, 0.7, 0.7]
    detector = MTCNN(thresholds=thresholds)
    thresholds[0] = 0.1
    assert detector.thresholds == (0.6, 0.7, 0.7)
