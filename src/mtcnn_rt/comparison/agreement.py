"""Whether two detectors found the same faces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mtcnn_rt._arrays import Boxes
from mtcnn_rt._boxes import overlaps
from mtcnn_rt.comparison.peers import Detections, sure_score


@dataclass(frozen=True)
class Agreement:
    """Faces: how many of a detector's are also the reference's."""

    matched: int
    faces: int
    reference_faces: int

    @property
    def complete(self) -> bool:
        """Whether both found the same faces, no more and no fewer."""
        return self.matched == self.faces == self.reference_faces


def agreement(detector: str, found: Detections, reference: str, expected: Detections) -> Agreement:
    """Of the faces that the two peers of these names are sure of."""
    own, other = sure_boxes(detector, found), sure_boxes(reference, expected)
    return Agreement(count_matches(own, other), len(own), len(other))


def sure_boxes(detector: str, found: Detections) -> Boxes:
    """Below, the smallest difference decides whether a face is there."""
    boxes, scores = found
    return boxes[scores >= sure_score(detector)]


def count_matches(a: Boxes, b: Boxes, min_iou: float = 0.5) -> int:
    """How many boxes of `a` pair up one to one with boxes of `b`, the largest overlap first."""
    overlap = overlaps(a, b)
    matches = 0
    while overlap.size and overlap.max() >= min_iou:
        row, column = np.unravel_index(overlap.argmax(), overlap.shape)
        overlap[row, :] = overlap[:, column] = -1.0
        matches += 1
    return matches
