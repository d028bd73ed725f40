"""Finds the worst mistakes of a detector: the faces it misses, and its false alarms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mtcnn_rt._arrays import Boxes
from mtcnn_rt._boxes import overlaps
from mtcnn_rt.evaluation.average_precision import WRONG, JudgedImage, assign
from mtcnn_rt.evaluation.ranking import Selection


@dataclass(frozen=True, eq=False)
class Mistake:
    """Describes a face that is missed, or a false alarm.

    Attributes:
        image: The index of the image.
        box: The box of the face or of the detection, (4,).
        score: The score of a false alarm; None for a miss.
        overlap: The largest IoU of a missed face with a detection, or of a false alarm with an
            annotated box, 0 to 1.
    """

    image: int
    box: Boxes
    score: float | None
    overlap: float


def above(image: JudgedImage, threshold: float) -> JudgedImage:
    """Returns the image with those detections only whose score is at least the threshold."""
    kept = image.scores >= threshold
    return JudgedImage(
        image.boxes, image.labels, image.ignored, image.found[kept], image.scores[kept]
    )


def misses(
    images: Sequence[JudgedImage], selection: Selection, min_iou: float, threshold: float
) -> list[Mistake]:
    """Returns the faces that no detection of a sufficient score finds, the highest face first.

    Args:
        images: The images.
        selection: The faces that count.
        min_iou: The IoU from which a face is found.
        threshold: The least score of a detection.
    """
    found = []
    for index, image in enumerate(above(one, threshold) for one in images):
        counted = selection.counted(image)
        missed = counted.copy()
        assigned = assign(image, counted, min_iou)
        missed[assigned[assigned >= 0]] = False
        nearest = overlaps(image.boxes, image.found).max(axis=1, initial=0)
        found += [
            Mistake(index, image.boxes[face], None, float(nearest[face]))
            for face in np.flatnonzero(missed)
        ]
    return sorted(found, key=lambda one: one.box[1] - one.box[3])


def false_alarms(
    images: Sequence[JudgedImage], selection: Selection, min_iou: float, threshold: float
) -> list[Mistake]:
    """Returns the false positives of a sufficient score, the best score first.

    Args:
        images: The images.
        selection: The faces that count.
        min_iou: The IoU from which a face is found.
        threshold: The least score of a detection.
    """
    found = []
    for index, image in enumerate(above(one, threshold) for one in images):
        wrong = assign(image, selection.counted(image), min_iou) == WRONG
        nearest = overlaps(image.found, image.boxes).max(axis=1, initial=0)
        found += [
            Mistake(index, image.found[i], float(image.scores[i]), float(nearest[i]))
            for i in np.flatnonzero(wrong)
        ]
    return sorted(found, key=lambda one: -(one.score or 0.0))
