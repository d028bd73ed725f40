import numpy as np
import pytest
from helpers import reference
from hypothesis import given
from hypothesis import strategies as st

from mtcnn_rt import _native
from mtcnn_rt.engines.batches import strips

ANY_FACE = float("inf")


def random_image(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


@given(
    st.integers(1, 3000),
    st.integers(1, 3000),
    st.floats(12, 200),
    st.floats(0.3, 0.9),
    st.floats(12, 2000),
)
def test_levels_are_those_of_the_paper(height, width, min_face_size, factor, max_face_size):
    levels = _native.pyramid(height, width, min_face_size, factor, max_face_size)
    expected = reference.pyramid(height, width, min_face_size, factor, max_face_size)
    assert levels == expected


def test_levels_of_vga_are_known():
    levels = _native.pyramid(480, 640, 20, 0.709, ANY_FACE)
    assert levels[:3] == [(288, 384), (205, 273), (145, 194)]
    assert len(levels) == 10
    assert min(levels[-1]) == 14


def test_an_image_smaller_than_a_face_has_no_level():
    assert _native.pyramid(19, 500, 20, 0.709, ANY_FACE) == []


def test_max_face_size_drops_the_coarse_levels():
    assert len(_native.pyramid(480, 640, 20, 0.5, 80)) == 3  # faces of 20, 40, 80 pixels


@given(st.integers(12, 70), st.integers(12, 70), st.floats(0.15, 1), st.integers(0, 99))
def test_resize_is_the_mean_over_the_area(height, width, scale, seed):
    image = random_image(height, width, seed)
    level = (max(1, round(height * scale)), max(1, round(width * scale)))
    resized = _native.resize(image, False, level, 0, level[0])
    assert resized.shape == (3, *level)
    assert resized.dtype == np.float32
    np.testing.assert_allclose(resized, reference.resize(image, *level), atol=1e-3)


def test_resize_of_a_wide_image():
    image = random_image(40, 1000)
    resized = _native.resize(image, False, (17, 423), 0, 17)
    np.testing.assert_allclose(resized, reference.resize(image, 17, 423), atol=1e-3)


def test_sums_of_many_bright_rows():
    image = np.maximum(random_image(1201, 50), 250)
    resized = _native.resize(image, False, (2, 50), 0, 2)
    np.testing.assert_allclose(resized, reference.resize(image, 2, 50), atol=1e-3)


def test_the_same_size_is_the_same_image():
    image = random_image(31, 45)
    resized = _native.resize(image, False, (31, 45), 0, 31)
    np.testing.assert_array_equal(resized, image.transpose(2, 0, 1))


def test_bgr_comes_out_as_rgb():
    image = random_image(31, 45)
    as_rgb = _native.resize(image, False, (20, 30), 0, 20)
    as_bgr = _native.resize(image, True, (20, 30), 0, 20)
    np.testing.assert_array_equal(as_bgr, as_rgb[::-1])


@pytest.mark.parametrize("rows", [slice(None), slice(None, None, 2), slice(None, None, -1)])
def test_rows_at_any_distance(rows):
    view = random_image(60, 50)[rows, 5:40]
    resized = _native.resize(view, False, (20, 21), 0, 20)
    expected = _native.resize(np.ascontiguousarray(view), False, (20, 21), 0, 20)
    np.testing.assert_array_equal(resized, expected)


def test_some_rows_are_rows_of_the_whole():
    image, level = random_image(97, 83), (61, 52)
    whole = _native.resize(image, True, level, 0, 61)
    np.testing.assert_array_equal(_native.resize(image, True, level, 13, 40), whole[:, 13:53])


@given(st.integers(12, 3000), st.integers(12, 3000), st.integers(4, 20))
def test_strips_give_every_row_of_cells_once(height, width, bits):
    total = -(-(height - 2) // 2) - 4
    seen = []
    for first_row, rows in strips((height, width), pixels=1 << bits):
        assert first_row % 2 == 0
        assert first_row + rows <= height
        cells = -(-(rows - 2) // 2) - 4
        seen += range(first_row // 2, first_row // 2 + cells)
    assert seen == list(range(total))


def test_strips_bound_the_memory():
    sizes = [rows * 7200 for _, rows in strips((5400, 7200))]
    assert len(sizes) > 100
    assert max(sizes) <= 1 << 18


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((5, 5), np.uint8), r"expected shape \(N, N, 3\), not \(5, 5\)"),
        (np.zeros((0, 5, 3), np.uint8), "has no pixels"),
        (np.zeros((5, 5, 4), np.uint8)[..., :3], "adjacent"),
    ],
)
def test_wrong_images_are_refused(image, message):
    with pytest.raises(ValueError, match=message):
        _native.resize(image, True, (3, 3), 0, 3)


def test_rows_outside_the_level_are_refused():
    with pytest.raises(ValueError, match="rows"):
        _native.resize(random_image(20, 20), True, (10, 10), 5, 6)
    with pytest.raises(TypeError):
        _native.resize(random_image(20, 20).astype(np.float32), True, (10, 10), 0, 10)
