"""The steps between the networks, against the same steps one by one."""

import numpy as np
import pytest
from helpers import reference
from hypothesis import given
from hypothesis import strategies as st

from mtcnn_rt import _native

selection = _native.Selection()  # one for all tests: what is left of the last call must not matter
WEIGHTS = np.array([0.2, 0.3, 0.4, -0.5])  # of three networks, and the bias


def random_squares(random, count):
    corners = random.uniform(0, 60, (count, 2))
    return np.hstack([corners, corners + random.uniform(20, 60, (count, 1))]).astype(np.float32)


def seen(seed, count, columns=15, networks=2):
    """Squares, logits of the networks before, and outputs of this one."""
    random = np.random.default_rng(seed)
    outputs = random.normal(0, 0.2, (count, columns)).astype(np.float32)
    outputs[:, 0] = random.normal(0, 9, count)
    logits = random.normal(0, 9, (count, networks)).astype(np.float32)
    return random_squares(random, count), logits, outputs


def probabilities(logits):
    return 1 / (1 + np.exp(-logits.astype(np.float64)))


def calibrated(squares, outputs):
    return _native.calibrate(squares, outputs[:, 1:5])


def fused(logits, outputs):
    every = np.clip(np.column_stack([logits, outputs[:, 0]]), -16, 16).astype(np.float64)
    return every @ WEIGHTS[:-1] + WEIGHTS[-1]


@given(st.lists(st.integers(0, 25), max_size=5), st.integers(0, 99))
def test_proposals_are_the_best_of_each_level_and_of_all(counts, seed):
    random = np.random.default_rng(seed)
    levels, left = [], []
    for count in counts:
        boxes = random_squares(random, count)
        scores = random.uniform(0.6, 1, count).astype(np.float32)
        regressions = random.normal(0, 0.2, (count, 4)).astype(np.float32)
        levels.append((boxes, scores, regressions))
        kept = reference.nms(boxes, scores, 0.5)
        left.append((boxes[kept], scores[kept], regressions[kept]))
    squares, logits = selection.propose(levels, 0.5, 0.7)
    if not left:
        assert (squares.shape, logits.shape) == ((0, 4), (0, 1))
        return
    boxes, scores, regressions = map(np.concatenate, zip(*left, strict=True))
    kept = reference.nms(boxes, scores, 0.7)
    expected = _native.square(_native.calibrate(boxes[kept], regressions[kept]))
    np.testing.assert_array_equal(squares, expected)
    np.testing.assert_allclose(probabilities(logits[:, 0]), scores[kept], atol=2e-7)


@given(st.integers(0, 40), st.integers(0, 99), st.booleans())
def test_refining_accepts_suppresses_and_calibrates(count, seed, after):
    squares, logits, outputs = seen(seed, count, columns=5, networks=1)
    passed = np.flatnonzero(probabilities(outputs[:, 0]) > 0.7)
    boxes = calibrated(squares, outputs) if after else squares
    ranking = _native.as_probabilities(outputs[passed, 0])
    kept = passed[reference.nms(boxes[passed], ranking, 0.6)]
    found, found_logits = selection.refine(squares, logits, outputs, 0.7, 0.6, after)
    expected = _native.square(calibrated(squares[kept], outputs[kept]))
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(found_logits[:, 0], logits[kept, 0])
    np.testing.assert_array_equal(found_logits[:, 1], outputs[kept, 0])


