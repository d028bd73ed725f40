"""The One-Euro filter against one written from the paper, and the effect of its defaults."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtcnn_rt.tracking.one_euro import BETA, one_euro


class LowPass:
    """Casiez et al. 2012, algorithm 2."""

    def __init__(self):
        self.last = None

    def filter(self, value, alpha):
        self.last = value if self.last is None else alpha * value + (1 - alpha) * self.last
        return self.last


class Scalar:
    """Casiez et al. 2012, algorithm 1: one coordinate, in sizes of the face."""

    def __init__(self, min_cutoff, beta, derivative_cutoff):
        self.min_cutoff, self.beta, self.derivative_cutoff = min_cutoff, beta, derivative_cutoff
        self.value, self.derivative, self.time = LowPass(), LowPass(), None

    def filter(self, value, time):
        if self.time is None:
            speed, rate = 0.0, 1.0
        else:
            rate = 1 / (time - self.time)
            speed = (value - self.value.last) * rate
        self.time = time
        speed = self.derivative.filter(speed, self.alpha(rate, self.derivative_cutoff))
        cutoff = self.min_cutoff + self.beta * abs(speed)
        return self.value.filter(value, self.alpha(rate, cutoff))

    def alpha(self, rate, cutoff):
        tau = 1 / (2 * math.pi * cutoff)
        return 1 / (1 + tau * rate)


def filtered(values, times, unit, *parameters):
    """Returns all values of an object, filtered one after the other."""
    smoothed, speed = values[0], np.zeros_like(values[0])
    results = [smoothed]
    for value, step in zip(values[1:], np.diff(times), strict=True):
        smoothed, speed = one_euro(value, smoothed, speed, step, unit, *parameters)
        results.append(smoothed)
    return np.array(results)


def at_rate(values, unit, rate=25.0):
    return filtered(values, np.arange(len(values)) / rate, unit)


@given(
    seed=st.integers(0, 1000),
    count=st.integers(1, 30),
    unit=st.sampled_from([1.0, 12.0, 350.0]),
    parameters=st.tuples(st.floats(0.1, 5), st.floats(0, 20), st.floats(0.5, 2)),
)
def test_every_coordinate_is_filtered_as_in_the_paper(seed, count, unit, parameters):
    random = np.random.default_rng(seed)
    values = random.normal(0, unit, (count, 3)).cumsum(axis=0)
    times = random.uniform(0.001, 0.2, count).cumsum()
    results = filtered(values, times, unit, *parameters)
    for column in range(3):
        scalar = Scalar(*parameters)
        expected = [
            scalar.filter(v / unit, t) for v, t in zip(values[:, column], times, strict=True)
        ]
        np.testing.assert_allclose(
            results[:, column], np.array(expected) * unit, rtol=1e-9, atol=1e-9 * unit
        )


@pytest.mark.parametrize("unit", [20.0, 400.0])
def test_a_resting_face_jitters_less_than_half(unit):
    noise = np.random.default_rng(0).normal(300, 0.01 * unit, (500, 14))
    smooth = at_rate(noise, unit)[25:]
    assert smooth.std(axis=0).max() < noise.std() / 2
    assert np.diff(smooth, axis=0).std() < np.diff(noise, axis=0).std() / 4  # frame to frame


@pytest.mark.parametrize("speed", [0.1, 0.5, 2, 10])
@pytest.mark.parametrize("rate", [12.5, 25, 60])
def test_a_moving_face_lags_by_less_than_3_percent_of_its_size(speed, rate):
    line = speed * np.arange(int(4 * rate)) / rate
    lag = (line - at_rate(line[:, None], 1.0, rate)[:, 0])[-1]
    assert 0 < lag < 1 / (2 * math.pi * BETA) < 0.03


def test_another_resolution_gives_the_same_values():
    values = np.random.default_rng(1).normal(0, 1, (50, 4)).cumsum(axis=0)
    np.testing.assert_allclose(at_rate(values * 8, 80.0), at_rate(values, 10.0) * 8, rtol=1e-9)


def test_values_before_a_long_gap_are_forgotten():
    values = np.array([[0.0, 0.0], [5.0, 7.0]])
    np.testing.assert_allclose(filtered(values, [0, 1000], 1.0)[1], values[1], rtol=0.001)


def test_every_row_has_its_own_step_and_unit():
    random = np.random.default_rng(2)
    values, smoothed, speed = random.normal(0, 5, (3, 4, 14))
    step, unit = random.uniform(0.01, 9, (2, 4, 1))
    together = one_euro(values, smoothed, speed, step, unit)
    for row in range(4):
        alone = one_euro(values[row], smoothed[row], speed[row], step[row, 0], unit[row, 0])
        np.testing.assert_allclose([part[row] for part in together], alone, rtol=1e-12)


def test_the_values_given_are_not_changed():
    values, smoothed, speed = np.ones(2), np.zeros(2), np.zeros(2)
    one_euro(values, smoothed, speed, 1.0, 1.0)
    assert [*values, *smoothed, *speed] == [1, 1, 0, 0, 0, 0]
