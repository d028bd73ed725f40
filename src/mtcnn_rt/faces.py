"""Holds the faces that a detection returns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Float32, GivenPixels, Pixels

LANDMARKS = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")
"""Names of the five landmarks in their order; left and right as seen in the image."""


@dataclass(frozen=True, eq=False)
class Faces:
    """The faces of one image, highest score first.

    A sequence of single faces: iteration and an integer index give a `Faces` of length 1; a slice,
    a mask or an array of indices gives those faces. No face is N = 0, never None.

    Attributes:
        boxes: (N, 4) float32, x1 y1 x2 y2 in pixels; pixel i covers [i, i + 1). Inside the image.
        scores: (N,) float32, probability of a face, 0 to 1.
        landmarks: (N, 5, 2) float32, x y in pixels, in the order of `LANDMARKS`.

    Raises:
        TypeError: One of them is no array.
        ValueError: One of them has another shape than the scores ask for.

    Example:
        >>> import numpy as np
        >>> from mtcnn_rt import MTCNN
        >>> faces = MTCNN().detect(np.zeros((100, 100, 3), np.uint8))
        >>> len(faces), faces.boxes.shape, faces.landmarks.shape
        (0, (0, 4), (0, 5, 2))
        >>> certain = faces[faces.scores > 0.99]
        >>> for face in certain:
        ...     print(face.boxes[0], face.scores[0])
    """

    boxes: Float32
    scores: Float32
    landmarks: Float32

    def __post_init__(self) -> None:
        """Refuses arrays whose shapes do not fit one another."""
        try:
            count = len(self.scores)
            fit = self.scores.shape == (count,) and self.boxes.shape == (count, 4)
            fit = fit and self.landmarks.shape == (count, 5, 2)
        except (AttributeError, TypeError):  # a list, a number
            fit = False
        if not fit:
            _refuse_shapes(self)

    @staticmethod
    def empty() -> Faces:
        """Returns no faces, N = 0."""
        return Faces(*(np.zeros((0, *shape), np.float32) for shape in ((4,), (), (5, 2))))

    def __len__(self) -> int:
        """Returns the number of faces."""
        return len(self.scores)

    def __getitem__(self, index: Any) -> Faces:
        """Returns the faces at `index`.

        Args:
            index: An int, a slice, a boolean mask (N,) or an array of ints.

        Raises:
            IndexError: The index is out of range, or nothing of these.
        """
        if isinstance(index, (int, np.integer)) and not -len(self) <= index < len(self):
            raise IndexError(f"face {index} of {len(self)}")
        scores = self.scores[index]
        if scores.ndim == 0:  # of an int, or of what stands for one, such as an array () of NumPy
            return Faces(self.boxes[[index]], self.scores[[index]], self.landmarks[[index]])
        if scores.ndim > 1 or isinstance(index, (bool, np.bool_)):
            expected = "an int, a slice, a mask (N,) or an array (M,) of ints"
            raise IndexError(f"index of faces: expected {expected}, not {index!r}")
        return Faces(self.boxes[index], scores, self.landmarks[index])

    def __iter__(self) -> Iterator[Faces]:
        """Yields single faces, each a `Faces` of length 1."""
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        """Returns the number of faces and their scores."""
        return f"Faces({len(self)}, scores={[round(s, 3) for s in self.scores.tolist()]})"

    def _repr_html_(self) -> str:
        """Returns a drawing of the faces and a table, which notebooks show."""
        from mtcnn_rt._faces_output import as_html

        return as_html(self)

    def largest(self) -> Faces:
        """Returns the face with the largest box, N = 1; no faces where there are none."""
        index = self.largest_index()
        return self if index is None else self[index]

    def largest_index(self) -> int | None:
        """Returns the index of the face with the largest box, None where there are no faces."""
        sides = self.boxes[:, 2:] - self.boxes[:, :2]
        areas = sides[:, 0] * sides[:, 1]
        return int(areas.argmax()) if len(self) else None

    def central(self, image_size: tuple[int, ...]) -> Faces:
        """Returns the face whose box is nearest to the center of the image, N = 1.

        Args:
            image_size: Height and width of the image in pixels, such as `image.shape`.
        """
        height, width = image_size[:2]
        centers = (self.boxes[:, :2] + self.boxes[:, 2:]) / 2
        distances = ((centers - (width / 2, height / 2)) ** 2).sum(1)
        return self[int(distances.argmin())] if len(self) else self

    def above(self, score: float) -> Faces:
        """Returns the faces with a score above `score`."""
        return self[self.scores > score]

    def crop(self, image: GivenPixels, margin: float = 0.0) -> list[Pixels]:
        """Cuts the boxes out of the image, neither turned nor resized; `align.crops` does both.

        Args:
            image: (H, W, 3) uint8, in any channel order.
            margin: How much more to show on every side, as a share of the box's sides, at least 0.
                What is outside the image is left out.

        Returns:
            An array (h, w, 3) for each face, a copy.

        Raises:
            ValueError: The margin is below 0, a box is not finite, or the image has another shape.
            TypeError: The image is no array, or the margin no number.
        """
        from mtcnn_rt._arguments import real
        from mtcnn_rt.images import check_pixels

        check_pixels(image)
        if not real("margin", margin) >= 0:
            raise ValueError(f"margin: expected at least 0, not {margin!r}")
        check_finite("boxes", self.boxes)
        more = min(margin, 1e6)  # beyond any image, and safe to compute with
        spare = np.tile(self.boxes[:, 2:] - self.boxes[:, :2], 2) * (-more, -more, more, more)
        height, width = image.shape[:2]
        edges = np.clip(np.rint(self.boxes + spare), 0, (width, height, width, height))
        return [image[y1:y2, x1:x2].copy() for x1, y1, x2, y2 in edges.astype(int).tolist()]

    def to_coco(self, image_id: int = 0, category_id: int = 1) -> list[dict[str, Any]]:
        """Returns the faces as annotations of COCO's format, ready for JSON.

        Args:
            image_id: The id of the image.
            category_id: The id of the category of faces.

        Returns:
            A dict for each face: `image_id`, `category_id`, `bbox` [x, y, width, height], `area`,
            `iscrowd` 0, `score`, `num_keypoints`, and `keypoints`, x y and visibility 2 of each
            landmark in the order of `LANDMARKS`.
        """
        from mtcnn_rt._faces_output import as_coco

        return as_coco(self, image_id, category_id)

    def to_pandas(self) -> Any:
        """Returns a DataFrame of pandas with a row for each face.

        Its columns are `x1`, `y1`, `x2`, `y2`, `score`, and `left_eye_x`, `left_eye_y`, ... of each
        landmark.

        Raises:
            ImportError: pandas is not installed.
        """
        from mtcnn_rt._faces_output import as_table
        from mtcnn_rt._packages import import_or_explain

        return import_or_explain("pandas", "Faces.to_pandas").DataFrame(as_table(self, LANDMARKS))

    def to_supervision(self) -> Any:
        """Returns the Detections of supervision, with class 0 and the landmarks as `data`.

        Raises:
            ImportError: supervision is not installed.
        """
        from mtcnn_rt._packages import import_or_explain

        supervision = import_or_explain("supervision", "Faces.to_supervision")
        return supervision.Detections(
            xyxy=self.boxes.copy(),
            confidence=self.scores.copy(),
            class_id=np.zeros(len(self), int),
            data={"landmarks": self.landmarks.copy()},
        )

    def to_dicts(self) -> list[dict[str, Any]]:
        """Returns the faces as plain Python values, ready for JSON.

        Returns:
            A dict for each face: `box` [x1, y1, x2, y2], `score`, and `landmarks`, a dict of name
            to [x, y].
        """
        return [
            {
                "box": [round(v, 2) for v in box],
                "score": round(score, 5),
                "landmarks": {
                    name: [round(v, 2) for v in point]
                    for name, point in zip(LANDMARKS, points, strict=True)
                },
            }
            for box, score, points in zip(
                self.boxes.tolist(), self.scores.tolist(), self.landmarks.tolist(), strict=True
            )
        ]


def joined(faces: Iterable[Faces]) -> Faces:
    """Returns the faces of all parts as one, in their order."""
    parts = [Faces.empty(), *faces]
    return Faces(
        np.concatenate([part.boxes for part in parts]),
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.landmarks for part in parts]),
    )


def scaled(faces: Faces, x: float, y: float) -> Faces:
    """Returns the faces of an image whose width and height are multiplied by `x` and `y`."""
    factors = np.array((x, y), np.float32)
    return Faces(faces.boxes * np.tile(factors, 2), faces.scores, faces.landmarks * factors)


def check_finite(name: str, rows: NDArray[Any]) -> None:
    """Raises ValueError for boxes or landmarks (N, ...) with NaN or infinity; it has the first."""
    if not np.isfinite(rows).all():
        bad = next(row for row in rows if not np.isfinite(row).all())
        raise ValueError(f"{name}: expected finite numbers, not {bad.tolist()}")


def check_ids(faces: Faces, ids: Sized | None) -> None:
    """Raises ValueError if there are more or fewer ids than faces; None is no ids."""
    if ids is not None and len(ids) != len(faces):
        raise ValueError(f"ids: expected one a face, {len(faces)}, not {len(ids)}")


def _refuse_shapes(faces: Faces) -> None:
    """Raises the error of the first array without the shape that faces have."""
    count: int | str = "N"
    for name, rest in (("scores", ()), ("boxes", (4,)), ("landmarks", (5, 2))):
        array = getattr(faces, name)
        if not hasattr(array, "shape"):
            raise TypeError(f"{name}: expected a NumPy array, not {type(array).__name__}")
        shape = tuple(array.shape)
        if not shape or shape[1:] != rest or count not in ("N", shape[0]):
            expected = ", ".join(map(str, (count, *rest))) if rest else f"{count},"
            raise ValueError(f"{name}: expected ({expected}), not {shape}")
        count = shape[0]
