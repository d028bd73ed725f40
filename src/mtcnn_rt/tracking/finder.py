"""Finds faces for a tracker, with only those stages of the cascade that are needed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mtcnn_rt import _native
from mtcnn_rt._arrays import Boxes, Float32, Indices
from mtcnn_rt._boxes import overlaps
from mtcnn_rt._cascade import NMS_OUTPUT, Cascade
from mtcnn_rt._proposals import Proposals
from mtcnn_rt.faces import Faces
from mtcnn_rt.images import Image

TAKEN = 0.3
"""IoU with a known face from which on a proposal belongs to that face. With 0.5, tracking takes a
tenth more time and finds no more faces."""

GROWTH = 1.5
"""Largest ratio, either way, of the size of a face to its size a moment ago."""


class Finder:
    """Finds the faces that a tracker asks for.

    Args:
        cascade: The cascade of the tracker's detector.
    """

    def __init__(self, cascade: Cascade) -> None:
        self._cascade = cascade

    def find_new(self, image: Image, known: Boxes, near: Boxes | None = None) -> Faces:
        """Returns the faces of an image that are not known yet, found by all three stages.

        R-Net and O-Net get no proposals of known faces. With five known faces in 1280 x 720 pixels
        that saves a sixth to a third of the time.

        Args:
            image: The image.
            known: Boxes (N, 4) of known faces, in pixels.
            near: Boxes (M, 4) of faces a moment ago, in pixels. Only faces about as large, and no
                further away than their size, are searched for. None: any face, anywhere.

        Returns:
            The new faces, best score first.
        """
        cascade = self._cascade
        if near is None:
            proposals = cascade.propose(image)
        else:
            parts = [self._propose_near(image, one) for one in cascade.squares_about(near)]
            proposals = Proposals.join(parts, networks=1)
        shares = overlaps(proposals.squares, cascade.squares_about(known)).max(axis=1, initial=0)
        [faces] = cascade.classify([image], [proposals[shares < TAKEN]])
        again = overlaps(faces.boxes, known, "smaller").max(axis=1, initial=0) > NMS_OUTPUT
        return faces[~again]

    def find_at(self, image: Image, boxes: Boxes) -> tuple[Faces, Indices]:
        """Returns the faces that O-Net alone accepts at given boxes.

        Args:
            image: The image.
            boxes: Boxes (N, 4), in pixels.

        Returns:
            The faces, best score first, one for all boxes on the same face; and for each face the
            index of its box. Their scores are those of `ScoreModel.onet_alone`, where the model has
            it.

        Raises:
            ValueError: The boxes have another shape.
        """
        return self._cascade.output(image, self._cascade.squares_about(boxes))

    def confirm(self, image: Image, boxes: Boxes) -> Indices:
        """Returns the indices of the boxes (N, 4), in pixels, that R-Net accepts as faces."""
        return self._cascade.confirm(image, self._cascade.squares_about(boxes))

    def _propose_near(self, image: Image, square: Float32) -> Proposals:
        """Runs P-Net in a window about a square, for faces of about its size."""
        size = square[2] - square[0]
        reach = np.array([[-size, -size, size, size]])
        [window] = _native.clip(square + reach, *image.size)
        x1, y1 = np.floor(window[:2]).astype(int)
        x2, y2 = np.ceil(window[2:]).astype(int)
        if x1 >= x2 or y1 >= y2:
            return Proposals.join([], networks=1)
        face_sizes = np.clip([size / GROWTH, size * GROWTH], *self._cascade.face_sizes)
        part = image.part((int(x1), int(y1), int(x2), int(y2)))
        proposals = self._cascade.propose(part, (face_sizes[0], face_sizes[1]))
        corner = np.array([x1, y1, x1, y1], np.float32)
        return replace(proposals, squares=proposals.squares + corner)
