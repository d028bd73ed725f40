"""P-Net's proposals where a bound of the face logit spares most cells: none is missed."""

import cv2
import numpy as np
import pytest
from helpers.pnet_layers import assert_rows_are_of_the_whole, random_layers
from helpers.reference_networks import feature_statistics

from mtcnn_rt import _native
from mtcnn_rt._layers import Layer
from mtcnn_rt.images import Image
from mtcnn_rt.model import load_model


def noise(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def blurred_noise(height, width, seed):
    return cv2.GaussianBlur(noise(height, width, 3, seed=seed), None, 1 + seed % 3)


def threshold_for(logits, share):
    """One that about this share of the cells exceed, none of them narrowly."""
    falling = np.sort(logits.ravel().astype(np.float64))[::-1]
    gaps = falling[:-1] - falling[1:] > 1e-4
    last = int(share * len(falling))
    last += int(np.argmax(gaps[last:]))
    return 1 / (1 + np.exp(-(falling[last] + falling[last + 1]) / 2))


def assert_proposes_all(layers, statistics, image, level, threshold):
    """Checks that P-Net proposes the same as without a bound, and returns the number."""
    cells = _native.PNet(layers).cells(_native.resize(image, True, level, 0, level[0]))
    scale = tuple(np.array(level) / image.shape[:2])
    boxes, scores, regressions = _native.candidates(cells, threshold, 0, scale)
    proposed = _native.PNet(layers, statistics).propose(image, True, level, threshold)
    np.testing.assert_array_equal(proposed[0], boxes)
    np.testing.assert_allclose(proposed[1], scores, rtol=0, atol=1e-5)
    np.testing.assert_allclose(proposed[2], regressions, rtol=0, atol=1e-4)
    return len(boxes)


@pytest.fixture(scope="module")
def published():
    return load_model("published").networks["pnet"]


@pytest.mark.parametrize("threshold", [0.01, 0.3, 0.6, 0.9])
def test_a_real_image(published, sample_frame, threshold):
    found = sum(
        assert_proposes_all(published.layers, published.statistics, sample_frame, level, threshold)
        for level in _native.pyramid(*sample_frame.shape[:2], 20, 0.709, np.inf)
    )
    assert found > 50


# Slopes below 0 and above 1, where the other channels are the ones that are bounded; every
# remainder of strips and vectors; levels with many candidates and with few.
@pytest.mark.parametrize("seed", range(24))
def test_layers_of_every_kind(seed):
    layers = [Layer(*layer) for layer in random_layers(seed)]
    image = blurred_noise(90, 110, seed)
    statistics = feature_statistics(layers, [Image(image, bgr=True)])
    level = (40 + seed, 97 - 2 * seed)
    logits = _native.PNet(layers).cells(_native.resize(image, True, level, 0, level[0]))[0]
    for share in (0.002, 0.05, 0.5):
        threshold = threshold_for(logits, share)
        found = assert_proposes_all(layers, statistics, image, level, threshold)
        assert found == pytest.approx(share * logits.size, rel=0.1, abs=6)


def test_any_means_bound_it(published, sample_frame):
    limits, means = published.statistics
    level = (90, 160)
    counts = {
        assert_proposes_all(published.layers, (limits, m), sample_frame, level, 0.6)
        for m in (means, np.zeros_like(means), means[::-1].copy(), 1000 * means)
    }
    assert len(counts) == 1
    assert counts.pop() > 10


@pytest.mark.parametrize("slope", [-0.5, 0.0, 1.0, 1.5])
def test_channels_that_are_all_of_one_kind(sample_frame, slope):
    """With heads of one sign, all channels are bounded, or none is."""
    layers = [Layer(*layer) for layer in random_layers(1)]
    for sign in (1, -1):
        kernel = layers[3].kernel.copy()
        kernel[0] = sign * np.abs(kernel[0])
        alike = [
            *layers[:2],
            layers[2]._replace(slopes=np.full(32, slope, np.float32)),
            layers[3]._replace(kernel=kernel),
        ]
        statistics = feature_statistics(alike, [Image(sample_frame, bgr=True)])
        level = (54, 96)
        logits = _native.PNet(alike).cells(_native.resize(sample_frame, True, level, 0, 54))[0]
        threshold = threshold_for(logits, 0.03)
        assert assert_proposes_all(alike, statistics, sample_frame, level, threshold) > 10


@pytest.mark.parametrize("level", [(11, 11), (12, 14), (37, 61), (50, 33), (75, 150)])
@pytest.mark.parametrize("rows", [1, 3, 4, 10])
def test_ranges_of_rows_are_rows_of_the_whole(published, sample_frame, level, rows):
    pnet = _native.PNet(published.layers, published.statistics)
    assert_rows_are_of_the_whole(pnet, sample_frame, level, 0.1, rows)


def test_what_was_computed_before_changes_nothing(published, sample_frame):
    pnet = _native.PNet(published.layers, published.statistics)
    fresh = pnet.propose(sample_frame, True, (61, 107), 0.3)
    pnet.propose(noise(200, 300, 3), True, (200, 300), 0.0)
    again = pnet.propose(sample_frame, True, (61, 107), 0.3)
    assert len(fresh[0]) > 10
    for one, other in zip(fresh, again, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_ends_of_the_thresholds(published):
    pnet, image = _native.PNet(published.layers, published.statistics), noise(20, 30, 3)
    assert len(pnet.propose(image, True, (20, 30), 0.0)[0]) == 5 * 10
    assert len(pnet.propose(image, True, (20, 30), 1.0)[0]) == 0


def test_wrong_statistics_are_refused(published):
    limits, means = published.statistics
    with pytest.raises(ValueError, match=r"means: expected shape \(2, 32\), not \(2, 31\)"):
        _native.PNet(published.layers, (limits, means[:, 1:]))
    with pytest.raises(ValueError, match="means: expected numbers from 0 on"):
        _native.PNet(published.layers, (limits, -means))
    with pytest.raises(ValueError, match="statistics: integers need them"):
        _native.PNet(published.layers, integers=True)
