"""Tests of overlaps, against a slow reference and cases computed by hand."""

import numpy as np
import pytest
from helpers import reference
from hypothesis import given
from hypothesis import strategies as st

from mtcnn_rt._boxes import overlaps

A, B = (0, 0, 100, 100), (200, 0, 300, 100)
NONE = np.zeros((0, 4))


@pytest.mark.parametrize(("over", "half"), [("union", 1 / 3), ("smaller", 1 / 2)])
def test_known_boxes(over, half):
    # Half of each in common: 5000 of 15000, of 10000. A quarter of A. Side by side: nothing.
    boxes = [A, (50, 0, 150, 100), (0, 0, 50, 50), (100, 0, 200, 100), B]
    quarter = 0.25 if over == "union" else 1
    expected = [[1, half, quarter, 0, 0]]
    np.testing.assert_allclose(overlaps(np.array([A]), np.array(boxes), over), expected, rtol=1e-12)


def test_every_pair():
    assert overlaps(np.array([A, B]), np.array([A, B, A])).tolist() == [[1, 0, 1], [0, 1, 0]]
    assert overlaps(NONE, np.array([A, B])).shape == (0, 2)
    assert overlaps(np.array([A, B]), NONE).shape == (2, 0)


def test_boxes_without_area_overlap_nothing():
    flat = np.array([(5, 5, 5, 9), (9, 9, 2, 2), (5, 5, 5, 5)], np.float32)
    for over in ("union", "smaller"):
        assert overlaps(flat, np.array([A]), over).tolist() == [[0], [0], [0]]
        assert (overlaps(flat, flat, over) == 0).all()


def test_sides_that_are_no_numbers_give_no_number():
    odd = np.array([(np.nan, 0, 9, 9), (0, 0, 9, np.nan)])
    for over in ("union", "smaller"):
        assert np.isnan(overlaps(odd, np.array([A, B]), over)).all()
        assert np.isnan(overlaps(np.array([A, B]), odd, over)).all()


def test_boxes_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"^second: expected shape \(N, 4\), not \(1, 5\)"):
        overlaps(np.array([A]), np.zeros((1, 5)))
    with pytest.raises(ValueError, match=r"^over: neither 'union' nor 'smaller'"):
        overlaps(np.array([A]), np.array([B]), "larger")


@given(
    st.integers(0, 6),
    st.integers(1, 6),
    st.integers(0, 99),
    st.sampled_from(["union", "smaller"]),
    st.sampled_from([np.float32, np.float64]),
)
def test_overlaps_equal_the_slow_reference(rows, columns, seed, over, dtype):
    random = np.random.default_rng(seed)
    corners = random.uniform(0, 100, (rows + columns, 2))
    boxes = np.hstack([corners, corners + random.uniform(1, 100, corners.shape)]).astype(dtype)
    slow = reference.iou if over == "union" else reference.over_smaller
    exact = boxes.astype(float)
    expected = [slow(box, exact[rows:]) for box in exact[:rows]]
    found = overlaps(boxes[:rows], boxes[rows:], over)
    np.testing.assert_allclose(found, np.reshape(expected, (rows, columns)), rtol=1e-12)
