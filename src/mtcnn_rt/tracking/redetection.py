"""O-Net alone, where faces are expected."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._boxes import overlaps
from mtcnn_rt.detector import MTCNN, NMS_OUTPUT
from mtcnn_rt.faces import Faces
from mtcnn_rt.tracking.assignment import MIN_IOU
from mtcnn_rt.tracking.tracked import join

CENTRE = ((0.0, 0.0),)
BESIDE = ((-0.1, -0.1), (0.1, -0.1), (-0.1, 0.1), (0.1, 0.1))
"""Where O-Net looks, from where a face is expected, in widths and heights of its box."""

Indices = NDArray[np.int64]


def look(
    detector: MTCNN,
    image: NDArray[np.uint8],
    boxes: NDArray[np.float32],
    keen: NDArray[np.bool_],
) -> tuple[Indices, Faces]:
    """The faces that O-Net accepts near the expected boxes (N, 4), at most one for each, and the
    indices of their boxes.

    keen: (N,), those worth five looks. In the cascade, too, O-Net sees several proposals of a face,
    and one suffices. In a video of a crowd it accepts 95 % of the faces where the frame before had
    them, and 99.5 % with four looks beside that for the rest."""
    seen, faces = _look(detector, image, boxes, CENTRE, Faces.empty())
    rest = np.delete(np.arange(len(boxes)), seen)
    rest = rest[keen[rest]]
    if len(rest) == 0:
        return seen, faces
    again, more = _look(detector, image, boxes[rest], BESIDE, faces)
    return np.concatenate([seen, rest[again]]), join([faces, more])


def _look(
    detector: MTCNN,
    image: NDArray[np.uint8],
    boxes: NDArray[np.float32],
    shifts: tuple[tuple[float, float], ...],
    others: Faces,
) -> tuple[Indices, Faces]:
    """As `look`, but none of the others' faces."""
    if len(boxes) == 0:
        return np.zeros(0, np.int64), Faces.empty()
    steps = np.array(shifts, np.float32) * (boxes[:, 2:] - boxes[:, :2])[:, np.newaxis]
    moved = (boxes[:, np.newaxis] + np.tile(steps, 2)).reshape(-1, 4)
    faces, sources = detector.track(image, moved)
    sources = sources // len(shifts)
    near = np.diagonal(overlaps(boxes[sources], faces.boxes)) >= MIN_IOU
    shared = overlaps(faces.boxes, others.boxes, "smaller").max(axis=1, initial=0)
    right = np.flatnonzero(near & (shared <= NMS_OUTPUT))
    indices, first = np.unique(sources[right], return_index=True)  # the best comes first
    return indices, faces[right[first]]
