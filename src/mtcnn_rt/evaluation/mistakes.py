"""Finds the worst mistakes of a detector: the faces it misses, and its false alarms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mtcnn_rt._arrays import Boxes
from mtcnn_rt._boxes import overlaps
from mtcnn_rt.evaluation.judging import WRONG, JudgedImage, assign
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


def misses_and_false_alarms(
    images: Sequence[JudgedImage], selection: Selection, min_iou: float, threshold: float
) -> tuple[list[Mistake], list[Mistake]]:
    """Finds the mistakes among the detections of a sufficient score.

    Args:
        images: The images.
        selection: The faces that count.
        min_iou: The IoU from which a face is found.
        threshold: The least score of a detection.

    Returns:
        The faces that no such detection finds, the highest face first, and the false positives, the
        best score first.
    """
    misses: list[Mistake] = []
    alarms: list[Mistake] = []
    for index, image in enumerate(above(one, threshold) for one in images):
        counted = selection.counted(image)
        assigned = assign(image, counted, min_iou)
        missed = counted.copy()
        missed[assigned[assigned >= 0]] = False
        overlap = overlaps(image.boxes, image.found)
        nearest_found, nearest_face = (overlap.max(axis=axis, initial=0) for axis in (1, 0))
        misses += [
            Mistake(index, image.boxes[face], None, float(nearest_found[face]))
            for face in np.flatnonzero(missed)
        ]
        alarms += [
            Mistake(index, image.found[one], float(image.scores[one]), float(nearest_face[one]))
            for one in np.flatnonzero(assigned == WRONG)
        ]
    misses.sort(key=lambda one: one.box[1] - one.box[3])
    alarms.sort(key=lambda one: -(one.score or 0.0))
    return misses, alarms
