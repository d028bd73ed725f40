"""Confirms annotations by other detectors: what several of them see is a face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Boxes, Float32, Float64, Pixels
from mtcnn_rt._boxes import overlaps
from mtcnn_rt.annotations import Annotated
from recipe.detectors import CenterFace, Detector, Found, YuNet

LONGEST_SIDE, MOST_ENLARGED = 1000, 2.5  # of the enlarged image, in pixels; and a factor
SAME_FACE = 0.4  # IoU of an annotated box and a found one
EACH_SURE, ONE_SURE = 0.35, 0.5  # scores that make an ignored box a face
EXTRA_SCORE, APART = 0.35, 0.3  # of a found face that is not annotated, and its largest IoU
EXTRA_PROBABILITY = 0.0
"""Probability of such a face: it halves the training's teacher, since most are none."""


@dataclass(frozen=True, eq=False)
class Faces:
    """The faces of an image, as `Annotated` has them.

    Attributes:
        boxes: Boxes (N, 4), x1 y1 x2 y2 in pixels.
        landmarks: Landmarks (N, 5, 2), NaN for none.
        ignored: (N,) bool, faces that count neither for nor against.
        labels: A label for each face.
        probabilities: (N,) the detectors' mean score, NaN for faces that are not ignored.
    """

    boxes: Float64
    landmarks: Float32
    ignored: NDArray[np.bool_]
    labels: tuple[str, ...]
    probabilities: Float64


@dataclass(frozen=True, eq=False)
class Confirmers:
    """Two detectors; one of them runs on the enlarged image and on the image as it is.

    Attributes:
        yunet: Runs twice.
        centerface: Runs on the enlarged image.
    """

    yunet: YuNet
    centerface: CenterFace

    def __call__(self, image: Pixels) -> list[Found]:
        """Returns what each sees in an image: YuNet, CenterFace, YuNet without enlargement."""
        scale = min(MOST_ENLARGED, LONGEST_SIDE / max(image.shape))
        large = image
        if scale > 1.1:
            cubic = cv2.INTER_CUBIC
            resized = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cubic)
            large = np.asarray(resized, np.uint8)
        back = image.shape[1] / large.shape[1]
        pairs: list[tuple[Detector, Pixels, float]] = [
            (self.yunet, large, back),
            (self.centerface, large, back),
            (self.yunet, image, 1.0),
        ]
        found = [(detector(pixels), factor) for detector, pixels, factor in pairs]
        return [Found(each.boxes * np.float32(factor), each.scores) for each, factor in found]


def confirm(annotated: Annotated, found: Sequence[Found], mix_boxes: bool) -> Faces:
    """Confirms the annotations of an image.

    Args:
        annotated: The annotated image.
        found: What three detectors see, see `Confirmers`.
        mix_boxes: Whether people's boxes are averaged with those of the detectors, for a data set
            whose boxes follow another convention; then no ignored box becomes a face.

    Returns:
        The faces, followed by ignored boxes of what one of the first two detectors sees beside
        them. An image without any box gets none: it is known to have no face.
    """
    boxes = annotated.boxes.astype(np.float64)
    votes, means = count_votes(boxes, found)
    ignored = annotated.ignored.copy()
    if mix_boxes:
        seen = (votes > 0).sum(axis=1) >= 2
        boxes = np.where(seen[:, np.newaxis], (boxes + means) / 2, boxes)
    else:
        sure = (votes[:, :2].min(axis=1) > EACH_SURE) & (votes.max(axis=1, initial=0) > ONE_SURE)
        near = np.diagonal(overlaps(means, boxes)) > SAME_FACE
        promoted = ignored & sure & near
        boxes = np.where(promoted[:, np.newaxis], means, boxes)
        ignored &= ~promoted
    probabilities = np.where(ignored, votes.mean(axis=1), np.nan)
    extra = _extra(annotated, boxes, found) if len(boxes) else np.zeros((0, 4))
    return Faces(
        np.concatenate([boxes, extra]),
        np.concatenate([annotated.landmarks, np.full((len(extra), 5, 2), np.nan, np.float32)]),
        np.append(ignored, np.ones(len(extra), bool)),
        (*annotated.labels, *["extra"] * len(extra)),
        np.append(probabilities, np.full(len(extra), EXTRA_PROBABILITY)),
    )


def count_votes(boxes: Boxes, found: Sequence[Found]) -> tuple[Float64, Float64]:
    """Counts how surely each detector sees each annotated face.

    Args:
        boxes: Annotated boxes (N, 4).
        found: What the detectors see.

    Returns:
        The scores (N, detectors) of the boxes that overlap the annotated ones most, 0 for an IoU of
        at most 0.4, and the means (N, 4) of these boxes, weighted by the scores; 0 for none.
    """
    votes, places = np.zeros((len(boxes), len(found))), np.zeros((len(boxes), len(found), 4))
    for number, each in enumerate(found):
        if not len(each.boxes) or not len(boxes):
            continue
        overlap = overlaps(boxes, each.boxes)
        best = overlap.argmax(axis=1)
        same = overlap.max(axis=1) > SAME_FACE
        votes[same, number] = each.scores[best[same]]
        places[same, number] = each.boxes[best[same]]
    shares = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1e-9)
    return votes, (places * shares[..., np.newaxis]).sum(axis=1)


def _extra(annotated: Annotated, boxes: Float64, found: Sequence[Found]) -> Float64:
    """Returns boxes (M, 4) of faces that the first two detectors see and that are not annotated."""
    known = [*annotated.boxes.astype(np.float64), *boxes]
    extra: list[Float64] = []
    for each in found[:2]:
        for box, score in zip(each.boxes.astype(np.float64), each.scores, strict=True):
            others = np.array([*known, *extra])
            if score >= EXTRA_SCORE and overlaps(box[np.newaxis], others).max() <= APART:
                extra.append(box)
    return np.array(extra, np.float64).reshape(-1, 4)
