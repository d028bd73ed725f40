"""Limits of P-Net's features."""

import numpy as np

from mtcnn_rt.conversion.limits import feature_limits
from mtcnn_rt.images import Image, as_image
from mtcnn_rt.layers import Layer
from mtcnn_rt.model import load_model


def flat_layer(outputs, inputs, weight, bias, slope):
    arrays = np.full((outputs, inputs, 3, 3), weight), np.full(outputs, bias)
    return Layer(*(a.astype(np.float32) for a in (*arrays, np.full(outputs, slope))))


def test_of_a_picture_of_one_colour():
    """Features 27 * 0.01 * 100 and 0.25 * (1 - 90 * 0.01 * 27)."""
    layers = [flat_layer(10, 3, 0.01, 0.0, 0.5), flat_layer(16, 10, -0.01, 1.0, 0.25)]
    image = Image(np.full((24, 24, 3), 100, np.uint8), bgr=True)
    first, second = feature_limits(layers, [image])
    np.testing.assert_allclose(first, [[0] * 10, [27] * 10], rtol=1e-5)
    np.testing.assert_allclose(second, [[-5.825] * 16, [0] * 16], rtol=1e-5)


def test_of_several_pictures_are_those_of_all():
    layers = load_model().networks["pnet"].layers
    images = [
        Image(
            np.random.default_rng(seed).integers(0, 128 * (seed + 1), (40, 50, 3), np.uint8), True
        )
        for seed in range(2)
    ]
    each, both = (
        [feature_limits(layers, [image]) for image in images],
        feature_limits(layers, images),
    )
    for layer in range(2):
        lows, highs = zip(*(limits[layer] for limits in each), strict=True)
        np.testing.assert_array_equal(both[layer], [np.minimum(*lows), np.maximum(*highs)])


def test_the_published_ones_hold_for_a_photograph(media):
    published = load_model().networks["pnet"]
    image = as_image(media / "multiface.jpg")
    for ours, theirs in zip(
        feature_limits(published.layers, [image]), published.limits, strict=True
    ):
        assert (ours[1] > 0.3 * theirs[1]).all()
        assert (ours[1] < 1.3 * theirs[1]).all()
        assert (ours[0] > 1.3 * theirs[0] - 0.3).all()
