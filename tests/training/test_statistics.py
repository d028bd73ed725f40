"""Statistics of P-Net's features."""

import numpy as np
import pytest
from helpers import reference_networks

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from mtcnn_rt import _native  # noqa: E402
from mtcnn_rt._layers import Layer  # noqa: E402
from mtcnn_rt.images import Image, as_image  # noqa: E402
from mtcnn_rt.model import load_model  # noqa: E402
from mtcnn_rt.training import statistics  # noqa: E402
from mtcnn_rt.training.layers import from_layers  # noqa: E402


def feature_statistics(layers, images):
    return statistics.feature_statistics(from_layers("pnet", layers), images)


def flat_layer(outputs, inputs, weight, bias, slope):
    arrays = np.full((outputs, inputs, 3, 3), weight), np.full(outputs, bias)
    return Layer(*(a.astype(np.float32) for a in (*arrays, np.full(outputs, slope))))


def test_an_image_of_one_color():
    """Features 27 * 0.01 * 100 and 0.25 * (1 - 90 * 0.01 * 27); sums 3 - 144 * 0.005 * -5.825."""
    layers = [
        flat_layer(10, 3, 0.01, 0.0, 0.5),
        flat_layer(16, 10, -0.01, 1.0, 0.25),
        flat_layer(32, 16, -0.005, 3.0, 0.1),
        Layer(np.ones((5, 32, 1, 1), np.float32), np.zeros(5, np.float32), None),
    ]
    image = Image(np.full((24, 24, 3), 100, np.uint8), bgr=True)
    (first, second), means = feature_statistics(layers, [image])
    np.testing.assert_allclose(first, [[0] * 10, [27] * 10], rtol=1e-5)
    np.testing.assert_allclose(second, [[-5.825] * 16, [0] * 16], rtol=1e-5)
    np.testing.assert_allclose(means, [[0] * 32, [7.194] * 32], rtol=1e-5)


def published_layers():
    return load_model("published").networks["pnet"].layers


def noise_images():
    sizes = (40, 50, 3)
    return [
        Image(np.random.default_rng(seed).integers(0, 128 * (seed + 1), sizes, np.uint8), True)
        for seed in range(2)
    ]


def test_the_numpy_network_gives_the_same(sample_frame):
    images = [*noise_images(), Image(sample_frame, bgr=True)]
    found = feature_statistics(published_layers(), images)
    expected = reference_networks.feature_statistics(published_layers(), images)
    for ours, theirs in zip(found.limits, expected.limits, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(found.means, expected.means, rtol=1e-3, atol=1e-4)


def test_limits_of_several_images_cover_all():
    layers, images = published_layers(), noise_images()
    each = [feature_statistics(layers, [image]).limits for image in images]
    both = feature_statistics(layers, images).limits
    for layer in range(2):
        lows, highs = zip(*(limits[layer] for limits in each), strict=True)
        np.testing.assert_array_equal(both[layer], [np.minimum(*lows), np.maximum(*highs)])


def test_means_are_those_of_cells_near_a_face(sample_frame):
    """The difference of the two means is the mean sum; the NumPy network gives every sum."""
    layers = published_layers()
    sums_as_logits = np.concatenate([np.eye(32, dtype=np.float32), layers[3].kernel[:1, :, 0, 0]])
    sums, logits = [], []
    for level in _native.pyramid(*sample_frame.shape[:2], 20, 0.709, np.inf):
        pixels = _native.resize(sample_frame, True, level, 0, level[0])
        logits.append(reference_networks.pnet_of_layers(layers, pixels)[0].ravel())
        linear = layers[2]._replace(slopes=np.ones(32, np.float32))
        every = Layer(sums_as_logits[:, :, None, None], np.zeros(33, np.float32), None)
        found = reference_networks.pnet_of_layers([*layers[:2], linear, every], pixels)
        sums.append(found[:32].reshape(32, -1))
    near = np.concatenate(sums, axis=1)[:, np.concatenate(logits) > -3]
    assert 1000 < near.shape[1] < 0.4 * sum(map(len, logits))
    below, above = feature_statistics(layers, [Image(sample_frame, True)]).means
    np.testing.assert_allclose(below, np.maximum(-near, 0).mean(axis=1), rtol=0.01, atol=1e-3)
    np.testing.assert_allclose(above, np.maximum(near, 0).mean(axis=1), rtol=0.01, atol=1e-3)


def test_without_cells_near_a_face_means_are_0():
    layers = [*published_layers()[:3], published_layers()[3]._replace(bias=np.full(5, -99, "f4"))]
    assert not feature_statistics(layers, noise_images()).means.any()


def test_the_published_statistics_fit_a_photograph(media):
    published = load_model("published").networks["pnet"]
    found = feature_statistics(published.layers, [as_image(media / "multiface.jpg")])
    for ours, theirs in zip(found.limits, published.statistics.limits, strict=True):
        assert (ours[1] > 0.3 * theirs[1]).all()
        assert (ours[1] < 1.3 * theirs[1]).all()
        assert (ours[0] > 1.3 * theirs[0] - 0.3).all()
    np.testing.assert_allclose(found.means, published.statistics.means, rtol=0.5, atol=0.5)