@given(st.integers(0, 40), st.integers(0, 99), st.booleans(), st.sampled_from(["union", "smaller"]))
def test_faces_are_what_scores_above_the_threshold(count, seed, is_fused, over):
    squares, logits, outputs = seen(seed, count)
    score = fused(logits, outputs) if is_fused else outputs[:, 0]
    ranking = score if is_fused else _native.as_probabilities(score)
    passed = np.flatnonzero(probabilities(score) > 0.6)
    boxes = calibrated(squares, outputs)
    kept = passed[reference.nms(boxes[passed], ranking[passed], 0.6, over)]
    weights = WEIGHTS if is_fused else None
    found, scores, landmarks, index, of_all = selection.accept(
        squares, logits, outputs, weights, 0.6, 0.6, over, -0.5
    )
    assert index.tolist() == kept.tolist()
    np.testing.assert_allclose(found, boxes[kept] - 0.5, atol=1e-5)
    np.testing.assert_allclose(scores, probabilities(score[kept]), rtol=1e-6)
    expected = _native.place(squares[kept], outputs[kept, 5:].reshape(-1, 5, 2))
    np.testing.assert_array_equal(landmarks, expected)
    np.testing.assert_array_equal(of_all, np.column_stack([logits, outputs[:, 0]])[kept])


@given(st.integers(0, 40), st.integers(0, 99), st.booleans(), st.sampled_from([0.0, 0.8, 1.1]))
def test_squares_of_a_sure_face_need_not_be_seen(count, seed, is_fused, sure):
    squares, logits, outputs = seen(seed, count)
    shown = np.random.default_rng(seed).permutation(count)[: count // 3]
    logits, outputs = logits[shown], outputs[shown]
    score = probabilities(fused(logits, outputs) if is_fused else outputs[:, 0])
    settled = squares[shown[score >= sure]].astype(float)
    expected = [
        i
        for i in range(count)
        if i not in shown and not (reference.iou(squares[i].astype(float), settled) > 0.4).any()
    ]
    weights = WEIGHTS if is_fused else None
    left = _native.unsettled(squares, shown, logits, outputs, weights, sure, 0.4)
    assert left.tolist() == expected


def test_scores_of_logits():
    logits = np.array([[100, 0, 0], [0, -100, 0], [1, 2, 3]], np.float32)
    expected = [0.2 * 16 - 0.5, -0.3 * 16 - 0.5, 0.2 + 0.6 + 1.2 - 0.5]
    np.testing.assert_allclose(_native.fuse(logits, WEIGHTS), expected, rtol=1e-6)
    np.testing.assert_array_equal(_native.as_logits(np.float32([0, 0.5, 1])), [-16, 0, 16])
    found = _native.as_probabilities(np.float32([-1e4, 0, 1, 1e4]))
    np.testing.assert_allclose(found, [0, 0.5, 1 / (1 + np.exp(-1)), 1], rtol=1e-6)


def test_squares_may_be_larger_than_the_boxes():
    boxes = np.array([[0, 0, 10, 20], [5, 5, 5, 5]], np.float32)
    np.testing.assert_array_equal(_native.square(boxes, 1.5), [[-10, -5, 20, 25], [5, 5, 5, 5]])


def test_wrong_arguments_are_refused():
    squares, logits, outputs = seen(0, 3)
    shown = np.arange(3)
    accept = (0.6, 0.6, "union", 0.0)
    calls = {
        "levels": lambda: selection.propose([(squares, logits[:, 0])], 0.5, 0.7),
        "scores: expected shape": lambda: selection.propose([(squares, squares, squares)], 0.5, 1),
        "threshold": lambda: selection.propose([], 0.5, 1.1),
        "logits: expected shape": lambda: selection.refine(
            squares, logits[:2], outputs, 0.5, 0.5, False
        ),
        "a row is a face logit": lambda: selection.refine(
            squares, logits, outputs[:, :4], 0.5, 0.5, False
        ),
        "weights: expected shape": lambda: selection.accept(
            squares, logits, outputs, WEIGHTS[:3], *accept
        ),
        "over": lambda: selection.accept(squares, logits, outputs, None, 0.6, 0.6, "min", 0.0),
        "shown": lambda: _native.unsettled(squares, shown + 1, logits, outputs, None, 0.5, 0.5),
        "probabilities": lambda: _native.as_logits(squares),
    }
    for message, call in calls.items():
        with pytest.raises((ValueError, TypeError), match=message):
            call()
