"""The result of a tracker for one frame."""

from __future__ import annotations

from dataclasses import dataclass

from mtcnn_rt._arrays import Float32, Indices
from mtcnn_rt.faces import Faces


@dataclass(frozen=True, eq=False)
class Tracked:
    """The faces of a frame, with their ids.

    Attributes:
        faces: The N faces found in the frame, smoothed, in order of id.
        ids: (N,) int64, the id of each face: 1, 2, 3, ..., never reused.
        hidden: (M, 4) float32, x1 y1 x2 y2 in pixels, inside the image: expected boxes of hidden
            faces, which were found shortly before but not in this frame. Where every frame is
            searched (`Tracker.assign`), they extend to where the face was last found.
        scene: The number of the scene: 1, 2, ...; a cut begins a new one, and after a flash the one
            before goes on. 0 for `Tracker.assign` without an image.
    """

    faces: Faces
    ids: Indices
    hidden: Float32
    scene: int = 1
