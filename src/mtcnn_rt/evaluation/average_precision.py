"""Computes average precision on images whose boxes are partly ignored.

A box is ignored, not wrong, when the annotation ignores it, when it carries another label than the
one counted or when it is too small: finding it counts neither for nor against. Everything else is
the usual all-point interpolation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Boxes, Indices
from mtcnn_rt._boxes import overlaps
from mtcnn_rt.annotations import Annotated
from mtcnn_rt.evaluation.measurement import Curve

HIT, FALSE_POSITIVE, DROPPED = 1, 0, -1
"""Outcomes of a detection."""

WRONG, NEITHER = -1, -2
"""The values of `assign` without an annotated box: a false positive, a dropped detection."""


@dataclass(frozen=True, eq=False)
class JudgedImage:
    """Holds the annotated boxes of one image beside those that a detector found.

    Attributes:
        boxes: The annotated boxes, (N, 4) x1 y1 x2 y2 in pixels.
        labels: Their labels, (N,).
        ignored: True for the boxes that the annotation ignores, (N,) bool.
        found: The boxes found, (M, 4), in any order.
        scores: Their scores, (M,).
    """

    boxes: Boxes
    labels: NDArray[np.str_]
    ignored: NDArray[np.bool_]
    found: Boxes
    scores: NDArray[np.floating[Any]]

    def counted(
        self, label: str | None, min_height: float, below: float = math.inf
    ) -> NDArray[np.bool_]:
        """Selects the annotated boxes that count.

        Args:
            label: The label of the boxes that count; None counts all labels.
            min_height: The least height of a box that counts, in pixels.
            below: The height that a box that counts is below, in pixels.

        Returns:
            True for the boxes that count, (N,) bool.
        """
        heights = self.boxes[:, 3] - self.boxes[:, 1]
        counted = ~self.ignored & (heights >= min_height) & (heights < below)
        return counted if label is None else counted & (self.labels == label)


def judged_image(
    annotated: Annotated, found: Boxes, scores: NDArray[np.floating[Any]]
) -> JudgedImage:
    """Puts detections beside the annotation of their image, whose repeated faces count once.

    Args:
        annotated: The annotated image.
        found: The boxes found, (M, 4), in any order.
        scores: Their scores, (M,).

    Returns:
        Both together.

    Raises:
        ValueError: An annotated face has no box.
    """
    if np.isnan(annotated.boxes).any():
        raise ValueError(f"{annotated.name}: a face without a box")
    kept = ~annotated.is_repeated()
    labels = np.array(annotated.labels, np.str_)[kept]
    return JudgedImage(annotated.boxes[kept], labels, annotated.ignored[kept], found, scores)


def average_precision(
    images: Sequence[JudgedImage],
    label: str | None = None,
    min_height: float = 20.0,
    min_iou: float = 0.5,
) -> tuple[float, float]:
    """Computes average precision and the final recall over all images.

    Args:
        images: The images.
        label: The label of the boxes that count; None counts all labels.
        min_height: The least height of a box that counts, in pixels.
        min_iou: The IoU from which a face is found.

    Returns:
        Average precision and recall, 0 to 1; NaN where no box counts.

    Example:
        >>> import numpy as np
        >>> from mtcnn_rt.evaluation.average_precision import JudgedImage, average_precision
        >>> box = np.array([[10.0, 10.0, 50.0, 60.0]])
        >>> image = JudgedImage(box, np.array(["face"]), np.array([False]), box, np.array([0.9]))
        >>> average_precision([image])
        (1.0, 1.0)
    """
    curve = precision_recall(images, label, min_height, min_iou)
    if curve is None:
        return float("nan"), float("nan")
    return area(curve), float(curve.x[-1]) if curve.x.size else 0.0


def precision_recall(
    images: Sequence[JudgedImage],
    label: str | None = None,
    min_height: float = 20.0,
    min_iou: float = 0.5,
) -> Curve | None:
    """Computes recall and precision after each detection, best score of all images first.

    Args:
        images: The images.
        label: The label of the boxes that count; None counts all labels.
        min_height: The least height of a box that counts, in pixels.
        min_iou: The IoU from which a face is found.

    Returns:
        Recall (x) and precision (y) after each detection that is not dropped, or None where no box
        counts.
    """
    masks = [image.counted(label, min_height) for image in images]
    total = sum(int(mask.sum()) for mask in masks)
    if total == 0:
        return None
    pairs = zip(images, masks, strict=True)
    outcomes = np.concatenate([judge(image, mask, min_iou) for image, mask in pairs])
    scores = np.concatenate([image.scores for image in images])
    kept = outcomes != DROPPED
    order = np.argsort(-scores[kept], kind="stable")
    hits = np.cumsum(outcomes[kept][order])
    return Curve(hits / total, hits / np.arange(1, hits.size + 1))


def judge(image: JudgedImage, counted: NDArray[np.bool_], min_iou: float) -> NDArray[np.int8]:
    """Decides the outcome of each detection in an image.

    Best score first, each detection takes the free counted box that it overlaps most. A detection
    that gets none and overlaps an ignored box is dropped; any other is a false positive.

    Args:
        image: The image.
        counted: True for the annotated boxes that count, (N,) bool.
        min_iou: The least IoU of a detection and its box.

    Returns:
        `HIT`, `FALSE_POSITIVE` or `DROPPED` for each detection, (M,).
    """
    found = assign(image, counted, min_iou)
    outcomes = np.select([found >= 0, found == WRONG], [HIT, FALSE_POSITIVE], DROPPED)
    return outcomes.astype(np.int8)


def assign(image: JudgedImage, counted: NDArray[np.bool_], min_iou: float) -> Indices:
    """Finds the annotated box of each detection in an image, as `judge` describes it.

    Args:
        image: The image.
        counted: True for the annotated boxes that count, (N,) bool.
        min_iou: The least IoU of a detection and its box.

    Returns:
        The index of the annotated box, `WRONG` for a false positive, or `NEITHER` for a detection
        that is dropped, (M,).
    """
    overlap = overlaps(image.found, image.boxes)
    meets_ignored = (overlap[:, ~counted] >= min_iou).any(axis=1)
    assigned = np.where(meets_ignored, NEITHER, WRONG).astype(np.int64)
    if not counted.any():
        return assigned
    overlap[:, ~counted] = -1.0
    for detection in np.argsort(-image.scores, kind="stable"):
        best = overlap[detection].argmax()
        if overlap[detection, best] >= min_iou:
            assigned[detection] = best
            overlap[:, best] = -1.0
    return assigned


def area(curve: Curve) -> float:
    """Computes the area under the envelope of precision over recall: all-point interpolation.

    Args:
        curve: Recall (x) and precision (y). A precision of NaN, before anything is found, does not
            count.

    Returns:
        The area, 0 to 1.
    """
    envelope = np.fmax.accumulate(np.append(curve.y, 0.0)[::-1])[::-1][:-1]
    return float(np.sum(np.diff(curve.x, prepend=0.0) * envelope))
