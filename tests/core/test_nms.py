import numpy as np
import pytest
from helpers import reference
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mtcnn_rt import _native

nms = _native.Nms()  # one for all tests: what is left of the last call must not matter

OVER = st.sampled_from(["union", "smaller"])
THRESHOLD = st.floats(0, 1, width=32)
# Whole numbers: the overlaps are then exact enough that both sides decide alike.
SIDES = st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(1, 40), st.integers(1, 40))


@given(st.lists(st.tuples(SIDES, st.integers(0, 5)), max_size=60), THRESHOLD, OVER)
def test_few_boxes_are_those_of_the_reference(rows, threshold, over):
    boxes = np.array([[x, y, x + w, y + h] for (x, y, w, h), _ in rows], np.float32)
    boxes = boxes.reshape(-1, 4)
    scores = np.array([score for _, score in rows], np.float32)
    assume(not _close_to_threshold(boxes, threshold, over))
    kept = nms(boxes, scores, threshold, over)
    assert kept.tolist() == reference.nms(boxes, scores, threshold, over)


def _close_to_threshold(boxes, threshold, over):
    overlap = reference.iou if over == "union" else reference.over_smaller
    exact = boxes.astype(np.float64)
    return any((abs(overlap(box, exact) - threshold) < 1e-6).any() for box in exact)


@settings(max_examples=25)
@given(st.integers(0, 1000), st.sampled_from([0.3, 0.5, 0.7]), OVER, st.floats(1, 40))
def test_crowds_of_all_sizes(seed, threshold, over, spread):
    """Enough boxes of one size that the grid is used, not the plain list."""
    random = np.random.default_rng(seed)
    corners = random.uniform(-100, 100 * spread, (700, 2))
    sides = np.exp(random.uniform(np.log(5), np.log(300), (700, 1))) * random.uniform(
        0.7, 1.3, (700, 2)
    )
    boxes = np.hstack([corners, corners + sides]).astype(np.float32)
    scores = random.uniform(0, 1, 700).astype(np.float32)
    kept = nms(boxes, scores, threshold, over)
    assert kept.tolist() == reference.nms(boxes, scores, threshold, over)


def test_equal_scores_go_by_index():
    boxes = np.tile(np.array([[0, 0, 10, 10]], np.float32), (4, 1))
    boxes[2] += 20
    scores = np.full(4, 0.5, np.float32)
    assert nms(boxes, scores, 0.5).tolist() == [0, 2]


def test_a_face_inside_another_overlaps_the_smaller():
    boxes = np.array([[0, 0, 100, 100], [10, 10, 40, 40]], np.float32)
    scores = np.array([0.9, 0.8], np.float32)
    assert nms(boxes, scores, 0.7, "union").tolist() == [0, 1]
    assert nms(boxes, scores, 0.7, "smaller").tolist() == [0]


def test_boxes_without_area_overlap_nothing():
    boxes = np.array(
        [[5, 5, 5, 9], [0, 0, 10, 10], [9, 0, 1, 10], [np.nan, 0, 1, 1], [0, 0, np.inf, 1]],
        np.float32,
    )
    scores = np.linspace(1, 0.5, 5).astype(np.float32)
    assert nms(boxes, scores, 0.0).tolist() == [0, 1, 2, 3, 4]


def test_scores_that_are_no_numbers_come_last():
    boxes = np.array([[0, 0, 1, 1], [5, 5, 6, 6], [9, 9, 10, 10]], np.float32)
    scores = np.array([np.nan, 0.1, 0.9], np.float32)
    assert nms(boxes, scores, 0.5).tolist() == [2, 1, 0]


def test_no_boxes_leave_none():
    kept = nms(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), 0.5)
    assert kept.shape == (0,)


def test_wrong_arguments_are_refused():
    boxes, scores = np.zeros((2, 4), np.float32), np.zeros(2, np.float32)
    with pytest.raises(ValueError, match=r"scores: expected shape \(2\), not \(1\)"):
        nms(boxes, scores[:1], 0.5)
    with pytest.raises(ValueError, match="threshold"):
        nms(boxes, scores, 1.5)
    with pytest.raises(ValueError, match="over"):
        nms(boxes, scores, 0.5, "min")
