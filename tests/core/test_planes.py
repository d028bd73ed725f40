"""Luma and chroma as BGR, and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtcnn_rt import _native

BT601, BT709 = (0.299, 0.114), (0.2126, 0.0722)
matrices = st.sampled_from([BT601, BT709, (0.2627, 0.0593)])
sizes = st.integers(1, 70)


def random_planes(height, width, seed=0):
    """Returns luma, u and v, of any values."""
    random = np.random.default_rng(seed)
    half = ((height + 1) // 2, (width + 1) // 2)
    return [random.integers(0, 256, size, np.uint8) for size in ((height, width), half, half)]


def exact_bgr(luma, u, v, weights, full_range):
    """Returns (H, W, 3) by the equations of ITU-T H.273, neither rounded nor clipped."""
    red, blue = weights
    scale = 1 if full_range else 255 / 224
    height, width = luma.shape
    u, v = (
        (plane.repeat(2, 0).repeat(2, 1)[:height, :width].astype(float) - 128) * scale
        for plane in (u, v)
    )
    y = luma.astype(float) if full_range else (luma - 16.0) * 255 / 219
    b, r = y + 2 * (1 - blue) * u, y + 2 * (1 - red) * v
    return np.stack([b, (y - red * r - blue * b) / (1 - red - blue), r], axis=-1)


def read(planes, size):
    image = np.zeros((*size, 3), np.uint8)
    planes.read(image, 0, 0, size[1], size[0])
    return image


@given(sizes, sizes, matrices, st.booleans(), st.integers(0, 99))
def test_colors_are_those_of_the_standard(height, width, weights, full_range, seed):
    planes = random_planes(height, width, seed)
    image = read(_native.Planes(*planes, *weights, full_range), (height, width))
    exact = exact_bgr(*planes, weights, full_range).clip(0, 255)
    # Up to three terms are rounded down.
    assert (image - exact).max() < 0.1
    assert (exact - image).max() < 3.1


@pytest.mark.parametrize("full_range", [False, True])
def test_black_white_and_gray_are_exact(full_range):
    luma = np.array([[0, 128, 255] if full_range else [16, 126, 235]], np.uint8)
    chroma = np.full((1, 2), 128, np.uint8)
    image = read(_native.Planes(luma, chroma, chroma, *BT709, full_range), (1, 3))
    assert image.tolist() == [[[0, 0, 0], [128, 128, 128], [255, 255, 255]]]


@given(sizes, sizes, st.data())
def test_only_the_area_is_read(height, width, data):
    x1, x2 = sorted(data.draw(st.tuples(*[st.integers(-5, width + 5)] * 2)))
    y1, y2 = sorted(data.draw(st.tuples(*[st.integers(-5, height + 5)] * 2)))
    planes = _native.Planes(*random_planes(height, width), *BT601, False)
    whole, part = read(planes, (height, width)), np.full((height, width, 3), 7, np.uint8)
    planes.read(part, x1, y1, x2, y2)
    inside = np.zeros((height, width), bool)
    inside[max(0, y1) : max(0, y2), max(0, x1) : max(0, x2)] = True
    assert (part[inside] == whole[inside]).all()
    if inside.any():
        inside[max(0, y1) : max(0, y2), max(0, x1) // 2 * 2] = True  # an even column, as chroma
    assert (part[~inside] == 7).all()


def test_every_nth_row_is_read():
    planes = _native.Planes(*random_planes(50, 33), *BT601, False)
    image = np.full((50, 33, 3), 7, np.uint8)
    planes.read(image, 0, 0, 33, 50, 11)
    assert (image[::11] == read(planes, (50, 33))[::11]).all()
    assert (np.delete(image, range(0, 50, 11), 0) == 7).all()


@given(sizes, sizes, matrices, st.booleans(), st.integers(0, 99))
def test_colors_that_are_there_already_change_nothing(height, width, weights, full_range, seed):
    planes = random_planes(height, width, seed)
    exact = exact_bgr(*planes, weights, full_range)
    inside = ((exact >= 0) & (exact <= 255)).all()
    if not inside:  # gray has no color beyond black and white
        planes[0] = planes[0] // 2 + 64
        planes[1][:] = planes[2][:] = 128
    before = [plane.copy() for plane in planes]
    bound = _native.Planes(*planes, *weights, full_range)
    bound.write(read(bound, (height, width)), 0, 0, width, height)
    assert all((a == b).all() for a, b in zip(planes, before, strict=True))


@given(sizes, sizes, matrices, st.booleans(), st.integers(0, 99))
def test_colors_that_are_written_are_read_again(height, width, weights, full_range, seed):
    random = np.random.default_rng(seed)
    half = ((height + 1) // 2, (width + 1) // 2)
    small = random.integers(0, 256, (*half, 3), np.uint8)
    image = small.repeat(2, 0).repeat(2, 1)[:height, :width].copy()
    bound = _native.Planes(*random_planes(height, width, seed), *weights, full_range)
    bound.write(image, 0, 0, width, height)
    assert abs(read(bound, (height, width)).astype(int) - image).max() <= 6


def test_what_is_below_black_does_not_stay_under_black_paint():
    luma = np.random.default_rng(0).integers(0, 17, (32, 32), np.uint8)
    chroma = np.full((16, 16), 128, np.uint8)
    bound = _native.Planes(luma, chroma, chroma.copy(), *BT601, False)
    assert read(bound, (32, 32)).max() == 0
    bound.write(np.zeros((32, 32, 3), np.uint8), 0, 0, 32, 32)
    assert (luma == 16).all()


def test_chroma_changes_with_any_of_its_pixels():
    luma = np.full((8, 8), 100, np.uint8)
    u, v = np.full((4, 4), 120, np.uint8), np.full((4, 4), 130, np.uint8)
    bound = _native.Planes(luma, u, v, *BT601, False)
    image = read(bound, (8, 8))
    image[3, 5] = (255, 0, 0)
    bound.write(image, 5, 3, 6, 4)
    assert np.argwhere(luma != 100).tolist() == [[3, 5]]
    assert np.argwhere(u != 120).tolist() == [[1, 2]]
    assert np.argwhere(v != 130).tolist() == [[1, 2]]


def test_rows_may_be_at_any_distance_and_run_upwards():
    luma, u, v = random_planes(20, 31)
    wide = np.zeros((20, 64), np.uint8)
    wide[:, :31] = luma[::-1]
    bound = _native.Planes(wide[::-1, :31], u, v, *BT601, False)
    plain = _native.Planes(luma, u, v, *BT601, False)
    assert (read(bound, (20, 31)) == read(plain, (20, 31))).all()


def test_wrong_planes_and_images_are_refused():
    luma, u, v = random_planes(20, 30)
    with pytest.raises(ValueError, match="u: expected shape"):
        _native.Planes(luma, u[:-1], v, *BT601, False)
    with pytest.raises(ValueError, match="weights"):
        _native.Planes(luma, u, v, 0.6, 0.1, False)
    frozen = luma.copy()
    frozen.setflags(write=False)
    with pytest.raises(ValueError, match="luma: cannot be written"):
        _native.Planes(frozen, u, v, *BT601, False)
    bound = _native.Planes(luma, u, v, *BT601, False)
    with pytest.raises(ValueError, match="image: expected shape"):
        bound.read(np.zeros((20, 31, 3), np.uint8), 0, 0, 30, 20)
    with pytest.raises(ValueError, match="step"):
        bound.read(np.zeros((20, 30, 3), np.uint8), 0, 0, 30, 20, 0)
