"""FDDB's protocol (Jain and Learned-Miller, UM-CS-2010-009): discrete and continuous ROC.

At every score of a detection, the detections from there up are matched one to one with the
annotated faces so that the sum of their overlaps is greatest. A pair is worth its overlap in the
continuous score; in the discrete score 1 if that is above a half. A detection without such a pair
is a false positive in both.

FDDB's own program sometimes stops its matching before the sum is greatest: docs/evaluation.md tells
how much that is. This follows the description."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from mtcnn_rt.evaluation.measurement import Curve, Values

MIN_OVERLAP = 0.5


@dataclass(frozen=True, eq=False)
class FddbImage:
    """overlaps (M, N): of M detections with N annotated faces; scores (M,), in any order."""

    overlaps: Values
    scores: Values


@dataclass(frozen=True, eq=False)
class Roc:
    """discrete, continuous: false positives (x) and the share of the faces that is found (y), one
    point a threshold, falling."""

    discrete: Curve
    continuous: Curve
    thresholds: Values


def roc(images: Sequence[FddbImage]) -> Roc:
    """Both curves of the whole set. Raises ValueError where no face is annotated."""
    faces = sum(image.overlaps.shape[1] for image in images)
    if faces == 0:
        raise ValueError("no face is annotated")
    # What every image adds when the threshold falls to one of its scores, in the order of scores.
    steps = np.concatenate([np.zeros((0, 4)), *(_steps(image) for image in images)])
    steps = steps[np.argsort(-steps[:, 0], kind="stable")]
    detections, matched, overlap = np.cumsum(steps[:, 1:], axis=0).T
    last = np.flatnonzero(np.append(np.diff(steps[:, 0]) != 0, True)[: len(steps)])
    false_positives = (detections - matched)[last]
    return Roc(
        Curve(false_positives, matched[last] / faces),
        Curve(false_positives, overlap[last] / faces),
        steps[last, 0],
    )


def rate_at(curve: Curve, false_positives: int) -> float:
    """The largest share found with at most so many false positives."""
    return float(curve.y[curve.x <= false_positives].max(initial=0.0))


def _steps(image: FddbImage) -> Values:
    """For every score of the image, falling: score, and what it adds to the number of detections,
    of matches above `MIN_OVERLAP` and to the sum of overlaps. (S, 4)"""
    scores = np.unique(image.scores)[::-1]
    totals = np.array([_match(image.overlaps[image.scores >= score]) for score in scores])
    return np.column_stack([scores, np.diff(totals.reshape(-1, 3), axis=0, prepend=0)])


def _match(overlaps: Values) -> tuple[float, float, float]:
    """Number of detections, of matches above `MIN_OVERLAP`, and the sum of overlaps."""
    rows, columns = linear_sum_assignment(overlaps, maximize=True)
    pairs = overlaps[rows, columns]
    return len(overlaps), float((pairs > MIN_OVERLAP).sum()), float(pairs.sum())
