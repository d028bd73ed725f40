import numpy as np
import pytest
from helpers import reference
from hypothesis import given
from hypothesis import strategies as st

from mtcnn_rt import _native

IMAGE = np.random.default_rng(0).integers(0, 256, (50, 70, 3), np.uint8)
SIDE = st.floats(-60, 120, width=32)


def crop(image, box, size, bgr=False):
    out = np.full((1, 3, size, size), np.nan, np.float32)
    _native.crops(image, bgr, np.array([box], np.float32), out)
    return out[0]


@given(SIDE, SIDE, st.floats(1, 100), st.floats(1, 100), st.sampled_from([24, 48]))
def test_crops_partly_outside_are_padded_with_black(x, y, width, height, size):
    box = np.array([x, y, x + width, y + height], np.float32).astype(np.float64)
    expected = reference.area_average(IMAGE, box, size, size)
    np.testing.assert_allclose(crop(IMAGE, box, size), expected, atol=2e-2)


def test_whole_pixels_are_copied():
    expected = IMAGE[10:34, 20:44].transpose(2, 0, 1)
    np.testing.assert_array_equal(crop(IMAGE, (20, 10, 44, 34), 24), expected)
    np.testing.assert_array_equal(crop(IMAGE, (20, 10, 44, 34), 24, bgr=True), expected[::-1])


def test_outside_is_black():
    assert crop(IMAGE, (500, 500, 600, 600), 24).max() == 0
    left_half = crop(np.full((50, 70, 3), 200, np.uint8), (-12, 0, 12, 24), 24)
    assert left_half[:, :, :12].max() == 0
    assert left_half[:, :, 12:].min() == 200


@pytest.mark.parametrize(
    "box",
    [
        (5, 5, 5, 9),
        (9, 9, 5, 5),
        (np.nan, 0, 10, 10),
        (0, 0, np.inf, 10),
        (-np.inf, -np.inf, np.inf, np.inf),
    ],
)
def test_boxes_without_area_are_black(box):
    np.testing.assert_array_equal(crop(IMAGE, box, 24), np.zeros((3, 24, 24)))


def test_gigantic_boxes_are_safe():
    assert np.isfinite(crop(IMAGE, (-1e30, -1e30, 1e30, 1e30), 48)).all()


def test_several_crops_are_each_its_own():
    boxes = np.array([[0, 0, 24, 24], [3, 4, 51, 52], [-9, 10, 30, 49]], np.float32)
    out = np.empty((3, 3, 24, 24), np.float32)
    _native.crops(IMAGE, False, boxes, out)
    for box, one in zip(boxes, out, strict=True):
        np.testing.assert_array_equal(one, crop(IMAGE, box, 24))


def test_wrong_arguments_are_refused():
    boxes = np.zeros((2, 4), np.float32)
    with pytest.raises(ValueError, match=r"out: expected shape \(2, 3, N, N\)"):
        _native.crops(IMAGE, False, boxes, np.empty((1, 3, 24, 24), np.float32))
    with pytest.raises(TypeError):
        _native.crops(IMAGE, False, boxes, np.empty((2, 3, 24, 24)))
