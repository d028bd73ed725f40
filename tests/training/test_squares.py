import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mtcnn_rt.training.squares import jittered_squares, random_squares


@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 20), st.integers(0, 9))
def test_random_squares_are_inside_the_image(height, width, count, seed):
    squares = random_squares(height, width, count, 12, np.random.default_rng(seed))
    assert squares.shape == (count if min(height, width) >= 12 else 0, 4)
    sides = squares[:, 2:] - squares[:, :2]
    np.testing.assert_allclose(sides[:, 0], sides[:, 1], atol=1e-3)
    assert (squares[:, :2] >= 0).all()
    assert (squares[:, 2:] <= np.array([width, height]) + 1e-3).all()
    assert (sides >= 12 - 1e-3).all()


@given(st.integers(0, 99))
def test_jittered_squares_stay_near_their_box(seed):
    box = np.array([[10, 20, 50, 90]], np.float32)  # center 30, 55; longer side 70
    squares = jittered_squares(box, 8, np.random.default_rng(seed), shift=0.2, zoom=1.25)
    centers = (squares[:, :2] + squares[:, 2:]) / 2
    sides = squares[:, 2:] - squares[:, :2]
    assert squares.shape == (8, 4)
    assert (abs(centers - [30, 55]) <= 14 + 1e-3).all()
    assert (sides >= 56 - 1e-3).all()
    assert (sides <= 87.5 + 1e-3).all()


def test_jittered_squares_are_in_the_order_of_the_boxes():
    boxes = np.array([[0, 0, 10, 10], [100, 0, 120, 10]], np.float32)
    squares = jittered_squares(boxes, 3, np.random.default_rng(0), shift=0, zoom=1)
    expected = [[0, 0, 10, 10]] * 3 + [[100, -5, 120, 15]] * 3
    np.testing.assert_allclose(squares, expected, atol=1e-4)
    assert jittered_squares(boxes[:0], 3, np.random.default_rng(0)).shape == (0, 4)
