"""Divides the search of an image, so that each of several frames does a share of it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from mtcnn_rt import _native

LEAST_SHARE = 0.08
"""A level with less of the whole work is not cut into strips: a strip searches a few rows more than
its own."""
LEVEL_WORK = 1 / 600
"""Work of a level besides its cells, in cells for each pixel of the image: whatever its size, a
level is averaged from as many pixels, and the coarse ones have more proposals for each cell. With
the cells alone, the frame with the coarse levels took 1.4 times as long as the others."""
STEP = 4
"""Strips begin and end at every fourth row of cells."""
FITTING = 8
"""A strip may have this many rows more, so that whole rows of its level fit it more closely."""
SPARE = 1 + 1e-3
"""Factor for the largest face size, which a level's face size must not exceed by rounding."""


@dataclass(frozen=True)
class Strip:
    """Rows of an image that are searched for faces of some sizes.

    Attributes:
        rows: The first row, and the row after the last.
        face_sizes: The smallest and the largest face to find, in pixels.
    """

    rows: tuple[int, int]
    face_sizes: tuple[float, float]


@dataclass(frozen=True)
class Part:
    """The strips that are searched in one frame.

    Attributes:
        strips: The strips.
        last: True if the whole image has been searched after this part.
    """

    strips: tuple[Strip, ...]
    last: bool


@dataclass(frozen=True)
class _Level:
    """A level of the pyramid, with its place in the work.

    Attributes:
        face_size: Size of the faces that P-Net finds in it, in pixels of the image.
        cell_rows: Number of rows of cells.
        work: Number of cells, and `LEVEL_WORK`.
        before: Work of the levels before.
    """

    face_size: float
    cell_rows: int
    work: float
    before: float


class Strips:
    """Divides the search of images of one size into shares of about the same work.

    The work is the cells of all levels and some for each level, fine levels first. Fine levels are
    cut into strips, which overlap so far that every face is whole in one of them; coarse levels are
    searched whole, in frames of their own.

    Args:
        image_size: (height, width) of the images, in pixels.
        face_sizes: The smallest and the largest face to find, in pixels.
        scale_factor: Scale of a level over that of the level before.
    """

    def __init__(
        self,
        image_size: tuple[int, int],
        face_sizes: tuple[float, float],
        scale_factor: float,
    ) -> None:
        self.image_size = image_size
        smallest, largest = face_sizes
        levels = _native.pyramid(*image_size, smallest, scale_factor, largest)
        cells = [tuple((side - _native.CELL) // _native.STRIDE + 1 for side in s) for s in levels]
        each = image_size[0] * image_size[1] * LEVEL_WORK
        work = [rows * columns + each for rows, columns in cells]
        before = [0.0, *itertools.accumulate(work)]
        self._work = before.pop()
        self._levels = [
            _Level(smallest / scale_factor**i, cells[i][0], work[i], before[i])
            for i in range(len(levels))
        ]

    def between(self, start: float, end: float) -> Part:
        """Returns the part of the search from one share of the whole work to another, 0 to 1.

        Consecutive shares from 0 to 1 search every cell of the image.
        """
        starts, ends = self._first_rows(start), self._first_rows(end)
        strips: list[Strip] = []
        whole: list[_Level] = []
        for level, first, last in zip(self._levels, starts, ends, strict=True):
            if (first, last) == (0, level.cell_rows):
                whole.append(level)
            elif first < last:
                strips.append(self._strip(level, first, last))
        if whole:
            sizes = whole[0].face_size, whole[-1].face_size * SPARE
            strips.append(Strip((0, self.image_size[0]), sizes))
        return Part(tuple(strips), end >= 1)

    def _first_rows(self, share: float) -> Sequence[int]:
        """Returns how many rows of cells of each level are searched after a share of the work."""
        if share >= 1:
            return [level.cell_rows for level in self._levels]
        done = max(share, 0) * self._work
        return [
            self._rows_done(level, (done - level.before) / level.work) for level in self._levels
        ]

    def _rows_done(self, level: _Level, share: float) -> int:
        """Returns how many rows of a level are searched after a share of its own work."""
        if level.work < LEAST_SHARE * self._work:
            return level.cell_rows if share >= 0.5 else 0
        rows = round(level.cell_rows * min(max(share, 0), 1) / STEP) * STEP
        return min(rows, level.cell_rows)

    def _strip(self, level: _Level, first: int, last: int) -> Strip:
        """Returns the strip with these rows of cells, and a row more on either side."""
        pixels = level.face_size / _native.CELL
        height = self.image_size[0]
        top = max(0, math.floor((first - 1) * _native.STRIDE * pixels))
        bottom = math.ceil((last * _native.STRIDE + _native.CELL) * pixels)
        fitting = range(min(bottom, height), min(bottom + FITTING, height) + 1)
        bottom = min(fitting, key=lambda row: -(row - top) / pixels % 1)
        sizes = level.face_size, level.face_size * SPARE
        return Strip((top, bottom), sizes)
