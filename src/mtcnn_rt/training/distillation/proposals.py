"""Finds the squares that each network gets from an image, all in one pass of a cascade."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mtcnn_rt import _native
from mtcnn_rt._arrays import Float32, Indices
from mtcnn_rt.detector import MTCNN
from mtcnn_rt.images import Image

MOST = {"pnet": 2500, "rnet": 2500, "onet": 45}
"""The most squares of one image: of more, random ones are chosen."""


@dataclass(frozen=True, eq=False)
class NetworkSquares:
    """Squares that a network gets.

    Attributes:
        squares: Squares (N, 4), x1 y1 x2 y2 in pixels.
        scores: What the network gives each: scores (N,) of P-Net, logits (N,) of the others.
    """

    squares: Float32
    scores: Float32


def find_proposals(
    detector: MTCNN, image: Image, cell_threshold: float, rng: np.random.Generator
) -> dict[str, NetworkSquares]:
    """Runs the cascade on an image.

    Args:
        detector: The detector, see `mining.mining_detector`.
        image: The image.
        cell_threshold: Score that a cell must exceed to be a square for P-Net.
        rng: Source of the random numbers that choose among too many squares.

    Returns:
        The squares of each network: P-Net's are cells, R-Net's are proposals, O-Net's are what
        R-Net accepts.
    """
    cascade = detector._cascade
    cells = _cells(detector, image, cell_threshold)
    proposed = cascade.propose(image)
    [outputs] = cascade.engine.refine([image], [proposed.squares])
    refined = cascade._refine(proposed, outputs).squares
    refined = refined[_some(len(refined), MOST["onet"], rng)]
    some = _some(len(proposed.squares), MOST["rnet"], rng)
    chosen = _some(len(cells.squares), MOST["pnet"], rng)
    return {
        "pnet": NetworkSquares(cells.squares[chosen], cells.scores[chosen]),
        "rnet": NetworkSquares(proposed.squares[some], outputs[some, 0]),
        "onet": NetworkSquares(refined, cascade.engine.output([image], [refined])[0][:, 0]),
    }


def _cells(detector: MTCNN, image: Image, threshold: float) -> NetworkSquares:
    """Returns the cells of all levels that exceed a threshold, as squares."""
    levels = _native.pyramid(*image.size, detector.min_face_size, detector.scale_factor, np.inf)
    found = detector._cascade.engine.propose(image, levels, threshold)
    boxes = np.concatenate([np.zeros((0, 4), np.float32), *(each[0] for each in found)])
    scores = np.concatenate([np.zeros(0, np.float32), *(each[1] for each in found)])
    return NetworkSquares(squares_of_cells(boxes), scores)


def squares_of_cells(boxes: Float32) -> Float32:
    """Returns the squares that P-Net sees in cells.

    Args:
        boxes: The boxes (N, 4) that the authors give cells: they begin one pixel of the level, less
            one of the image, inside of the cell (docs/explanation/published-weights.md).

    Returns:
        Squares (N, 4) with the same lower right corners.
    """
    cell = _native.CELL
    sides = (boxes[:, 2] - boxes[:, 0] - 1) * (cell / (cell - 1))
    return np.hstack([boxes[:, 2:] - sides[:, np.newaxis], boxes[:, 2:]]).astype(np.float32)


def _some(count: int, most: int, rng: np.random.Generator) -> Indices:
    """Returns indices of at most so many of `count` squares, in order."""
    if count <= most:
        return np.arange(count)
    return np.sort(rng.choice(count, most, replace=False))
