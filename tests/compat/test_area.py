"""Tests the means of areas against slow, plain ones."""

import numpy as np
import pytest

from mtcnn_rt.compat._area import AreaSums

IMAGE = np.random.default_rng(0).integers(0, 256, (13, 17, 3), np.uint8)


def plain(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Returns the means of the whole pixels that each pixel of the result touches."""
    rows, columns = image.shape[:2]
    result = np.empty((3, height, width))
    for y in range(height):
        for x in range(width):
            top, bottom = y * rows // height, -(-(y + 1) * rows // height)
            left, right = x * columns // width, -(-(x + 1) * columns // width)
            result[:, y, x] = image[top:bottom, left:right].reshape(-1, 3).mean(0)
    return result


@pytest.mark.parametrize("size", [(5, 4), (13, 17), (14, 18), (24, 24)])
def test_a_resize_is_the_mean_over_whole_pixels(size):
    found = AreaSums(IMAGE).resized(*size)
    np.testing.assert_allclose(found, plain(IMAGE, *size), rtol=1e-6)


def test_crops_are_resized_parts():
    boxes = np.array([[0, 0, 17, 13], [3, 2, 9, 12], [4, 4, 5, 5]])
    crops = AreaSums(IMAGE).crops(boxes, 6)
    for crop, (x1, y1, x2, y2) in zip(crops, boxes, strict=True):
        np.testing.assert_allclose(crop, plain(IMAGE[y1:y2, x1:x2], 6, 6), rtol=1e-6)


def test_parts_of_pixels():
    sums = AreaSums(IMAGE)
    np.testing.assert_allclose(sums.scaled(13, 17), IMAGE.transpose(2, 0, 1), atol=1e-3)
    finer = np.repeat(np.repeat(IMAGE, 6, 0), 8, 1)  # 78 x 136 pixels: 6 x 8 are 13 x 17
    expected = finer.reshape(6, 13, 8, 17, 3).mean((1, 3)).transpose(2, 0, 1)
    np.testing.assert_allclose(sums.scaled(6, 8), expected, rtol=1e-4)
