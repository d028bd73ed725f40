"""Images as decoders give them, luma and chroma: parts become BGR where they are needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt import _native
from mtcnn_rt._arrays import Boxes, Pixels
from mtcnn_rt.images import Image

Area = tuple[int, int, int, int]
"""Columns and rows x1 y1 x2 y2 of an image; x2 and y2 are outside. It may extend beyond it."""

_BT601 = (0.299, 0.114)
WEIGHTS = {
    1: (0.2126, 0.0722),
    2: _BT601,  # unspecified
    4: (0.30, 0.11),
    5: _BT601,
    6: _BT601,
    7: (0.212, 0.087),
    9: (0.2627, 0.0593),
}
"""Weights of red and blue in luma, by the number of the matrix (ITU-T H.273, table 4)."""

_MOST_PARTS = 64  # from which on the whole image is converted at once


class PlanarImage(Image):
    """An image of 8-bit luma and chroma (4:2:0), of which the parts that are asked for become BGR.

    Use it in one thread at a time.

    Args:
        luma: (H, W) uint8, rows at any distance, as those of u and v.
        u: (H / 2, W / 2) uint8, rounded up: the difference of blue.
        v: The same for red.
        matrix: A key of `WEIGHTS`.
        full_range: True if luma goes from 0 to 255, False for 16 to 235.
        canvas: Memory for the image as BGR, (H, W, 3) uint8; None allocates it when it is needed.
    """

    bgr = True

    def __init__(
        self,
        luma: Pixels,
        u: Pixels,
        v: Pixels,
        matrix: int,
        full_range: bool,
        canvas: Pixels | None = None,
    ) -> None:
        self._planes = _native.Planes(luma, u, v, *WEIGHTS[matrix], full_range)
        self._size = (luma.shape[0], luma.shape[1])
        self._is_whole = False
        self._memory = canvas

    @property
    def _canvas(self) -> Pixels:
        """The image as BGR; the parts that were converted are right."""
        if self._memory is None:
            self._memory = np.empty((*self._size, 3), np.uint8)
        return self._memory

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self._size

    @property
    def pixels(self) -> Pixels:
        """The whole image, (H, W, 3) uint8 BGR."""
        if not self._is_whole:
            height, width = self._size
            self._planes.read(self._canvas, 0, 0, width, height)
            self._is_whole = True
        return self._canvas

    def near(self, boxes: Boxes) -> Pixels:
        """Returns an array as large as the image, right within the boxes (N, 4) and a pixel about.

        See `Image.near`.
        """
        if len(boxes) > _MOST_PARTS:
            return self.pixels
        for area in _areas_about(boxes, self._size):
            self._read(area)
        return self._canvas

    def rows(self, step: int) -> Pixels:
        """Returns every `step`-th row; see `Image.rows`."""
        height, width = self._size
        if not self._is_whole:
            self._planes.read(self._canvas, 0, 0, width, height, step)
        return self._canvas[::step]

    def part(self, area: Area) -> Image:
        """Returns a part of the image; see `Image.part`."""
        self._read(area)
        x1, y1, x2, y2 = area
        return Image(self._canvas[y1:y2, x1:x2], bgr=True)

    def paint(self, areas: Iterable[Area], paint: Callable[[Pixels], None]) -> None:
        """Lets a function paint on areas of the image.

        Luma and chroma change where the colors do, in all of the pixels that share chroma, and
        where they stand for colors beyond black and white, so that nothing stays below the paint.

        Args:
            areas: The areas that the function paints on; elsewhere nothing changes.
            paint: Gets an array as large as the image, (H, W, 3) uint8 BGR, right in these areas.
        """
        even = [one for area in areas if (one := self._even(area))]
        if not even:
            return
        self._is_whole = False  # paint is not what the planes then have, to the last digit
        for area in even:
            self._read(area)
        paint(self._canvas)
        for area in even:
            self._planes.write(self._canvas, *area)

    def _read(self, area: Area) -> None:
        """Makes an area of the canvas right."""
        if not self._is_whole:
            self._planes.read(self._canvas, *area)

    def _even(self, area: Area) -> Area | None:
        """Returns an area with all of its chroma, within the image; None if nothing is left."""
        height, width = self._size
        x1, y1 = (max(0, side) // 2 * 2 for side in area[:2])
        x2, y2 = (
            min(length, -(-side // 2) * 2)
            for side, length in zip(area[2:], (width, height), strict=True)
        )
        return (x1, y1, x2, y2) if x1 < x2 and y1 < y2 else None


def _areas_about(boxes: Boxes, size: tuple[int, int]) -> list[Area]:
    """Returns the pixels that boxes touch, and one more on every side."""
    finite: NDArray[np.floating] = boxes[np.isfinite(boxes).all(axis=1)]
    inside = finite.clip(-2, max(size) + 2)
    low = np.floor(inside[:, :2]).astype(int) - 1
    high = np.ceil(inside[:, 2:]).astype(int) + 1
    return [(x1, y1, x2, y2) for x1, y1, x2, y2 in np.concatenate([low, high], 1).tolist()]
