"""Holds annotated images, the same for every format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mtcnn_rt._arrays import Float32, Pixels
from mtcnn_rt._images.library_lines import UNHEARD, LibraryLines
from mtcnn_rt.annotations.storage import Stored


@dataclass(frozen=True, eq=False)
class Entry:
    """The annotations of one image with N faces.

    Attributes:
        name: Name of the image as in the annotation file, e.g. "0--Parade/0_Parade_1.jpg".
        boxes: (N, 4) float32, x1 y1 x2 y2 in pixels; pixel i covers [i, i + 1). NaN for a face that
            has only landmarks.
        landmarks: (N, 5, 2) float32, x y in pixels, in the order of `mtcnn_rt.LANDMARKS`; NaN for
            landmarks that are not annotated.
        ignored: (N,) bool, faces that count neither for nor against a detector.
        labels: A label for each face, "" for none.
        split: Part of the data set, such as "train"; "" for none.
        probabilities: (N,) float32, other detectors' probabilities that a box is a face, NaN for
            none; None if no box has one. A training mixes them with its teacher's, see
            `mtcnn_rt.training.distillation`.
        data_set: Name of the data set that the image belongs to; "" for none.
        size: Width and height of the image that the annotations are of; None if they state none.
    """

    name: str
    boxes: Float32
    landmarks: Float32
    ignored: NDArray[np.bool_]
    labels: tuple[str, ...]
    split: str
    probabilities: Float32 | None = field(default=None, kw_only=True)
    data_set: str = field(default="", kw_only=True)
    size: tuple[int, int] | None = field(default=None, kw_only=True)

    def is_repeated(self) -> NDArray[np.bool_]:
        """Returns True for each face that is the same as one before it in all respects, (N,)."""
        seen: set[tuple[object, ...]] = set()
        repeated = np.zeros(len(self.boxes), np.bool_)
        for index, label in enumerate(self.labels):
            values = (self.boxes[index].tobytes(), self.landmarks[index].tobytes())
            face = (*values, bool(self.ignored[index]), label)
            repeated[index] = face in seen
            seen.add(face)
        return repeated

    def probabilities_or_nan(self) -> Float32:
        """Returns the probabilities (N,), NaN for all where there are none."""
        if self.probabilities is None:
            return np.full(len(self.boxes), np.nan, np.float32)
        return self.probabilities

    def has_all_boxes(self) -> bool:
        """Returns true if no face lacks its box."""
        return bool(np.isfinite(self.boxes).all())

    def has_usable_landmarks(self) -> NDArray[np.bool_]:
        """Returns True for each face that has all landmarks and is not ignored, (N,)."""
        usable: NDArray[np.bool_] = np.isfinite(self.landmarks).all(axis=(1, 2)) & ~self.ignored
        return usable

    def usable_faces(self) -> int:
        """Returns the number of faces that have a box or all landmarks, and are not ignored."""
        with_box = np.isfinite(self.boxes).all(axis=1) & ~self.ignored
        return int((with_box | self.has_usable_landmarks()).sum())


@dataclass(frozen=True, eq=False)
class Annotated(Entry):
    """One annotated image.

    Attributes:
        image: The place of its pixels.
    """

    image: Stored

    def read(self, lines: LibraryLines = UNHEARD) -> Pixels:
        """Reads the pixels whose coordinates the annotations have.

        Args:
            lines: Holds what libraries write to standard error meanwhile, see `decode`.

        Returns:
            (H, W, 3) uint8 BGR. An EXIF orientation is applied if the annotations state the size of
            the upright image; pixels are as stored otherwise.

        Raises:
            ValueError: The image cannot be read, is known to be damaged, or has another size than
                the annotations state.
        """
        return self.image.read(self.size, lines)

    def read_with_faces(self, lines: LibraryLines = UNHEARD) -> Pixels:
        """Reads the pixels as `read` does, for a training or an evaluation.

        Raises:
            ValueError: As `read`; or a face that is not ignored is outside of the image: a network
                would learn that black pixels are a face.
        """
        pixels = self.read(lines)
        height, width = pixels.shape[:2]
        for face in np.flatnonzero(self._is_outside(width, height) & ~self.ignored):
            raise ValueError(
                f"{self.image.name}: its annotated face {face + 1} is outside of its {width} x "
                f"{height} pixels; annotate the image as it is, or leave the face out"
            )
        return pixels

    def _is_outside(self, width: int, height: int) -> NDArray[np.bool_]:
        """Returns True for each face whose box, or landmarks, are all outside of the image, (N,).

        What is not annotated, NaN, is not outside.
        """
        sides = np.array([width, height], np.float32)
        outside = np.zeros(len(self.boxes), np.bool_)
        for points in (self.boxes.reshape(-1, 2, 2), self.landmarks):
            beyond = np.stack([points <= 0, points >= sides])
            outside |= np.any(np.all(beyond, axis=2), axis=(0, 2))
        return outside


@dataclass(frozen=True)
class Annotations:
    """A data set.

    Attributes:
        images: The annotated images.
        problems: A line, "file:line: reason", for everything that was skipped.
    """

    images: list[Annotated]
    problems: list[str]


def make_entry(
    name: str,
    sides: ArrayLike | None = None,
    landmarks: ArrayLike | None = None,
    ignored: Sequence[bool] | None = None,
    labels: Sequence[str] | None = None,
    split: str = "",
    probabilities: Float32 | None = None,
    size: tuple[int, int] | None = None,
) -> Entry:
    """Makes an `Entry` from the values that data sets have.

    Args:
        name: Name of the image.
        sides: Boxes (N, 4), x y width height; None if there are only landmarks. A box without area
            is ignored: a training takes no square with it for background. Where a format does not
            say so, its reader refuses such a box.
        landmarks: Landmarks (N, 5, 2); None if there are only boxes.
        ignored: N flags; None if no face is ignored.
        labels: N labels; None if there are none.
        split: Part of the data set.
        probabilities: N probabilities, NaN for none; None if no box has one.
        size: Width and height of the image; None if unknown.
    """
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
        probabilities=probabilities,
        size=size,
    )
