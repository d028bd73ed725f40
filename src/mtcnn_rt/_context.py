"""Runs C-Net, which sees unsure faces with what is around them, for their score and their box."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mtcnn_rt import _native
from mtcnn_rt._arrays import Float32, Indices
from mtcnn_rt._proposals import Proposals
from mtcnn_rt.faces import Faces
from mtcnn_rt.images import Image

if TYPE_CHECKING:
    from mtcnn_rt._cascade import Cascade

HOPELESS = 0.1
"""Share of the last threshold that a score must exceed before C-Net sees the face."""

CNET_SHARE = 0.4
"""Share of C-Net's box in the box of a face that it sees; the rest is O-Net's."""


def judge(
    cascade: Cascade,
    images: Sequence[Image],
    faces: Sequence[Faces],
    logits: Sequence[Float32],
    cnet_crop: float,
) -> list[Faces]:
    """Runs C-Net on the faces that the networks before it are not sure of.

    Its crop shows hair, neck and shoulders, too: of a small or blurred face they say more than
    its 12 to 20 pixels, for its score and for its box.

    Args:
        cascade: The cascade.
        images: The images.
        faces: The faces of each image, whose scores exceed the share `HOPELESS` of the
            threshold.
        logits: P-Net's, R-Net's and O-Net's logits (N, 3) of the faces of each image.
        cnet_crop: Side of a crop over that of the square about the face.

    Returns:
        The faces of each image that exceed the threshold, best score first.
    """
    sure = np.inf if cascade.sure_score is None else cascade.sure_score
    if sure > cascade.thresholds[2] and all(one.scores[-1:] >= sure for one in faces if len(one)):
        return list(faces)  # as in most images: the last score is the least
    unsure = [np.flatnonzero(one.scores < sure) for one in faces]
    squares = [
        _native.square(one.boxes[rows], cnet_crop) for one, rows in zip(faces, unsure, strict=True)
    ]
    outputs = cascade.engine.context(images, squares)
    found = zip(faces, unsure, logits, squares, outputs, strict=True)
    return [_judged(cascade, *one) for one in found]


def _judged(
    cascade: Cascade,
    faces: Faces,
    rows: Indices,
    logits: Float32,
    squares: Float32,
    outputs: Float32,
) -> Faces:
    """Returns the faces that exceed the threshold, some rows of which C-Net has seen."""
    if not len(rows) and (faces.scores > cascade.thresholds[2]).all():
        return faces
    proposals = Proposals(squares, logits[rows])
    weights = cascade.score_weights(proposals)
    assert weights is not None  # `load_model` has seen to it
    fused = _native.fuse(proposals.with_logits(outputs[:, 0]), weights)
    scores, boxes = faces.scores.copy(), faces.boxes.copy()
    scores[rows] = _native.as_probabilities(fused)
    boxes[rows] += CNET_SHARE * (_native.calibrate(squares, outputs[:, 1:5]) - boxes[rows])
    passed = np.flatnonzero(scores > cascade.thresholds[2])
    with cascade.timer("NMS"):
        kept = passed[cascade.last_nms(boxes[passed], scores[passed])]
    return Faces(boxes[kept], scores[kept], faces.landmarks[kept])
