"""Finds faces again where they are expected, with O-Net alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Float32, Indices
from mtcnn_rt._boxes import overlaps
from mtcnn_rt._cascade import NMS_OUTPUT
from mtcnn_rt.faces import Faces, joined
from mtcnn_rt.images import Image
from mtcnn_rt.tracking.assignment import MIN_IOU
from mtcnn_rt.tracking.finder import Finder

CENTER = ((0.0, 0.0),)
BESIDE = ((-0.1, -0.1), (0.1, -0.1), (-0.1, 0.1), (0.1, 0.1))
"""Shifts of O-Net's crops from an expected box, in its widths and heights."""


def redetect(
    finder: Finder, image: Image, boxes: Float32, persistent: NDArray[np.bool_]
) -> tuple[Indices, Faces]:
    """Returns the faces that O-Net accepts near expected boxes, at most one for each.

    In the full cascade, too, O-Net gets several crops of a face, and one accepted crop suffices. In
    a video of a crowd, O-Net accepts 95 % of the faces at their boxes of the frame before, and
    99.5 % with four more crops beside the box for the rest.

    Args:
        finder: Finds faces at boxes.
        image: The image.
        boxes: The expected boxes (N, 4), in pixels.
        persistent: (N,) True for a face that is worth four more crops beside its expected box.

    Returns:
        The indices of the boxes with a face, and their faces, which may reach beyond the image.
    """
    seen, faces = _redetect(finder, image, boxes, CENTER, Faces.empty())
    missed = persistent.copy()
    missed[seen] = False
    rest = missed.nonzero()[0]
    if len(rest) == 0:
        return seen, faces
    again, more = _redetect(finder, image, boxes[rest], BESIDE, faces)
    return np.concatenate([seen, rest[again]]), joined([faces, more])


def _redetect(
    finder: Finder,
    image: Image,
    boxes: Float32,
    shifts: tuple[tuple[float, float], ...],
    others: Faces,
) -> tuple[Indices, Faces]:
    """Finds faces in crops at these shifts from the boxes, except those among `others`."""
    if len(boxes) == 0:
        return np.zeros(0, np.int64), Faces.empty()
    moved = boxes
    if shifts is not CENTER:
        steps = np.array(shifts, np.float32) * (boxes[:, 2:] - boxes[:, :2])[:, np.newaxis]
        moved = (boxes[:, np.newaxis] + np.tile(steps, 2)).reshape(-1, 4)
    faces, sources = finder.find_at(image, moved)
    sources = sources // len(shifts)
    near = overlaps(boxes, faces.boxes)[sources, np.arange(len(faces))] >= MIN_IOU
    shared = overlaps(faces.boxes, others.boxes, "smaller").max(axis=1, initial=0)
    right = (near & (shared <= NMS_OUTPUT)).nonzero()[0]
    indices, first = np.unique(sources[right], return_index=True)  # faces are sorted by score
    return indices, faces[right[first]]
