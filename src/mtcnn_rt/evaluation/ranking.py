"""Ranks the detections of a data set, for all faces and for those of one size or label."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Float64, Indices
from mtcnn_rt.evaluation.judging import DROPPED, FALSE_POSITIVE, HIT, JudgedImage, judge
from mtcnn_rt.evaluation.measurement import Curve

SIZES = (32.0, 64.0, 128.0)
"""Heights of faces, in pixels, that separate the sizes."""


@dataclass(frozen=True)
class Selection:
    """Says which faces count. All others are ignored.

    Attributes:
        title: The title for tables.
        label: The label of the faces that count; None counts all labels.
        min_height: The least height of a face that counts, in pixels.
        below: The height that a face that counts is below, in pixels.
        own_size_only: True to drop false positives whose height is another than that of the faces
            that count, so that the errors of one size do not count in all others.
    """

    title: str
    label: str | None = None
    min_height: float = 20.0
    below: float = math.inf
    own_size_only: bool = False

    def counted(self, image: JudgedImage) -> NDArray[np.bool_]:
        """Selects the annotated boxes of an image that count, (N,) bool."""
        return image.counted(self.label, self.min_height, self.below)


@dataclass(frozen=True, eq=False)
class Ranked:
    """Holds the detections of a data set that are not dropped, best score first.

    Attributes:
        scores: Their scores, (D,), falling.
        hits: True for those that find a face, (D,) bool; the others are false positives.
        images: The index of the image of each, (D,).
        faces: The number of faces that count in each image, (I,).
    """

    scores: Float64
    hits: NDArray[np.bool_]
    images: Indices
    faces: Indices

    @property
    def ends(self) -> Indices:
        """The last detections of equal score, where a threshold can lie."""
        return np.flatnonzero(np.append(np.diff(self.scores) != 0, True)[: len(self.scores)])

    def precision_recall(self) -> Curve:
        """Returns recall (x) and precision (y) after each detection, where a face counts."""
        hits = np.cumsum(self.hits)
        return Curve(hits / self.faces.sum(), hits / np.arange(1, hits.size + 1))


def by_size(min_height: float) -> list[Selection]:
    """Returns the selections of each size.

    Args:
        min_height: The least height of a face that counts at all, in pixels.
    """
    edges = [min_height, *(edge for edge in SIZES if edge > min_height), math.inf]
    return [
        Selection(_size_title(low, high), None, low, high, own_size_only=True)
        for low, high in pairwise(edges)
    ]


def rank(images: Sequence[JudgedImage], selection: Selection, min_iou: float = 0.5) -> Ranked:
    """Judges the detections of all images and sorts them.

    Args:
        images: The images.
        selection: The faces that count.
        min_iou: The IoU from which a face is found.

    Returns:
        The detections, those of equal score in the order of the images.
    """
    masks = [selection.counted(image) for image in images]
    outcomes = [
        _outcomes(image, mask, selection, min_iou)
        for image, mask in zip(images, masks, strict=True)
    ]
    together = np.concatenate([np.zeros(0, np.int8), *outcomes])
    scores = np.concatenate([np.zeros(0), *(image.scores for image in images)])
    index = np.repeat(np.arange(len(images)), [len(one) for one in outcomes])
    kept = np.flatnonzero(together != DROPPED)
    order = kept[np.argsort(-scores[kept], kind="stable")]
    faces = np.array([mask.sum() for mask in masks], np.int64)
    return Ranked(scores[order], together[order] == HIT, index[order], faces)


def _outcomes(
    image: JudgedImage, mask: NDArray[np.bool_], selection: Selection, min_iou: float
) -> NDArray[np.int8]:
    outcomes = judge(image, mask, min_iou)
    if selection.own_size_only:
        heights = image.found[:, 3] - image.found[:, 1]
        other = (heights < selection.min_height) | (heights >= selection.below)
        outcomes[other & (outcomes == FALSE_POSITIVE)] = DROPPED
    return outcomes


def _size_title(low: float, high: float) -> str:
    return f"{low:g} px and more" if math.isinf(high) else f"{low:g} to {high:g} px"
