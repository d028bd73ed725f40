"""Paints the faces of an image in one of two ways: draws them, or covers them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from mtcnn_rt._arrays import Boxes, Pixels
from mtcnn_rt._defaults import MARGIN, METHOD, SHAPE, STYLE, Method, Shape, Style
from mtcnn_rt.drawing.covering import anonymize
from mtcnn_rt.drawing.overlay import Ids, draw
from mtcnn_rt.faces import Faces


class Painter(Protocol):
    """Draws or covers the faces of an image."""

    def paint(
        self, image: Pixels, faces: Faces, ids: Ids | None = None, hidden: Boxes | None = None
    ) -> None:
        """Paints the faces on the image itself.

        Args:
            image: (H, W, 3) uint8 BGR.
            faces: The faces found in the image.
            ids: Their ids, (N,); None if they have none.
            hidden: Boxes (M, 4) of hidden faces, which are expected but were not found in this
                image: they are covered, and not drawn.
        """


@dataclass(frozen=True)
class DrawingPainter:
    """Draws boxes, labels and landmarks; see `mtcnn_rt.drawing.draw`.

    Attributes:
        style: Style of the boxes.
        scores: Draw the scores.
        landmarks: Draw the landmarks.
    """

    style: Style = STYLE
    scores: bool = True
    landmarks: bool = True

    def paint(
        self, image: Pixels, faces: Faces, ids: Ids | None = None, hidden: Boxes | None = None
    ) -> None:
        """Draws the faces; hidden ones are not drawn."""
        draw(image, faces, ids, scores=self.scores, landmarks=self.landmarks, style=self.style)


@dataclass(frozen=True)
class LargestPainter:
    """Draws the largest face alone.

    Attributes:
        painter: Draws it.
    """

    painter: DrawingPainter

    def paint(
        self, image: Pixels, faces: Faces, ids: Ids | None = None, hidden: Boxes | None = None
    ) -> None:
        """Draws the largest face, if there is one."""
        index = faces.largest_index()
        if index is not None:
            self.painter.paint(image, faces[index], None if ids is None else ids[index : index + 1])


@dataclass(frozen=True)
class CoveringPainter:
    """Covers faces; see `mtcnn_rt.drawing.anonymize`.

    Attributes:
        method: Method of covering.
        margin: Share of a box's sides to cover beyond it.
        shape: Shape of the covered area.
        strength: Strength of the blur.
        block_size: Least side of a block, in pixels.
        cover: An image for "solid" to show, BGR.
    """

    method: Method = METHOD
    margin: float = MARGIN
    shape: Shape = SHAPE
    strength: float = 1.0
    block_size: float = 1.0
    cover: Pixels | None = field(default=None, compare=False)

    def paint(
        self, image: Pixels, faces: Faces, ids: Ids | None = None, hidden: Boxes | None = None
    ) -> None:
        """Covers the faces, and the hidden ones as well."""
        for boxes in (faces.boxes, hidden):
            if boxes is not None:
                anonymize(
                    image,
                    boxes,
                    self.method,
                    self.margin,
                    self.shape,
                    strength=self.strength,
                    block_size=self.block_size,
                    cover=self.cover,
                )
