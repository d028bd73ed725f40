"""Holds the faces that a detection returns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from mtcnn_rt._arrays import Float32

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
            IndexError: The index is out of range.
        """
        if isinstance(index, (int, np.integer)) and not isinstance(index, (bool, np.bool_)):
            if not -len(self) <= index < len(self):
                raise IndexError(f"face {index} of {len(self)}")
            index = [index]
        return Faces(self.boxes[index], self.scores[index], self.landmarks[index])

    def __iter__(self) -> Iterator[Faces]:
        """Yields single faces, each a `Faces` of length 1."""
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        """Returns the number of faces and their scores."""
        return f"Faces({len(self)}, scores={[round(s, 3) for s in self.scores.tolist()]})"

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
