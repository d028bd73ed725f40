"""Assignment of faces to tracks."""

from itertools import permutations

import numpy as np
import pytest
from helpers import reference
from hypothesis import given
from hypothesis import strategies as st

from mtcnn_rt.tracking.assignment import MIN_IOU, match

NONE = np.zeros((0, 4), np.float32)


def boxes(*corners):
    return np.array(corners, np.float32).reshape(-1, 4)


def random_boxes(count, random):
    corners = random.uniform(0, 60, (count, 2))
    return np.hstack([corners, corners + random.uniform(20, 50, (count, 2))]).astype(np.float32)


def pairs(expected, found, reach=1.0):
    rows, columns = match(expected, found, reach)
    return dict(zip(rows.tolist(), columns.tolist(), strict=True))


@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 999))
def test_sum_of_iou_is_the_greatest_of_all_assignments(rows, columns, seed):
    random = np.random.default_rng(seed)
    expected, found = random_boxes(rows, random), random_boxes(columns, random)
    allowed = np.zeros((rows, columns))
    for row in range(rows):
        allowed[row] = reference.iou(expected[row].astype(float), found.astype(float))
    allowed[allowed < MIN_IOU] = 0
    size = max(rows, columns)
    square = np.zeros((size, size))
    square[:rows, :columns] = allowed
    best = max(square[range(size), list(way)].sum() for way in permutations(range(size)))
    chosen = pairs(expected, found)
    assert len(set(chosen.values())) == len(chosen)
    assert all(allowed[pair] > 0 for pair in chosen.items())
    assert sum(allowed[pair] for pair in chosen.items()) == pytest.approx(best)


def test_assignment_is_not_greedy():
    """The face of the second track overlaps the first one most, but each has a face."""
    expected = boxes((0, 0, 10, 10), (4, 0, 14, 10))
    found = boxes((3, 0, 13, 10), (9, 0, 19, 10))
    assert pairs(expected, found) == {0: 0, 1: 1}


def test_distant_boxes_are_no_pair():
    box = boxes((0, 0, 10, 10))
    assert pairs(box, boxes((6.5, 0, 16.5, 10))) == {0: 0}  # IoU 3.5 / 16.5
    assert pairs(box, boxes((7, 0, 17, 10))) == {}  # 3 / 17
    assert pairs(box, boxes((0, 0, 100, 100))) == {}  # inside it, but of another size


def test_a_pair_below_the_least_iou_influences_no_other():
    expected = boxes((0, 0, 10, 10), (8, 0, 18, 10))
    found = boxes((8, 0, 18, 10))
    assert pairs(expected, found) == {1: 0}


def test_reach_grows_the_boxes():
    box, beside, beyond = (boxes((x, 0, x + 10, 10)) for x in (0, 12, 14))
    assert pairs(box, beside) == {}
    assert pairs(box, beside, 2) == {0: 0}  # grown to 20: 8 / 32
    assert pairs(box, beyond, 2) == {}  # 6 / 34
    assert pairs(box, boxes((0, 0, 30, 30)), 2) == {}


def test_no_boxes_give_no_pairs():
    one = boxes((0, 0, 10, 10))
    for expected, found in ((NONE, NONE), (one, NONE), (NONE, one)):
        rows, columns = match(expected, found)
        assert (rows.shape, columns.shape, rows.dtype) == ((0,), (0,), np.int64)
