"""Computes WIDER FACE's average precision (Yang et al., CVPR 2016) as its evaluation tools do.

It differs from plain average precision (`average_precision`) in details: scores are spread over 0
to 1 for the whole set, the curve has 1000 thresholds, a detection belongs to the box it overlaps
most even if that is ignored or taken already, and widths count pixels from the first to the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Boxes, Float64
from mtcnn_rt._boxes import overlaps
from mtcnn_rt.evaluation.average_precision import area
from mtcnn_rt.evaluation.measurement import Curve

THRESHOLDS = 1000
"""The number of thresholds."""

MIN_IOU = 0.5
"""The IoU from which a face is found."""


@dataclass(frozen=True, eq=False)
class WiderJudgedImage:
    """Holds the annotated boxes of one image beside those that a detector found.

    Attributes:
        boxes: The annotated boxes, (N, 4) x1 y1 x2 y2.
        counted: True for the faces of the setting (easy, medium or hard), (N,) bool. The others are
            ignored.
        found: The boxes found, (M, 4).
        scores: Their scores, (M,), highest first, as `spread_scores` returns them.
    """

    boxes: Boxes
    counted: NDArray[np.bool_]
    found: Boxes
    scores: NDArray[np.floating[Any]]


def spread_scores(scores: Sequence[NDArray[np.floating[Any]]]) -> list[Float64]:
    """Spreads the scores of a set over 0 to 1, in single precision.

    Args:
        scores: The scores of each image, (M,).

    Returns:
        The scores of each image, (M,), with 0 for the lowest and 1 for the highest of the set.

    Raises:
        ValueError: All scores are the same, so that the protocol cannot rank them.
    """
    # The tools' search for the lowest and highest score starts with single precision, which makes
    # all that follows single too. It decides which scores that equal a threshold reach it.
    single = [one.astype(np.float32) for one in scores]
    every = np.concatenate([np.zeros(0, np.float32), *single])
    if not every.size:
        return [np.zeros(0) for _ in scores]
    lowest = every.min()
    highest = max(every.max(), np.finfo(np.float32).tiny)  # the tools' search starts there
    if lowest == highest:
        raise ValueError(f"every detection has the score {lowest:g}, WIDER FACE cannot rank them")
    return [((one - lowest) / (highest - lowest)).astype(np.float64) for one in single]


def precision_recall(images: Sequence[WiderJudgedImage]) -> Curve:
    """Computes recall and precision at falling thresholds.

    Args:
        images: All images of the set.

    Returns:
        Recall (x) and precision (y), (1000,). Precision is NaN where nothing is found, recall where
        no face counts.
    """
    detections, hits = np.zeros((2, THRESHOLDS))
    for image in images:
        if len(image.boxes) and len(image.found):  # an image without faces has no false positives
            more_detections, more_hits = count(image)
            detections, hits = detections + more_detections, hits + more_hits
    faces = sum(int(image.counted.sum()) for image in images)
    with np.errstate(invalid="ignore"):
        return Curve(hits / np.float64(faces), hits / detections)


def average_precision(images: Sequence[WiderJudgedImage]) -> float:
    """Computes the area under the envelope of precision over recall.

    Args:
        images: All images of the set.

    Returns:
        Average precision, 0 to 1; NaN where no face counts.
    """
    return area(precision_recall(images))


def count(image: WiderJudgedImage) -> tuple[Float64, Float64]:
    """Counts detections and faces in an image at each threshold.

    Args:
        image: The image.

    Returns:
        The number of detections that are not dropped, and of counted faces that they find, (1000,)
        each.
    """
    counts, is_hit = judge(image)
    detections = np.cumsum([0, *counts])
    hits = np.cumsum([0, *is_hit])
    thresholds = 1 - np.arange(1, THRESHOLDS + 1) / THRESHOLDS
    passed = np.searchsorted(-image.scores, -thresholds, side="right")
    return detections[passed].astype(np.float64), hits[passed].astype(np.float64)


def judge(image: WiderJudgedImage) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Decides the outcome of each detection in an image.

    Args:
        image: The image.

    Returns:
        True for the detections that count, and for those that are the first at a counted box, (M,)
        bool each.
    """
    overlap = overlaps(_to_last_pixel(image.found), _to_last_pixel(image.boxes))
    nearest = overlap.argmax(axis=1)
    meets = overlap.max(axis=1) >= MIN_IOU
    at_counted = meets & image.counted[nearest]
    first = np.zeros(len(image.found), np.bool_)
    first[np.unique(np.where(at_counted, nearest, -1), return_index=True)[1]] = True
    return ~meets | at_counted, first & at_counted


def _to_last_pixel(boxes: Boxes) -> Float64:
    # The tools take x + width as the last column, not as the edge behind it.
    grown = boxes.astype(np.float64)
    grown[:, 2:] += 1
    return grown
