"""Average precision over photographs whose boxes are partly ignored.

A box is ignored, not wrong, when the annotation says so, when it carries another label than the one
counted or when it is too small: a detector may find it or not, neither counts. Everything else
about the counting is the usual all-point interpolation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Boxes
from mtcnn_rt._boxes import overlaps
from mtcnn_rt.annotations import Annotated
from mtcnn_rt.evaluation.measurement import Curve

HIT, FALSE_POSITIVE, DROPPED = 1, 0, -1


@dataclass(frozen=True, eq=False)
class Photo:
    """One photograph: the boxes drawn by people and the boxes a detector found.

    boxes (N, 4), labels (N,), ignored (N,) bool; found (M, 4), scores (M,), in any order."""

    boxes: Boxes
    labels: NDArray[np.str_]
    ignored: NDArray[np.bool_]
    found: Boxes
    scores: NDArray[np.floating]

    def counted(self, label: str | None, min_height: float) -> NDArray[np.bool_]:
        """Which annotated boxes count: those of `label` (None: of any) and high enough."""
        counted = ~self.ignored & (self.boxes[:, 3] - self.boxes[:, 1] >= min_height)
        return counted if label is None else counted & (self.labels == label)


def photo_of(annotated: Annotated, found: Boxes, scores: NDArray[np.floating]) -> Photo:
    """Detections beside the annotation. Raises ValueError where a face has no box."""
    if np.isnan(annotated.boxes).any():
        raise ValueError(f"{annotated.name}: a face without a box")
    labels = np.array(annotated.labels, np.str_)
    return Photo(annotated.boxes, labels, annotated.ignored, found, scores)


def average_precision(
    photos: Sequence[Photo],
    label: str | None = None,
    min_height: float = 20.0,
    min_iou: float = 0.5,
) -> tuple[float, float]:
    """Average precision and final recall over all photos; NaN where no box counts."""
    curve = precision_recall(photos, label, min_height, min_iou)
    if curve is None:
        return float("nan"), float("nan")
    return area(curve), float(curve.x[-1]) if curve.x.size else 0.0


def precision_recall(
    photos: Sequence[Photo],
    label: str | None = None,
    min_height: float = 20.0,
    min_iou: float = 0.5,
) -> Curve | None:
    """Recall (x) and precision (y) after each detection that counts, best score of all photos
    first; None where no box counts."""
    masks = [photo.counted(label, min_height) for photo in photos]
    total = sum(int(mask.sum()) for mask in masks)
    if total == 0:
        return None
    pairs = zip(photos, masks, strict=True)
    outcomes = np.concatenate([judge(photo, mask, min_iou) for photo, mask in pairs])
    scores = np.concatenate([photo.scores for photo in photos])
    kept = outcomes != DROPPED
    order = np.argsort(-scores[kept], kind="stable")
    hits = np.cumsum(outcomes[kept][order])
    return Curve(hits / total, hits / np.arange(1, hits.size + 1))


def judge(photo: Photo, counted: NDArray[np.bool_], min_iou: float) -> NDArray[np.int8]:
    """Outcome of each detection: HIT, FALSE_POSITIVE or DROPPED.

    Best score first, each takes the unused counted box it overlaps most. One that finds none
    and meets an ignored box is dropped.
    """
    overlap = overlaps(photo.found, photo.boxes)
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


def area(curve: Curve) -> float:
    """Area under the envelope of precision (y) over recall (x): all-point interpolation.

    A precision of NaN, where nothing is found yet, says nothing."""
    envelope = np.fmax.accumulate(np.append(curve.y, 0.0)[::-1])[::-1][:-1]
    return float(np.sum(np.diff(curve.x, prepend=0.0) * envelope))
