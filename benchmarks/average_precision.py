"""Average precision over photographs whose boxes are partly ignored.

A box is ignored, not wrong, when it carries another label than the one counted or is too small:
a detector may find it or not, neither counts. Everything else about the counting is the usual
all-point interpolation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.boxes import Boxes, iou

HIT, FALSE_POSITIVE, DROPPED = 1, 0, -1


@dataclass(frozen=True)
class Photo:
    """One photograph: the boxes drawn by people and the boxes a detector found."""

    boxes: Boxes
    labels: NDArray[np.str_]
    found: Boxes
    scores: NDArray[np.floating]

    def counted(self, label: str | None, min_height: float) -> NDArray[np.bool_]:
        """Which annotated boxes count: those of `label` (None: of any) and high enough."""
        high_enough = self.boxes[:, 3] - self.boxes[:, 1] >= min_height
        return high_enough if label is None else high_enough & (self.labels == label)


def average_precision(
    photos: Sequence[Photo],
    label: str | None = None,
    min_height: float = 20.0,
    min_iou: float = 0.5,
) -> tuple[float, float]:
    """Average precision and final recall over all photos; NaN where no box counts."""
    masks = [photo.counted(label, min_height) for photo in photos]
    total = sum(int(mask.sum()) for mask in masks)
    if total == 0:
        return float("nan"), float("nan")
    pairs = zip(photos, masks, strict=True)
    outcomes = np.concatenate([judge(photo, mask, min_iou) for photo, mask in pairs])
    scores = np.concatenate([photo.scores for photo in photos])
    kept = outcomes != DROPPED
    order = np.argsort(-scores[kept], kind="stable")
    return _area_under_curve(outcomes[kept][order], total)


def judge(photo: Photo, counted: NDArray[np.bool_], min_iou: float) -> NDArray[np.int8]:
    """Outcome of each detection: HIT, FALSE_POSITIVE or DROPPED.

    Best score first, each takes the unused counted box it overlaps most. One that finds none
    and meets an ignored box is dropped.
    """
    overlap = iou(photo.found, photo.boxes)
    meets_ignored = (overlap[:, ~counted] >= min_iou).any(axis=1)
    outcomes = np.where(meets_ignored, DROPPED, FALSE_POSITIVE).astype(np.int8)
    free = overlap[:, counted]
    if free.shape[1] == 0:
        return outcomes
    for detection in np.argsort(-photo.scores, kind="stable"):
        best = free[detection].argmax()
        if free[detection, best] >= min_iou:
            outcomes[detection] = HIT
            free[:, best] = -1.0
    return outcomes


def _area_under_curve(hits: NDArray[np.int8], total: int) -> tuple[float, float]:
    """Area under the precision envelope (all-point interpolation) and the last recall."""
    if hits.size == 0:
        return 0.0, 0.0
    true_positives = np.cumsum(hits)
    recall = true_positives / total
    precision = true_positives / np.arange(1, hits.size + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(recall, prepend=0.0) * envelope)), float(recall[-1])
