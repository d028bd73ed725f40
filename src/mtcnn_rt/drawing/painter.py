"""Paints the faces of an image in one of two ways: draws them, or covers them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

from mtcnn_rt._arrays import Boxes, Ids, Pixels
from mtcnn_rt._defaults import MARGIN, METHOD, SHAPE, STYLE, Method, Shape, Style
from mtcnn_rt._images.planar import PlanarImage
from mtcnn_rt.drawing.covering import anonymize, covered_areas
from mtcnn_rt.drawing.overlay import draw, drawn_areas
from mtcnn_rt.drawing.shapes import Rectangle, Size
from mtcnn_rt.faces import Faces

if TYPE_CHECKING:
    from mtcnn_rt.video.frame import Frame


@dataclass(frozen=True, eq=False)
class Found:
    """The faces to paint on an image.

    Attributes:
        faces: The faces found in the image.
        ids: Their ids, (N,); None if they have none.
        hidden: Boxes (M, 4) of hidden faces, which are expected but were not found in this image:
            they are covered, and not drawn.
    """

    faces: Faces
    ids: Ids | None = None
    hidden: Boxes | None = None


class Painter(Protocol):
    """Draws or covers the faces of an image."""

    def paint(self, image: Pixels, found: Found) -> None:
        """Paints the faces on the image itself.

        Args:
            image: (H, W, 3) uint8 BGR.
            found: The faces.
        """

    def areas(self, size: Size, found: Found) -> list[Rectangle]:
        """Returns the rectangles that `paint` changes, so that others need not be pixels.

        They may overlap, and extend beyond the image.

        Args:
            size: Height and width of the image, in pixels.
            found: The faces.
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

    def paint(self, image: Pixels, found: Found) -> None:
        """Draws the faces; hidden ones are not drawn."""
        faces, ids = found.faces, found.ids
        draw(image, faces, ids, scores=self.scores, landmarks=self.landmarks, style=self.style)

    def areas(self, size: Size, found: Found) -> list[Rectangle]:
        """Returns the rectangles that `paint` changes, see `Painter.areas`."""
        faces, ids = found.faces, found.ids
        return drawn_areas(size, faces, ids, scores=self.scores, landmarks=self.landmarks)


@dataclass(frozen=True)
class LargestPainter:
    """Draws the largest face alone.

    Attributes:
        painter: Draws it.
    """

    painter: DrawingPainter

    def paint(self, image: Pixels, found: Found) -> None:
        """Draws the largest face, if there is one."""
        self.painter.paint(image, _largest(found))

    def areas(self, size: Size, found: Found) -> list[Rectangle]:
        """Returns the rectangles that `paint` changes, see `Painter.areas`."""
        return self.painter.areas(size, _largest(found))


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

    def paint(self, image: Pixels, found: Found) -> None:
        """Covers the faces, and the hidden ones as well."""
        for boxes in (found.faces.boxes, found.hidden):
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

    def areas(self, size: Size, found: Found) -> list[Rectangle]:
        """Returns the rectangles that `paint` changes, see `Painter.areas`."""
        boxes = [one for one in (found.faces.boxes, found.hidden) if one is not None]
        return covered_areas(np.concatenate(boxes), self.margin)


def paint_frame(painter: Painter, frame: Frame, found: Found) -> None:
    """Paints the faces on a frame: on its planes, where they are, if it has any."""
    content = frame.content
    if not isinstance(content, PlanarImage):
        painter.paint(frame.image, found)
        return
    areas = painter.areas(content.size, found)
    content.paint(areas, lambda pixels: painter.paint(pixels, found))


def _largest(found: Found) -> Found:
    """Returns the largest face, if there is one, with its id."""
    index = found.faces.largest_index()
    one = slice(0) if index is None else slice(index, index + 1)
    return Found(found.faces[one], None if found.ids is None else found.ids[one])
