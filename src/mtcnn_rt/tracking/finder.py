"""Finds faces for a tracker, with only those stages of the cascade that are needed."""

from __future__ import annotations

import math

import numpy as np

from mtcnn_rt import _native
from mtcnn_rt._arrays import Boxes, Float32, Indices
from mtcnn_rt._boxes import overlaps
from mtcnn_rt._cascade import NMS_OUTPUT, Cascade
from mtcnn_rt._proposals import Proposals
from mtcnn_rt.faces import Faces
from mtcnn_rt.images import Image
from mtcnn_rt.tracking.strips import Part, Strip, Strips

TAKEN = 0.3
"""IoU with a known face from which on a proposal belongs to that face. With 0.5, tracking takes a
tenth more time and finds no more faces."""
SAME = 0.6
"""IoU of R-Net's square with that of a known face from which on it shows that face. R-Net moves the
squares of a face to about the same place. Of a face beside it, a square has less: in the end, boxes
that share more than 0.7 of the smaller one, which is an IoU of 0.54, are one face."""

GROWTH = 1.5
"""Largest ratio, either way, of the size of a face to its size a moment ago."""


class Finder:
    """Finds the faces that a tracker asks for.

    Args:
        cascade: The cascade of the tracker's detector.
    """

    def __init__(self, cascade: Cascade) -> None:
        self._cascade = cascade
        self._strips: Strips | None = None

    def part(self, image: Image, start: float, end: float) -> Part:
        """Returns the part of the search of an image from one share of its work to another.

        Args:
            image: The image.
            start: Share of the work that earlier frames of the same size have done, 0 to 1.
            end: Share of the work that is done after this part; all from 1 on.
        """
        if self._strips is None or self._strips.image_size != image.size:
            cascade = self._cascade
            self._strips = Strips(image.size, cascade.face_sizes, cascade.scale_factor)
        return self._strips.between(start, end)

    def find_new(
        self, image: Image, known: Boxes, near: Boxes | None = None, part: Part | None = None
    ) -> Faces:
        """Returns the faces of an image that are not known yet, found by all three stages.

        R-Net and O-Net get no proposals of known faces. With five known faces in 1280 x 720 pixels
        that saves a sixth to a third of the time.

        Args:
            image: The image.
            known: Boxes (N, 4) of known faces, in pixels.
            near: Boxes (M, 4) of faces a moment ago, in pixels. Only faces about as large, and no
                further away than their size, are searched for.
            part: A part of the image and of the sizes to search as well. Without `near` and `part`
                any face is searched for, anywhere.

        Returns:
            The new faces, best score first.
        """
        cascade = self._cascade
        if near is None and part is None:
            proposals = cascade.propose(image)
        else:
            squares = cascade.squares_about(known[:0] if near is None else near)
            found = [self._propose_near(image, one) for one in squares]
            found += [self._propose_in(image, one) for one in (part.strips if part else ())]
            proposals = Proposals.join(found, networks=1)
        if len(proposals) == 0:
            return Faces.empty()
        squares = cascade.squares_about(known)
        [refined] = cascade.refine([image], [_beside(proposals, squares, TAKEN)])
        [faces] = cascade.output([image], [_beside(refined, squares, SAME)])
        if len(faces) > 0 and len(known) > 0:
            boxes = _native.clip(faces.boxes, *image.size)
            faces = faces[overlaps(boxes, known, "smaller").max(axis=1) <= NMS_OUTPUT]
        return cascade.finish([image], [faces])[0]

    def find_at(self, image: Image, boxes: Boxes) -> tuple[Faces, Indices]:
        """Returns the faces that O-Net alone accepts at given boxes.

        Args:
            image: The image.
            boxes: Boxes (N, 4), in pixels.

        Returns:
            The faces with O-Net's landmarks, best score first, one for all boxes on the same face,
            not clipped to the image; and for each face the index of its box. Their scores are those
            of `ScoreModel.onet_alone`, where the model has it.

        Raises:
            ValueError: The boxes have another shape.
        """
        return self._cascade.accept(image, self._cascade.squares_about(boxes))

    def clipped(self, image: Image, faces: Faces) -> Faces:
        """Returns the faces with their boxes clipped to the image."""
        return Faces(_native.clip(faces.boxes, *image.size), faces.scores, faces.landmarks)

    @property
    def has_lnet(self) -> bool:
        """True if there is an L-Net, which places landmarks better than O-Net."""
        return self._cascade.lnet_crop is not None

    def place_landmarks(self, image: Image, faces: Faces) -> Float32:
        """Returns L-Net's landmarks (N, 5, 2), in pixels, of faces (N) that O-Net found."""
        return self._cascade.place_landmarks([image], [faces])[0]

    def confirm(self, image: Image, boxes: Boxes) -> Indices:
        """Returns the indices of the boxes (N, 4), in pixels, that R-Net accepts as faces."""
        return self._cascade.confirm(image, self._cascade.squares_about(boxes))

    def _propose_near(self, image: Image, square: Float32) -> Proposals:
        """Runs P-Net in a window about a square, for faces of about its size."""
        size = square[2] - square[0]
        reach = np.array([[-size, -size, size, size]])
        [(left, top, right, bottom)] = _native.clip(square + reach, *image.size).tolist()
        window = math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom)
        if window[0] >= window[2] or window[1] >= window[3]:
            return Proposals.join([], networks=1)
        least, most = self._cascade.face_sizes
        smallest = min(max(float(size / GROWTH), least), most)
        largest = min(max(float(size * GROWTH), least), most)
        return self._propose_within(image, window, (smallest, largest))

    def _propose_in(self, image: Image, strip: Strip) -> Proposals:
        """Runs P-Net in a strip."""
        top, bottom = strip.rows
        return self._propose_within(image, (0, top, image.size[1], bottom), strip.face_sizes)

    def _propose_within(
        self, image: Image, window: tuple[int, int, int, int], face_sizes: tuple[float, float]
    ) -> Proposals:
        """Runs P-Net in a window, x1 y1 x2 y2 in whole pixels, for faces of some sizes."""
        x1, y1, x2, y2 = window
        if (x1, y1, y2, x2) == (0, 0, *image.size):
            return self._cascade.propose(image, face_sizes)
        part = image.part(window)
        proposals = self._cascade.propose(part, face_sizes)
        corner = np.array([x1, y1, x1, y1], np.float32)
        return Proposals(proposals.squares + corner, proposals.logits)


def _beside(proposals: Proposals, squares: Float32, most: float) -> Proposals:
    """Returns the proposals that have an IoU below `most` with each of these squares (N, 4)."""
    if len(proposals) == 0 or len(squares) == 0:
        return proposals
    return proposals[overlaps(proposals.squares, squares).max(axis=1) < most]
