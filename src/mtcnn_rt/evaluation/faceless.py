"""Counts false positives in images without faces."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mtcnn_rt._arrays import Float64, Indices
from mtcnn_rt.evaluation.judging import FALSE_POSITIVE, JudgedImage, judge
from mtcnn_rt.evaluation.measurement import Curve


def faceless(images: Sequence[JudgedImage]) -> list[JudgedImage]:
    """Returns the images without a face: all of their boxes, if they have any, are ignored."""
    return [image for image in images if image.ignored.all()]


def false_positives(
    images: Sequence[JudgedImage], threshold: float, min_iou: float = 0.5
) -> Indices:
    """Counts the false positives of each image.

    Args:
        images: Images without a face. A detection that meets an ignored box is dropped.
        threshold: The least score of a detection.
        min_iou: The IoU from which a detection meets a box.

    Returns:
        The numbers of false positives, (I,).
    """
    counts = [int((_wrong_scores(image, min_iou) >= threshold).sum()) for image in images]
    return np.array(counts, np.int64)


def share_curve(images: Sequence[JudgedImage], min_iou: float = 0.5) -> Curve:
    """Computes the share of the images with a false positive at each threshold.

    Args:
        images: Images without a face.
        min_iou: The IoU from which a detection meets a box.

    Returns:
        Thresholds (x), and the share of the images with a false positive of at least that score
        (y).
    """
    best = [_wrong_scores(image, min_iou).max(initial=-1.0) for image in images]
    scores = np.sort([score for score in best if score >= 0])
    left = np.arange(len(scores), 0, -1)
    return Curve(np.asarray(scores, np.float64), left / max(1, len(images)))


def _wrong_scores(image: JudgedImage, min_iou: float) -> Float64:
    nothing = np.zeros(len(image.boxes), np.bool_)
    wrong = judge(image, nothing, min_iou) == FALSE_POSITIVE
    return np.asarray(image.scores[wrong], np.float64)
