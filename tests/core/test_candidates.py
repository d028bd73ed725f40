import numpy as np
import pytest
from helpers import reference
from hypothesis import given
from hypothesis import strategies as st

from mtcnn_rt import _native


@given(
    st.integers(1, 12),
    st.integers(1, 40),
    st.floats(0.05, 0.95),
    st.integers(0, 50),
    st.tuples(st.floats(0.01, 1), st.floats(0.01, 1)),
    st.integers(0, 99),
)
def test_cells_above_the_threshold(rows, columns, threshold, first_row, scale, seed):
    cells = np.random.default_rng(seed).normal(size=(5, rows, columns)).astype(np.float32)
    boxes, scores, regressions = _native.candidates(cells, threshold, first_row, scale)
    expected = reference.candidates(cells, threshold, np.array(scale))
    assert len(boxes) == len(scores) == len(regressions) == len(expected)
    shift = first_row / scale[0]
    for i, (box, score, regression) in enumerate(expected):
        np.testing.assert_allclose(
            boxes[i], np.add(box, [0, shift, 0, shift]), rtol=1e-5, atol=1e-4
        )
        assert scores[i] == pytest.approx(score, abs=1e-6)
        np.testing.assert_array_equal(regressions[i], regression)


def test_a_cell_at_scale_one_is_its_receptive_field():
    cells = np.full((5, 1, 4), -9, np.float32)
    cells[:, 0, 3] = [2, 0.1, 0.2, 0.3, 0.4]
    boxes, scores, regressions = _native.candidates(cells, 0.6, 0, (1.0, 1.0))
    np.testing.assert_array_equal(boxes, [[6, 0, 18, 12]])
    np.testing.assert_allclose(scores, [0.8807970], atol=1e-6)
    np.testing.assert_allclose(regressions, [[0.1, 0.2, 0.3, 0.4]])


def test_no_candidate_is_an_empty_array():
    boxes, scores, regressions = _native.candidates(np.zeros((5, 3, 3), np.float32), 0.6, 0, (1, 1))
    assert (boxes.shape, scores.shape, regressions.shape) == ((0, 4), (0,), (0, 4))
    assert boxes.dtype == scores.dtype == regressions.dtype == np.float32


def test_a_logit_that_is_no_number_is_no_candidate():
    cells = np.full((5, 2, 2), np.nan, np.float32)
    assert len(_native.candidates(cells, 0.0, 0, (1, 1))[0]) == 0


def test_the_ends_of_the_thresholds():
    cells = np.zeros((5, 2, 3), np.float32)
    assert len(_native.candidates(cells, 0.0, 0, (1, 1))[0]) == 6
    assert len(_native.candidates(cells, 1.0, 0, (1, 1))[0]) == 0


@given(st.integers(0, 30), st.floats(0.05, 0.95), st.integers(0, 99))
def test_outputs_above_the_threshold_are_accepted(count, threshold, seed):
    outputs = np.random.default_rng(seed).normal(size=(count, 5)).astype(np.float32)
    indices, scores = _native.accept(outputs, threshold)
    probabilities = reference.sigmoid(outputs[:, 0])
    np.testing.assert_array_equal(indices, np.flatnonzero(probabilities > threshold))
    np.testing.assert_allclose(scores, probabilities[indices], atol=1e-6)


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match=r"cells: expected shape \(5, N, N\), not \(4, 2, 2\)"):
        _native.candidates(np.zeros((4, 2, 2), np.float32), 0.5, 0, (1, 1))
    with pytest.raises(TypeError):
        _native.candidates(np.zeros((5, 2, 2)), 0.5, 0, (1, 1))


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf, 3e38, -1e6])
def test_a_broken_regression_is_no_face(broken):
    cells = np.full((5, 1, 2), 0.1, np.float32)
    cells[3, 0, 1] = broken
    boxes, _, regressions = _native.candidates(cells, 0.5, 0, (1, 1))
    np.testing.assert_allclose(regressions, [[0.1, 0.1, 0.1, 0.1]])
    assert len(boxes) == 1
    outputs = np.ascontiguousarray(cells[:, 0].T)
    assert _native.accept(outputs, 0.5)[0].tolist() == [0]
