"""Tests mini-batches of taught samples."""

import numpy as np
import pytest

from mtcnn_rt.training.augment import erase, soften
from mtcnn_rt.training.distillation.batches import (
    TaughtBatches,
    draw_weighted,
    landmarks_to_learn,
)
from mtcnn_rt.training.distillation.samples import DOUBTFUL, taught_dtype
from mtcnn_rt.training.samples import Kind, regressed_boxes, regressions

SHARES = (0.4, 0.1, 0.2, 0.1, 0.2)


def samples_of(network, count=500):
    rng = np.random.default_rng(0)
    samples = np.zeros(count, taught_dtype(network))
    size = samples["pixels"].shape[-1]
    samples["kind"] = rng.integers(0, 5, count)
    samples["pixels"] = rng.integers(0, 256, (count, 3, size, size))
    samples["side"] = 24
    samples["box"] = [0.1, 0.2, 0.8, 0.9]
    samples["landmarks"] = np.nan
    samples["teacher"] = rng.normal(size=samples["teacher"].shape)
    samples["probability"] = np.nan
    samples["weight"] = 1 + (np.arange(count) % 2)
    return samples


def test_a_batch_has_the_shares_of_the_kinds():
    batch = TaughtBatches(samples_of("rnet"), "rnet", 50, 0, SHARES)[3]
    counts = [int((batch.kinds == kind).sum()) for kind in (0, 1, 2, 3, DOUBTFUL)]
    assert counts == [20, 5, 10, 5, 10]


def test_other_kinds_take_the_places_of_one_without_samples():
    samples = samples_of("rnet")
    samples = samples[samples["kind"] != Kind.LANDMARKS]
    batch = TaughtBatches(samples, "rnet", 90, 0, SHARES)[0]
    assert [int((batch.kinds == kind).sum()) for kind in (0, 1, 2, DOUBTFUL)] == [40, 10, 20, 20]
    none = samples[samples["kind"] == Kind.PART]
    with pytest.raises(ValueError, match="rnet: no samples to train on"):
        TaughtBatches(none, "rnet", 90, 0, (1, 0, 1, 1, 1))


def test_a_step_gives_the_same_batch_again():
    samples = samples_of("onet")
    one, other = (TaughtBatches(samples, "onet", 40, 5, SHARES, 0.3, 0.5) for _ in range(2))
    for name, array in vars(one[7]).items():
        np.testing.assert_array_equal(array, getattr(other[7], name))
    assert not np.array_equal(one[8].pixels, one[7].pixels)


def test_half_of_the_crops_are_mirrored_with_their_boxes():
    samples = samples_of("rnet")
    batch = TaughtBatches(samples, "rnet", 200, 1, SHARES)[0]
    boxes = np.round(batch.boxes + np.array([0, 0, 1, 1]), 3)
    plain = (boxes == [0.1, 0.2, 0.8, 0.9]).all(axis=1)
    mirrored = (boxes == [0.2, 0.2, 0.9, 0.9]).all(axis=1)
    assert (plain | mirrored).all()
    assert 60 < plain.sum() < 140


def test_heavy_samples_are_drawn_more_often():
    rng = np.random.default_rng(0)
    weights = np.array([1.0, 0.5, 3.0])
    drawn = draw_weighted(np.array([7, 8, 9]), np.cumsum(weights), 9000, rng)
    counts = np.array([(drawn == index).sum() for index in (7, 8, 9)])
    np.testing.assert_allclose(counts / 2000, weights, rtol=0.1)


def test_positives_without_landmarks_get_the_teachers():
    samples = samples_of("onet")
    positive = np.flatnonzero(samples["kind"] == Kind.POSITIVE)
    samples["landmarks"][positive[0]] = 0.25
    landmarks = landmarks_to_learn(samples)
    assert (landmarks[positive[0]] == 0.25).all()
    expected = samples["teacher"][positive[1:], 5:].reshape(-1, 5, 2)
    np.testing.assert_array_equal(landmarks[positive[1:]], expected)
    assert np.isnan(landmarks[samples["kind"] != Kind.POSITIVE]).all()
    assert np.isnan(landmarks_to_learn(samples_of("rnet"))).all()


def test_soft_crops_lose_detail_and_the_others_nothing():
    rng = np.random.default_rng(0)
    pixels = rng.uniform(0, 255, (300, 3, 12, 12)).astype(np.float32)
    changed = soften(pixels, rng)
    same = (changed == pixels).all(axis=(1, 2, 3))
    assert 5 < (~same).sum() < 60
    assert changed[~same].std() < 0.7 * pixels.std()
    np.testing.assert_allclose(changed[~same].mean(), pixels[~same].mean(), rtol=0.05)


def test_only_chosen_crops_are_erased():
    rng = np.random.default_rng(0)
    pixels = np.full((4, 3, 24, 24), 300, np.float32)
    erased = erase(pixels, np.array([True, False, False, True]), rng)
    counts = (erased != 300).all(axis=1).sum(axis=(1, 2))
    assert (counts[[1, 2]] == 0).all()
    assert (counts[[0, 3]] >= 16).all()
    assert (counts <= 144).all()


@pytest.mark.parametrize("network", ["pnet", "rnet", "onet"])
def test_regressions_are_undone(network):
    rng = np.random.default_rng(0)
    boxes = rng.uniform(0, 1, (20, 4)).astype(np.float32)
    sides = rng.uniform(12, 90, 20).astype(np.float32)
    again = regressed_boxes(regressions(boxes, sides, network), sides, network)
    np.testing.assert_allclose(again, boxes, atol=1e-6)
