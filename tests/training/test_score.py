"""Tests the score of the cascade and its calibration."""

import numpy as np
import pytest

from mtcnn_rt import MTCNN
from mtcnn_rt.annotations import read_annotations
from mtcnn_rt.images import Image
from mtcnn_rt.training.detection_logits import find_candidates, fit_on_images
from mtcnn_rt.training.score import (
    expected_calibration_error,
    fit_score,
    reliability,
    score_of,
    sigmoid,
)

WEIGHTS, BIAS = (0.1, 0.4, 0.7), -0.5


@pytest.fixture
def detections():
    """Returns logits (N, 3) and labels that follow a known score."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 3, (20000, 3))
    return logits, rng.random(len(logits)) < score_of(logits, WEIGHTS, BIAS)


def test_a_known_score_is_found(detections):
    weights, bias = fit_score(*detections)
    np.testing.assert_allclose(weights, WEIGHTS, atol=0.03)
    assert bias == pytest.approx(BIAS, abs=0.06)
    scores = score_of(detections[0], weights, bias)
    assert expected_calibration_error(scores, detections[1]) < 0.015


def test_the_fit_against_slow_descent(detections):
    logits, labels = detections[0][:300], detections[1][:300]
    inputs = np.column_stack([logits, np.ones(300)])
    preferred, ridge = np.array([0.0, 0, 1, 0]), np.array([2.0, 2, 2, 0])
    weights = preferred.copy()
    for _ in range(20000):
        gradient = inputs.T @ (1 / (1 + np.exp(-inputs @ weights)) - labels)
        weights -= 2e-3 * (gradient + ridge * (weights - preferred))
    found, bias = fit_score(logits, labels)
    np.testing.assert_allclose([*found, bias], weights, atol=1e-6)


def test_a_detection_that_counts_twice_is_two_detections(detections):
    logits, labels = detections[0][:100], detections[1][:100]
    counts = 1.0 + (np.arange(100) % 2)
    repeated = np.repeat(np.arange(100), counts.astype(int))
    one = fit_score(logits, labels, counts)
    other = fit_score(logits[repeated], labels[repeated])
    np.testing.assert_allclose(one[0], other[0])
    assert one[1] == pytest.approx(other[1])


def test_extreme_logits_are_clipped():
    logits = np.array([[1e30, 0, 5], [-1e30, 0, -5], [0, 0, 3], [0, 0, -3]])
    weights, bias = fit_score(logits, np.array([True, False, True, False]))
    assert np.isfinite([*weights, bias]).all()
    assert (score_of(logits, weights, bias) <= 1).all()


@pytest.mark.parametrize("labels", [[], [True, True], [False, False]])
def test_detections_of_one_kind_are_refused(labels):
    with pytest.raises(ValueError, match="a score needs detections of faces and others"):
        fit_score(np.zeros((len(labels), 3)), np.array(labels, bool))


def test_the_sigmoid_of_large_values():
    np.testing.assert_allclose(sigmoid(np.array([-800.0, 0, 800])), [0, 0.5, 1])


def test_the_calibration_error_against_the_definition():
    rng = np.random.default_rng(1)
    scores = np.append(rng.random(500), [0.0, 1.0])
    labels = rng.random(502) < scores**2
    expected = 0.0
    for low in np.arange(15) / 15:
        chosen = [
            i
            for i in range(502)
            if low <= scores[i] < low + 1 / 15 or (low == 14 / 15 and scores[i] == 1)
        ]
        if chosen:
            share = np.mean([labels[i] for i in chosen])
            expected += len(chosen) / 502 * abs(np.mean(scores[chosen]) - share)
    assert expected_calibration_error(scores, labels) == pytest.approx(expected, abs=2e-3)
    assert sum(count for *_, count in reliability(scores, labels)) == 502
    assert np.isnan(expected_calibration_error(scores[:0], labels[:0]))


def test_the_logits_are_those_of_the_three_networks(sample_frame):
    detector = MTCNN(min_face_size=40, threads=1, model="published")
    candidates = find_candidates(detector, Image(sample_frame, bgr=True))
    scores = sigmoid(candidates.logits)
    assert len(scores) >= 4
    assert (scores > np.array(detector.thresholds) - 1e-6).all()
    for box, score in zip(
        *(lambda f: (f.boxes, f.scores))(detector.detect(sample_frame)), strict=True
    ):
        nearest = np.abs(candidates.boxes - box).sum(axis=1).argmin()
        assert scores[nearest, 2] == pytest.approx(score, abs=1e-5)


def test_a_score_is_fitted_on_images(drawn):
    detector = MTCNN(thresholds=(0.1, 0.05, 0.0), min_face_size=20, threads=1, model="published")
    images = read_annotations(drawn).images[:6]
    model, scores, labels = fit_on_images(detector, images)
    assert np.isfinite([*model.weights, model.bias]).all()
    weight, _ = model.onet_alone
    assert weight > 0
    assert scores[labels].mean() > scores[~labels].mean()
