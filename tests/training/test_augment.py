import numpy as np
import pytest

from mtcnn_rt.training.augment import flip, recolor, turn


def test_flip_mirrors_pixels_boxes_and_landmarks():
    pixels = np.arange(2 * 3 * 4 * 4, dtype=np.float32).reshape(2, 3, 4, 4)
    boxes = np.array([[0.1, 0.2, 0.7, 0.9], [0, 0, 1, 1]], np.float32)
    landmarks = np.array([[[0.2, 0.3], [0.6, 0.31], [0.4, 0.5], [0.25, 0.7], [0.55, 0.72]]] * 2)
    flipped, moved, points = flip(pixels, boxes, landmarks)
    assert flipped[1, 2, 3].tolist() == pixels[1, 2, 3].tolist()[::-1]
    np.testing.assert_allclose(moved[0], [0.3, 0.2, 0.9, 0.9], atol=1e-6)
    # The left eye is where the right one was, mirrored; the nose stays the nose.
    expected = [[0.4, 0.31], [0.8, 0.3], [0.6, 0.5], [0.45, 0.72], [0.75, 0.7]]
    np.testing.assert_allclose(points[0], expected, atol=1e-6)
    for again, before in zip(flip(flipped, moved, points), (pixels, boxes, landmarks), strict=True):
        np.testing.assert_allclose(again, before, atol=1e-6)


def test_flip_keeps_nan():
    nothing = np.full((1, 4), np.nan), np.full((1, 5, 2), np.nan)
    _, boxes, landmarks = flip(np.zeros((1, 3, 2, 2), np.float32), *nothing)
    assert np.isnan(boxes).all()
    assert np.isnan(landmarks).all()


def test_recolor_changes_each_crop_differently_and_is_reproducible():
    crops = np.full((64, 3, 2, 2), 100, np.float32)
    changed = recolor(crops, 0.3, np.random.default_rng(4))
    np.testing.assert_array_equal(changed, recolor(crops, 0.3, np.random.default_rng(4)))
    assert (crops == 100).all()
    means = changed.mean(axis=(1, 2, 3))
    assert len(np.unique(means)) == 64
    # (100 - 127.5) * 1.3 * 1.1 - 38 and the other end, (100 - 127.5) * 0.7 * 0.9 + 38.
    assert 127.5 - 39.4 - 38.3 <= means.min() < 80 < 120 < means.max() <= 127.5 - 17.3 + 38.3


def test_recolor_stays_within_0_and_255_and_does_nothing_at_strength_0():
    crops = np.random.default_rng(0).integers(0, 256, (32, 3, 4, 4)).astype(np.float32)
    changed = recolor(crops, 1, np.random.default_rng(1))
    assert 0 <= changed.min() < changed.max() <= 255
    assert recolor(crops, 0, np.random.default_rng(1)) is crops


@pytest.mark.parametrize(("degrees", "zoom"), [(0, 1), (0, 2.5), (30, 1), (-90, 1.7)])
def test_landmarks_turn_with_the_pixels(degrees, zoom):
    landmarks = np.array([[20, 22], [40, 24], [30, 31], [23, 42], [37, 41]], np.float32)
    for point in range(5):
        image = np.zeros((64, 64, 3), np.uint8)
        x, y = landmarks[point].astype(int)
        image[y - 2 : y + 2, x - 2 : x + 2] = 255  # its center is the landmark
        turned, moved = turn(image, landmarks, 25, degrees, zoom)
        assert turned.shape == (round(50 * zoom),) * 2 + (3,)
        weights = turned[..., 0].astype(float)
        rows, columns = np.indices(weights.shape) + 0.5
        center = [(weights * columns).sum(), (weights * rows).sum()] / weights.sum()
        np.testing.assert_allclose(center, moved[point], atol=0.15)
    eyes = moved[1] - moved[0]
    angle = np.degrees(np.arctan2(-eyes[1], eyes[0]))  # y points down
    assert angle == pytest.approx(np.degrees(np.arctan2(-2, 20)) + degrees, abs=0.01)
