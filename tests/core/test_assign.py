"""Assignment of rows to columns, against scipy's and against all assignments."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtcnn_rt import _native

SIDES = st.integers(0, 6)


def best_sum(gains):
    """Returns the greatest sum over all assignments, each of which is tried."""
    wide = gains if gains.shape[0] <= gains.shape[1] else gains.T
    rows = range(len(wide))
    ways = permutations(range(wide.shape[1]), len(wide))
    return max(wide[rows, list(way)].sum() for way in ways)


def random_gains(rows, columns, seed, kind):
    random = np.random.default_rng(seed)
    if kind == "whole":  # with many equal gains
        return random.integers(-2, 3, (rows, columns)).astype(np.float64)
    gains = random.uniform(0, 1, (rows, columns))
    if kind == "sparse":  # as of faces and tracks, most of which do not overlap
        gains[gains < 0.7] = 0
    return gains


KINDS = st.sampled_from(["whole", "dense", "sparse"])


@given(SIDES, SIDES, st.integers(0, 9999), KINDS)
def test_no_assignment_has_a_greater_sum(rows, columns, seed, kind):
    gains = random_gains(rows, columns, seed, kind)
    paired_rows, paired_columns = _native.assign(gains)
    assert len(paired_rows) == len(paired_columns) == min(rows, columns)
    assert np.all(np.diff(paired_rows) > 0)
    assert len(set(paired_columns.tolist())) == len(paired_columns)
    assert gains[paired_rows, paired_columns].sum() == pytest.approx(best_sum(gains))


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 9999), KINDS)
def test_pairs_are_those_of_scipy(rows, columns, seed, kind):
    """Equal sums are broken alike, too: tracks keep their ids of before."""
    optimize = pytest.importorskip("scipy.optimize")
    gains = random_gains(rows, columns, seed, kind)
    expected = optimize.linear_sum_assignment(gains, maximize=True)
    for ours, theirs in zip(_native.assign(gains), expected, strict=True):
        assert ours.dtype == np.int64
        assert ours.tolist() == theirs.tolist()


def test_equal_gains_are_paired_on_the_diagonal():
    rows, columns = _native.assign(np.ones((3, 4)))
    assert (rows.tolist(), columns.tolist()) == ([0, 1, 2], [0, 1, 2])


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_no_gains_give_no_pairs(shape):
    rows, columns = _native.assign(np.zeros(shape))
    assert (rows.shape, columns.shape) == ((0,), (0,))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e101])
def test_gains_that_cannot_be_summed_are_refused(value):
    gains = np.zeros((2, 2))
    gains[1, 0] = value
    with pytest.raises(ValueError, match="gains: expected finite numbers, up to 1e100"):
        _native.assign(gains)


def test_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"gains: expected shape \(N, N\), not \(3\)"):
        _native.assign(np.zeros(3))


def test_the_array_is_not_changed():
    gains = np.arange(6.0).reshape(3, 2)
    _native.assign(gains)
    assert gains.tolist() == [[0, 1], [2, 3], [4, 5]]
