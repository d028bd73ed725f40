"""Levels that are averaged from an image halved once or more."""

import numpy as np
import pytest
from helpers import reference
from hypothesis import given
from hypothesis import strategies as st

from mtcnn_rt import _native


def random_image(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def from_halves(image, level, bgr=False):
    return _native.resize(_native.Halves(image, bgr, [level]), level, 0, level[0])


@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 40), st.integers(0, 99))
def test_levels_are_averaged_from_halves(height, width, times, seed):
    image = random_image(height, width, seed)
    level = (max(1, height // times), max(1, width // times))
    np.testing.assert_allclose(
        from_halves(image, level), reference.level(image, *level), rtol=0, atol=1e-3
    )


@pytest.mark.parametrize("width", range(250, 284))
def test_halves_of_every_width_are_exact(width):
    # Half of it and no more, so that the means of 2 x 2 pixels come out as they are.
    image, level = random_image(12, 2 * width, width), (2, width // 3)
    halved = reference.halved(image)
    expected = reference.area_average(halved, (0, 0, width, 6), *level)
    np.testing.assert_allclose(from_halves(image, level), expected, rtol=0, atol=1e-3)


def test_one_half_is_rounded_up():
    image = np.zeros((6, 6, 3), np.uint8)
    image[0, 0], image[0, 2], image[0, 5] = (1, 2, 3), (5, 6, 7), (255, 254, 0)
    # Means of 2 x 2 pixels: 1/4 1/2 3/4, 5/4 6/4 7/4, 255/4 254/4 0.
    halved = np.array([[0, 1, 1], [1, 2, 2], [64, 64, 0]])
    found = from_halves(image, (1, 1)).ravel()
    np.testing.assert_allclose(found, halved.sum(axis=0) / 9, rtol=1e-6)


def test_large_levels_are_averaged_from_the_image():
    image, level = random_image(40, 60), (6, 11)  # 60 / 11 is less than 6
    whole = _native.resize(image, False, level, 0, 6)
    np.testing.assert_array_equal(from_halves(image, level), whole)


def test_each_level_has_the_half_that_it_would_have_alone():
    image = random_image(333, 217)
    levels = [(200, 130), (56, 36), (55, 36), (20, 13), (9, 6)]
    halves = _native.Halves(image, True, levels)
    for level in levels:
        np.testing.assert_array_equal(
            _native.resize(halves, level, 0, level[0]), from_halves(image, level, bgr=True)
        )


@pytest.mark.parametrize("rows", [slice(None, None, 2), slice(None, None, -1)])
def test_rows_at_any_distance(rows):
    view = random_image(60, 50)[rows, 5:40]
    expected = from_halves(np.ascontiguousarray(view), (5, 6))
    np.testing.assert_array_equal(from_halves(view, (5, 6)), expected)


def test_the_image_stays_as_long_as_its_halves():
    image = random_image(50, 70)
    expected = reference.level(image, 30, 40)
    halves = _native.Halves(image.copy(), False, [(30, 40)])
    np.testing.assert_allclose(_native.resize(halves, (30, 40), 0, 30), expected, atol=1e-3)


def test_wrong_levels_are_refused():
    with pytest.raises(ValueError, match="level: has no pixels"):
        _native.Halves(random_image(5, 5), True, [(3, 0)])
    with pytest.raises(ValueError, match="rows: not in the level"):
        _native.resize(_native.Halves(random_image(5, 5), True, [(3, 3)]), (3, 3), 2, 2)
