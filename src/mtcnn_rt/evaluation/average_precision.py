"""Computes average precision, by the usual all-point interpolation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mtcnn_rt.evaluation.judging import (
    DROPPED,
    FALSE_POSITIVE,
    HIT,
    NEITHER,
    WRONG,
    JudgedImage,
    assign,
    judge,
    judged_image,
)
from mtcnn_rt.evaluation.measurement import Curve
from mtcnn_rt.evaluation.ranking import Selection, rank

__all__ = [
    "DROPPED",
    "FALSE_POSITIVE",
    "HIT",
    "NEITHER",
    "WRONG",
    "JudgedImage",
    "area",
    "assign",
    "average_precision",
    "judge",
    "judged_image",
    "precision_recall",
]


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
    ranked = rank(images, Selection("", label, min_height), min_iou)
    return ranked.precision_recall() if ranked.faces.any() else None


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
