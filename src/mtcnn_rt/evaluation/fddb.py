"""Computes FDDB's discrete and continuous ROC (Jain and Learned-Miller, UM-CS-2010-009).

At every score of a detection, the detections from that score up are matched one to one with the
annotated faces so that the sum of their overlaps is greatest. A pair counts as its overlap in the
continuous score, and in the discrete score as 1 if the overlap is above a half. A detection without
such a pair is a false positive in both.

FDDB's own program sometimes stops its matching before the sum is greatest;
docs/explanation/evaluation.md has the differences. This module follows the description.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mtcnn_rt import _native
from mtcnn_rt._arrays import Float64
from mtcnn_rt.evaluation.measurement import Curve

MIN_OVERLAP = 0.5
"""The overlap above which a match counts in the discrete score."""


@dataclass(frozen=True, eq=False)
class FddbJudgedImage:
    """Holds the overlaps of detections and annotated faces in one image.

    Attributes:
        overlaps: The overlaps of M detections with N annotated faces, (M, N), 0 to 1.
        scores: The scores of the detections, (M,), in any order.
    """

    overlaps: Float64
    scores: Float64


@dataclass(frozen=True, eq=False)
class Roc:
    """Holds both curves of a set, one point for each threshold.

    Attributes:
        discrete: False positives (x), and the share of the faces that are found (y).
        continuous: False positives (x), and the sum of the overlaps over the number of faces (y).
        thresholds: The thresholds of the points, falling.
    """

    discrete: Curve
    continuous: Curve
    thresholds: Float64


def roc(images: Sequence[FddbJudgedImage]) -> Roc:
    """Computes both curves of a set.

    Args:
        images: All images of the set.

    Returns:
        The curves.

    Raises:
        ValueError: No face is annotated.
    """
    faces = sum(image.overlaps.shape[1] for image in images)
    if faces == 0:
        raise ValueError("no face is annotated")
    # Each row: what an image adds when the threshold falls to one of its scores.
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
    """Returns the largest share of the faces found with a number of false positives.

    Args:
        curve: False positives (x) and shares (y).
        false_positives: The largest number of false positives.

    Returns:
        The share, 0 to 1; 0 where every point has more false positives.
    """
    return float(curve.y[curve.x <= false_positives].max(initial=0.0))


def _steps(image: FddbJudgedImage) -> Float64:
    """Returns what each score of an image adds, (S, 4), scores falling.

    The columns are the score, detections, matches above `MIN_OVERLAP` and the sum of overlaps.
    """
    scores = np.unique(image.scores)[::-1]
    totals = np.array([_match(image.overlaps[image.scores >= score]) for score in scores])
    return np.column_stack([scores, np.diff(totals.reshape(-1, 3), axis=0, prepend=0)])


def _match(overlaps: Float64) -> tuple[float, float, float]:
    """Returns the numbers of detections and of matches, and the sum of overlaps."""
    rows, columns = _native.assign(overlaps)
    pairs = overlaps[rows, columns]
    return len(overlaps), float((pairs > MIN_OVERLAP).sum()), float(pairs.sum())
