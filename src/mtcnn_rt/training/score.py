"""Fits the score of the cascade: the probability of a face from the logits of all networks.

O-Net alone decides in the paper. P-Net and R-Net have seen the face too, at other resolutions, and
err in other ways. A logistic regression weighs the three; it is fitted on images that the networks
did not train on, since they are too sure of those that they did.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt import _native
from mtcnn_rt._arrays import Float64

ONET = 2
"""Column of O-Net's logit: the regression prefers O-Net's own score where detections are few."""

RIDGE = 2.0
"""Strength of this preference, in detections."""

ITERATIONS, CLOSE = 50, 1e-9  # of Newton's method
BINS = 15  # of the calibration error, equally wide


def fit_score(
    logits: Float64, labels: NDArray[np.bool_], shares: Float64 | None = None
) -> tuple[tuple[float, ...], float]:
    """Fits the weights of the logits and the bias, by Newton's method.

    Args:
        logits: Logits (N, K) of the networks for detections: K = 3 of P-Net, R-Net and O-Net, or 4
            with C-Net's.
        labels: (N,) bool, whether each detection is a face.
        shares: How much each detection counts (N,); None: 1.

    Returns:
        The weights of the logits and the bias: the score is the sigmoid of their sum.

    Raises:
        ValueError: There are no detections, or only faces, or none.

    Example:
        >>> weights, bias = fit_score(np.array([[0.0, 0, 4], [0, 0, -4]]), np.array([True, False]))
        >>> bool(weights[2] > 0)
        True
    """
    labels = np.asarray(labels, bool)
    if labels.all() or not labels.any():
        raise ValueError("a score needs detections of faces and others; there is one kind, or none")
    inputs = np.column_stack([clipped(logits), np.ones(len(logits))])
    counts = np.ones(len(inputs)) if shares is None else np.asarray(shares, np.float64)
    count = logits.shape[1]
    preferred, ridge = np.zeros(count + 1), np.diag([RIDGE] * count + [0.0])
    preferred[ONET] = 1

    def loss(weights: Float64) -> float:
        """Returns the summed cross-entropy and the distance from the preferred weights."""
        margins = np.where(labels, 1, -1) * (inputs @ weights)
        distance = weights - preferred
        return float(counts @ np.logaddexp(0, -margins) + distance @ ridge @ distance / 2)

    weights = preferred.copy()
    for _ in range(ITERATIONS):
        scores = sigmoid(inputs @ weights)
        gradient = inputs.T @ (counts * (scores - labels)) + ridge @ (weights - preferred)
        curvature = (inputs.T * (counts * scores * (1 - scores))) @ inputs + ridge
        step = np.linalg.solve(curvature + 1e-9 * np.eye(count + 1), gradient)
        # A whole step may go too far where all scores are near 0 or 1; the loss is convex.
        before = loss(weights)
        while loss(weights - step) > before and np.abs(step).max() > CLOSE:
            step = step / 2
        if np.abs(step).max() <= CLOSE:
            break
        weights = weights - step
    *fitted, bias = weights.tolist()
    return tuple(fitted), bias


def score_of(logits: Float64, weights: Sequence[float], bias: float) -> Float64:
    """Returns the scores (N,) of detections with logits (N, K), 0 to 1."""
    return sigmoid(clipped(logits) @ np.array(weights) + bias)


def clipped(logits: Float64) -> Float64:
    """Returns logits limited as the cascade limits them, so that none outweighs all others."""
    largest = _native.LARGEST_LOGIT
    limited: Float64 = np.clip(np.asarray(logits, np.float64), -largest, largest)
    return limited


def sigmoid(values: Float64) -> Float64:
    """Returns 1 / (1 + exp(-x)) of each value, without overflow."""
    probabilities: Float64 = (1 + np.tanh(values / 2)) / 2
    return probabilities


def expected_calibration_error(scores: Float64, labels: NDArray[np.bool_]) -> float:
    """Returns how far scores are from the shares of faces among detections of such a score.

    The detections are sorted into bins of equal width; each counts the distance of its mean score
    from its share of faces (Guo et al. 2017, equation 3).

    Args:
        scores: Scores (N,) of detections, 0 to 1.
        labels: (N,) bool, whether each detection is a face.

    Returns:
        The mean distance over all detections, 0 to 1; NaN without any.
    """
    bins = reliability(scores, labels)
    if not len(scores):
        return float("nan")
    total = sum(count * abs(score - share) for score, share, count in bins)
    return float(total / len(scores))


def reliability(scores: Float64, labels: NDArray[np.bool_]) -> list[tuple[float, float, int]]:
    """Returns mean score, share of faces and number of detections of each bin that has any.

    They are the points of a reliability diagram.
    """
    which = np.minimum((np.asarray(scores) * BINS).astype(int), BINS - 1)
    return [
        (float(scores[which == each].mean()), float(labels[which == each].mean()), count)
        for each in range(BINS)
        for count in [int((which == each).sum())]
        if count
    ]
