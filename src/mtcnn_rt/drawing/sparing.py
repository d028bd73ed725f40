"""Spares chosen faces when the others are covered: by their ids, or where they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Boxes, Ids, Pixels
from mtcnn_rt.drawing.painter import Found, Painter
from mtcnn_rt.drawing.shapes import Rectangle, Size

Region = tuple[float, float, float, float]
"""x1 y1 x2 y2 in pixels."""


@dataclass(frozen=True)
class Spared:
    """Chooses the faces that stay visible.

    Attributes:
        ids: Ids of faces of a video.
        regions: Regions of the image: a face belongs to one if the center of its box lies in it.
    """

    ids: frozenset[int] = frozenset()
    regions: tuple[Region, ...] = ()

    def spares(self, boxes: Boxes, ids: Ids | None = None) -> NDArray[np.bool_]:
        """Returns a mask (N,), true for each box that stays visible.

        Args:
            boxes: (N, 4), x1 y1 x2 y2 in pixels.
            ids: The id of each box, (N,); None: no id is known, and none is spared.
        """
        spared = np.zeros(len(boxes), bool)
        if ids is not None:
            spared |= np.isin(np.asarray(ids, np.int64), list(self.ids))
        x, y = ((boxes[:, i] + boxes[:, i + 2]) / 2 for i in range(2))
        for x1, y1, x2, y2 in self.regions:
            spared |= (x1 <= x) & (x < x2) & (y1 <= y) & (y < y2)
        return spared


@dataclass(frozen=True)
class SparingPainter:
    """Covers all faces but the spared ones.

    A hidden face has no id here, so it is covered unless it lies in a spared region.

    Attributes:
        painter: Covers the others.
        spared: The faces that stay visible.
    """

    painter: Painter
    spared: Spared

    def paint(self, image: Pixels, found: Found) -> None:
        """Covers the faces, and the hidden ones, that are not spared."""
        self.painter.paint(image, self._others(found))

    def areas(self, size: Size, found: Found) -> list[Rectangle]:
        """Returns the rectangles that `paint` changes, see `Painter.areas`."""
        return self.painter.areas(size, self._others(found))

    def _others(self, found: Found) -> Found:
        """Returns the faces, and the hidden ones, that are not spared."""
        others = np.flatnonzero(~self.spared.spares(found.faces.boxes, found.ids))
        ids, hidden = found.ids, found.hidden
        if hidden is not None:
            hidden = hidden[~self.spared.spares(hidden)]
        return Found(found.faces[others], None if ids is None else np.asarray(ids)[others], hidden)
