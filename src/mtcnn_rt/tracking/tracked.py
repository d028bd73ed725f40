"""What a tracker returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt.faces import Faces


@dataclass(frozen=True, eq=False)
class Tracked:
    """What a tracker knows of a frame.

    faces   the faces seen in it, smoothed, in order of id.
    ids     (N,) the id of each: 1, 2, 3, ..., never reused.
    hidden  (M, 4) float32, x1 y1 x2 y2 in pixels, inside the image: where faces that were seen
            shortly before, but not in this frame, are expected."""

    faces: Faces
    ids: NDArray[np.int64]
    hidden: NDArray[np.float32]


def join(faces: list[Faces]) -> Faces:
    """All of them, in their order."""
    parts = [Faces.empty(), *faces]
    return Faces(
        np.concatenate([part.boxes for part in parts]),
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.landmarks for part in parts]),
    )
