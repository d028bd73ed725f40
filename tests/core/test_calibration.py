import numpy as np
import pytest
from helpers import reference
from hypothesis import given
from hypothesis import strategies as st

from mtcnn_rt import _native


def random_boxes(count, seed):
    random = np.random.default_rng(seed)
    corners = random.uniform(-50, 500, (count, 2))
    return np.hstack([corners, corners + random.uniform(1, 200, (count, 2))]).astype(np.float32)


@given(st.integers(0, 20), st.integers(0, 99))
def test_calibrate_moves_the_sides(count, seed):
    boxes = random_boxes(count, seed)
    regressions = np.random.default_rng(seed).normal(0, 0.2, (count, 4)).astype(np.float32)
    expected = [reference.calibrate(*pair) for pair in zip(boxes, regressions, strict=True)]
    calibrated = _native.calibrate(boxes, regressions)
    np.testing.assert_allclose(calibrated, np.reshape(expected, (-1, 4)), atol=1e-3)


@given(st.integers(0, 20), st.integers(0, 99))
def test_square_keeps_the_center_and_the_longer_side(count, seed):
    boxes = random_boxes(count, seed)
    expected = [reference.square(box) for box in boxes]
    np.testing.assert_allclose(_native.square(boxes), np.reshape(expected, (-1, 4)), atol=1e-3)


@given(st.integers(0, 20), st.integers(0, 99))
def test_clip_keeps_what_is_inside(count, seed):
    boxes = random_boxes(count, seed)
    expected = np.clip(boxes, 0, [300, 200, 300, 200])
    np.testing.assert_array_equal(_native.clip(boxes, 200, 300), expected)


def test_landmarks_are_placed_in_their_box():
    boxes = np.array([[10, 20, 110, 70], [0, 0, 1, 1]], np.float32)
    landmarks = np.tile(np.array([[0.5, 0.5], [0, 1]], np.float32), (2, 1, 1))
    placed = _native.place(boxes, landmarks)
    np.testing.assert_array_equal(placed, [[[60, 45], [10, 70]], [[0.5, 0.5], [0, 1]]])


def test_columns_of_a_larger_array_are_accepted():
    outputs = np.arange(15, dtype=np.float32).reshape(1, 15)
    calibrated = _native.calibrate(np.array([[0, 0, 10, 10]], np.float32), outputs[:, 1:5])
    np.testing.assert_array_equal(calibrated, [[10, 20, 40, 50]])


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match=r"regressions: expected shape \(2, 4\), not \(3, 4\)"):
        _native.calibrate(np.zeros((2, 4), np.float32), np.zeros((3, 4), np.float32))
