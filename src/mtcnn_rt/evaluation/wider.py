"""WIDER FACE's protocol (Yang et al., CVPR 2016), as its evaluation tools count.

It differs from plain average precision (`average_precision.py`) in what looks like detail: scores
are spread over 0 to 1 for the whole set, the curve has 1000 thresholds, a detection belongs to the
box it overlaps most even if that is ignored or taken already, and widths count pixels from the
first to the last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Boxes
from mtcnn_rt._boxes import overlaps
from mtcnn_rt.evaluation.average_precision import area
from mtcnn_rt.evaluation.measurement import Curve, Values

THRESHOLDS = 1000
MIN_IOU = 0.5


@dataclass(frozen=True, eq=False)
class WiderImage:
    """One image of the set, its faces and what a detector found.

    boxes (N, 4), counted (N,) bool: the faces of the setting (easy, medium or hard), the others are
    ignored; found (M, 4), scores (M,), highest first."""

    boxes: Boxes
    counted: NDArray[np.bool_]
    found: Boxes
    scores: NDArray[np.floating]


def spread_scores(scores: Sequence[NDArray[np.floating]]) -> list[Values]:
    """The scores of all images, the lowest of the set 0 and the highest 1, in single precision.

    Raises ValueError where all are the same: the protocol cannot rank them."""
    # The tools' search for the lowest and highest starts with singles, which makes what follows
    # single too. It decides which of the scores that equal a threshold reach it.
    single = [one.astype(np.float32) for one in scores]
    every = np.concatenate([np.zeros(0, np.float32), *single])
    if not every.size:
        return [np.zeros(0) for _ in scores]
    lowest = every.min()
    highest = max(every.max(), np.finfo(np.float32).tiny)  # the tools' search starts there
    if lowest == highest:
        raise ValueError(f"every detection has the score {lowest:g}, WIDER FACE cannot rank them")
    return [((one - lowest) / (highest - lowest)).astype(np.float64) for one in single]


def precision_recall(images: Sequence[WiderImage]) -> Curve:
    """Recall (x) and precision (y) at 1000 falling thresholds, (1000,). Precision is NaN where
    nothing is found, recall where nothing counts. Scores as `spread_scores` gives them."""
    proposals, hits = np.zeros((2, THRESHOLDS))
    for image in images:
        if len(image.boxes) and len(image.found):  # without faces nothing is a false positive
            counts = count(image)
            proposals, hits = proposals + counts[0], hits + counts[1]
    faces = sum(int(image.counted.sum()) for image in images)
    with np.errstate(invalid="ignore"):
        return Curve(hits / np.float64(faces), hits / proposals)


def average_precision(images: Sequence[WiderImage]) -> float:
    """Area under the envelope of `precision_recall`; NaN where no face counts."""
    return area(precision_recall(images))


def count(image: WiderImage) -> tuple[Values, Values]:
    """Detections that count as found, and the counted boxes among what they meet, at each
    threshold: (1000,), (1000,)."""
    is_proposal, is_hit = judge(image)
    proposals = np.cumsum([0, *is_proposal])
    hits = np.cumsum([0, *is_hit])
    thresholds = 1 - np.arange(1, THRESHOLDS + 1) / THRESHOLDS
    passed = np.searchsorted(-image.scores, -thresholds, side="right")
    return proposals[passed].astype(np.float64), hits[passed].astype(np.float64)


def judge(image: WiderImage) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether each detection counts, and whether it is the first at a counted box: (M,), (M,)."""
    overlap = overlaps(_to_last_pixel(image.found), _to_last_pixel(image.boxes))
    nearest = overlap.argmax(axis=1)
    meets = overlap.max(axis=1) >= MIN_IOU
    at_counted = meets & image.counted[nearest]
    first = np.zeros(len(image.found), np.bool_)
    first[np.unique(np.where(at_counted, nearest, -1), return_index=True)[1]] = True
    return ~meets | at_counted, first & at_counted


def _to_last_pixel(boxes: Boxes) -> Values:
    # The tools take x + width for the last column, not for the edge behind it.
    grown = boxes.astype(np.float64)
    grown[:, 2:] += 1
    return grown
