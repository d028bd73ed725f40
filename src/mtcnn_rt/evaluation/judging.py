"""Decides which detections of an image find a face, on images whose boxes are partly ignored.

A box is ignored, not wrong, when the annotation ignores it, when it carries another label than the
one counted or when it is too small: finding it counts neither for nor against.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Boxes, Indices
from mtcnn_rt._boxes import overlaps
from mtcnn_rt.annotations import Annotated

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
