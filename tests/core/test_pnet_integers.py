"""The native P-Net in integers, against NumPy to the last bit, and against float32."""

import numpy as np
import pytest
from helpers import reference_integers
from helpers.pnet_layers import assert_rows_are_of_the_whole, random_layers
from helpers.reference_networks import feature_statistics

from mtcnn_rt import _native
from mtcnn_rt._layers import Layer
from mtcnn_rt.images import Image
from mtcnn_rt.model import load_model

SIZES = [(side, 75 - side) for side in range(11, 65)] + [(30, 48), (97, 131), (12, 300), (300, 12)]


@pytest.fixture(scope="module")
def model():
    return load_model("published").networks["pnet"]


@pytest.fixture(scope="module")
def pnet(model):
    return _native.PNet(model.layers, model.statistics, integers=True)


def noise(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.float32)


def limits_of(random):
    low = [random.uniform(-4, -0.5, channels).astype(np.float32) for channels in (10, 16)]
    high = [random.uniform(0.5, 4, channels).astype(np.float32) for channels in (10, 16)]
    return [np.stack(pair) for pair in zip(low, high, strict=True)]


def in_integers(layers, limits):
    return _native.PNet(layers, (limits, np.zeros((2, 32), np.float32)), integers=True)


def assert_exact(pnet, layers, limits, pixels):
    expected = reference_integers.pnet(layers, limits, pixels)
    # Only the change of the last sums to floats is inexact.
    np.testing.assert_allclose(pnet.cells(pixels), expected, rtol=1e-6, atol=1e-5)


@pytest.mark.parametrize("size", SIZES)
def test_it_is_the_reference(model, pnet, size):
    assert_exact(pnet, model.layers, model.statistics.limits, noise(3, *size, seed=size[0]))


# The reference fails where 16 bits would overflow, and clips what lies outside the limits.
@pytest.mark.parametrize("period", [1, 2, 3, 4])
def test_stripes_and_checks_are_exact(model, pnet, period):
    y, x = np.indices((61, 83)) // period
    for stripes in (y % 2, x % 2, (x + y) % 2):
        pixels = np.stack([255 * stripes, 255 * (1 - stripes), 255 * stripes]).astype(np.float32)
        assert_exact(pnet, model.layers, model.statistics.limits, pixels)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("size", [(11, 11), (29, 31), (46, 90)])
def test_slopes_of_every_kind(seed, size):
    layers, limits = random_layers(seed), limits_of(np.random.default_rng(seed))
    pnet = in_integers(layers, limits)
    assert_exact(pnet, layers, limits, noise(3, *size, seed=seed))


def test_channels_that_are_always_0():
    layers = [Layer(*layer) for layer in random_layers(0)]
    for layer in layers[:2]:
        layer.kernel[3], layer.bias[3] = 0, 0
    image = noise(100, 120, 3).astype(np.uint8)
    limits = feature_statistics(layers, [Image(image, bgr=True)]).limits
    assert [array[:, 3].tolist() for array in limits] == [[0, 0], [0, 0]]
    pixels = _native.resize(image, True, (60, 72), 0, 60)
    expected = _native.PNet(layers).cells(pixels)
    for highest in (0, 1):
        limits[0][1, 3] = limits[1][1, 3] = highest
        cells = in_integers(layers, limits).cells(pixels)
        np.testing.assert_allclose(cells, expected, rtol=0, atol=0.05)


def test_it_is_near_float32(model, pnet, sample_frame):
    exact = _native.PNet(model.layers)
    differences, candidates, other = [], 0, 0
    for level in _native.pyramid(*sample_frame.shape[:2], 20, 0.709, np.inf):
        pixels = _native.resize(sample_frame, True, level, 0, level[0])
        ours, theirs = pnet.cells(pixels)[0], exact.cells(pixels)[0]
        differences.append((ours - theirs).ravel())
        candidates += np.count_nonzero(theirs > 0.4)
        other += np.count_nonzero((theirs > 0.4) != (ours > 0.4))
    assert 0 < np.std(np.concatenate(differences)) < 0.1
    assert candidates > 100
    assert other < 0.05 * candidates


def test_ranges_of_rows_are_rows_of_the_whole(pnet):
    image = noise(97, 103, 3).astype(np.uint8)
    assert assert_rows_are_of_the_whole(pnet, image, (50, 61), 0.0, 3) == 20 * 26


def test_wrong_limits_are_refused(model):
    first, second = model.statistics.limits
    with pytest.raises(ValueError, match="limits: expected those of two layers"):
        in_integers(model.layers, [first])
    with pytest.raises(ValueError, match=r"limits: expected shape \(2, 16\), not \(2, 10\)"):
        in_integers(model.layers, [first, first])
    with pytest.raises(ValueError, match="limits: 0 is not between them"):
        in_integers(model.layers, [first + 7, second])
