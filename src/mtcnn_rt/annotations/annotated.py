"""Annotated images, whatever format they come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mtcnn_rt.annotations.storage import Stored


@dataclass(frozen=True, eq=False)
class Entry:
    """What an annotation file says of one image with N faces.

    name       as in the annotation file, e.g. "0--Parade/0_Parade_1.jpg".
    boxes      (N, 4) float32, x1 y1 x2 y2 in pixels; pixel i covers [i, i + 1). NaN where a face
               has only landmarks.
    landmarks  (N, 5, 2) float32, x y in pixels, in the order of `mtcnn_rt.LANDMARKS`; NaN where not
               annotated.
    ignored    (N,) bool, boxes that count neither as faces nor against them.
    labels     one a box, "" where there is none.
    split      such as "train"; "" where there is none."""

    name: str
    boxes: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    ignored: NDArray[np.bool_]
    labels: tuple[str, ...]
    split: str

    def usable_faces(self) -> int:
        """How many faces have a box or all landmarks, and are not ignored."""
        boxes = np.isfinite(self.boxes).all(axis=1)
        landmarks = np.isfinite(self.landmarks).all(axis=(1, 2))
        return int(((boxes | landmarks) & ~self.ignored).sum())


@dataclass(frozen=True, eq=False)
class Annotated(Entry):
    """One annotated image. `image` says where its pixels are."""

    image: Stored

    def read(self) -> NDArray[np.uint8]:
        """(H, W, 3) uint8 BGR, as stored: coordinates are pixels of the file, so its EXIF
        orientation is not applied. Raises ValueError where it cannot be read."""
        return self.image.read()


@dataclass(frozen=True)
class Annotations:
    """A data set. `problems`: what was skipped, "file:line: what", a line each."""

    images: list[Annotated]
    problems: list[str]


def entry(
    name: str,
    sides: ArrayLike | None = None,
    landmarks: ArrayLike | None = None,
    ignored: Sequence[bool] | None = None,
    labels: Sequence[str] | None = None,
    split: str = "",
) -> Entry:
    """An `Entry` of what data sets give: sides (N, 4), x y width height; landmarks (N, 5, 2). One
    of the two may be missing; so may the rest. A box without area is ignored."""
    points = None if landmarks is None else np.asarray(landmarks, np.float32).reshape(-1, 5, 2)
    if sides is None:
        boxes = np.full((0 if points is None else len(points), 4), np.nan, np.float32)
    else:
        boxes = np.asarray(sides, np.float32).reshape(-1, 4).copy()
        boxes[:, 2:] += boxes[:, :2]
    count = len(boxes)
    if points is None:
        points = np.full((count, 5, 2), np.nan, np.float32)
    left_out = (boxes[:, 2:] <= boxes[:, :2]).any(axis=1)
    if ignored is not None:
        left_out |= np.asarray(ignored, bool)
    return Entry(
        name=name,
        boxes=boxes,
        landmarks=points,
        ignored=np.asarray(left_out),
        labels=("",) * count if labels is None else tuple(labels),
        split=split,
    )
