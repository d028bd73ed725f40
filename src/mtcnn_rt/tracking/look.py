"""Between full detections: O-Net alone, where faces are expected."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt.boxes import overlaps
from mtcnn_rt.detector import MTCNN, NMS_OUTPUT
from mtcnn_rt.faces import Faces
from mtcnn_rt.tracking.assignment import MIN_IOU
from mtcnn_rt.tracking.tracked import join

CENTRE = ((0.0, 0.0),)
BESIDE = ((-0.1, -0.1), (0.1, -0.1), (-0.1, 0.1), (0.1, 0.1))
"""Where O-Net looks, from where a face is expected, in widths and heights of its box."""


def look(
    detector: MTCNN,
    image: NDArray[np.uint8],
    boxes: NDArray[np.float32],
    keen: NDArray[np.bool_],
    others: Faces,
) -> dict[int, Faces]:
    """The faces that O-Net accepts near the expected boxes (N, 4), by index; none of `others`.

    keen: (N,), those worth five looks. In the cascade, too, O-Net sees several proposals of a face,
    and one suffices. In a video of a crowd it accepts 95 % of the faces where the frame before had
    them, and 99.5 % with four looks beside that for the rest."""
    found = _look(detector, image, boxes, CENTRE, others)
    rest = [i for i in np.flatnonzero(keen).tolist() if i not in found]
    again = _look(detector, image, boxes[rest], BESIDE, join([others, *found.values()]))
    return found | {rest[i]: face for i, face in again.items()}


def _look(
    detector: MTCNN,
    image: NDArray[np.uint8],
    boxes: NDArray[np.float32],
    shifts: tuple[tuple[float, float], ...],
    others: Faces,
) -> dict[int, Faces]:
    if len(boxes) == 0:
        return {}
    steps = np.array(shifts, np.float32) * (boxes[:, 2:] - boxes[:, :2])[:, np.newaxis]
    moved = (boxes[:, np.newaxis] + np.tile(steps, 2)).reshape(-1, 4)
    faces, sources = detector.track(image, moved)
    sources = sources // len(shifts)
    near = np.diagonal(overlaps(boxes[sources], faces.boxes)) >= MIN_IOU
    shared = overlaps(faces.boxes, others.boxes, "smaller").max(axis=1, initial=0)
    found: dict[int, Faces] = {}
    for i in np.flatnonzero(near & (shared <= NMS_OUTPUT)):
        found.setdefault(int(sources[i]), faces[i])  # the best comes first
    return found
