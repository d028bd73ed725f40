"""Tests resizing by a factor, also of images that are long and thin."""

import cv2
import numpy as np
import pytest

from mtcnn_rt import Faces
from mtcnn_rt._images.resizing import resize_by
from mtcnn_rt.cli.evaluate.gallery import SIDE, Gallery


@pytest.fixture(scope="module")
def noise():
    return np.random.default_rng(0).integers(0, 256, (61, 95, 3), np.uint8)


@pytest.mark.parametrize(
    ("factor", "how"),
    [(0.1, cv2.INTER_AREA), (0.713, cv2.INTER_AREA), (1, cv2.INTER_AREA), (1.31, cv2.INTER_CUBIC)],
)
def test_usual_images_get_the_bits_of_opencvs_factors(noise, factor, how):
    expected = cv2.resize(noise, None, fx=factor, fy=factor, interpolation=how)
    resized = resize_by(noise, factor)
    np.testing.assert_array_equal(resized, expected)
    assert not np.shares_memory(resized, noise)


def test_the_interpolation_of_larger_images_is_chosen(noise):
    expected = cv2.resize(noise, None, fx=1.4, fy=1.4, interpolation=cv2.INTER_LINEAR)
    np.testing.assert_array_equal(resize_by(noise, 1.4, enlarging=cv2.INTER_LINEAR), expected)


@pytest.mark.parametrize(
    ("shape", "factor", "expected"),
    [
        ((1, 4000), 0.12, (1, 480)),
        ((4000, 1), 0.5, (2000, 1)),  # OpenCV rounds half to even
        ((3, 4000), 0.5, (2, 2000)),
        ((2, 3), 0.01, (1, 1)),
    ],
)
def test_no_side_becomes_zero(shape, factor, expected):
    image = np.full((*shape, 3), 77, np.uint8)
    resized = resize_by(image, factor)
    assert resized.shape == (*expected, 3)
    assert (resized == 77).all()


@pytest.mark.parametrize("shape", [(1, 4000), (4000, 1)])
def test_the_report_shows_thin_images(shape):
    gallery = Gallery(total=1, wanted=1)
    gallery.offer("thin.png", np.zeros((*shape, 3), np.uint8), {"published": Faces.empty()})
    [example] = gallery.examples
    shown = cv2.imdecode(np.frombuffer(example.images["published"], np.uint8), cv2.IMREAD_COLOR)
    assert sorted(shown.shape[:2]) == [1, SIDE]
