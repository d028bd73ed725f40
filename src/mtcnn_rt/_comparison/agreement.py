"""Compares the faces that two detectors find."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mtcnn_rt._arrays import Boxes
from mtcnn_rt._boxes import overlaps


@dataclass(frozen=True)
class Agreement:
    """Counts the faces that a detector and the reference both find.

    Attributes:
        matched: The number of the detector's faces that the reference also finds.
        faces: The number of the detector's faces.
        reference_faces: The number of the reference's faces.
    """

    matched: int
    faces: int
    reference_faces: int

    @property
    def complete(self) -> bool:
        """True where both find the same faces, no more and no fewer."""
        return self.matched == self.faces == self.reference_faces


def agreement(found: Boxes, expected: Boxes) -> Agreement:
    """Compares the boxes of a detector with those of the reference.

    Args:
        found: The boxes that the detector is sure of, (M, 4); see `Peers.sure_boxes`.
        expected: The boxes that the reference is sure of, (N, 4).

    Returns:
        The numbers of faces.
    """
    return Agreement(count_matches(found, expected), len(found), len(expected))


def count_matches(first: Boxes, second: Boxes, min_iou: float = 0.5) -> int:
    """Pairs boxes one to one, the largest overlap first, and counts the pairs.

    Args:
        first: Boxes (M, 4).
        second: Boxes (N, 4).
        min_iou: The least IoU of a pair.

    Returns:
        The number of pairs.
    """
    overlap = overlaps(first, second)
    matches = 0
    while overlap.size and overlap.max() >= min_iou:
        row, column = np.unravel_index(overlap.argmax(), overlap.shape)
        overlap[row, :] = overlap[:, column] = -1.0
        matches += 1
    return matches
