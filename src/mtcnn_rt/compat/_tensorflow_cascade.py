"""Runs the cascade with the conventions of mtcnn 1.0.0, which runs it in TensorFlow.

It counts pixels from 1, moves P-Net's boxes before their NMS, and samples crops without averaging;
what they have outside the image is gray. A box is removed where any better one overlaps it, even
one that is removed itself.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arguments import number
from mtcnn_rt._arrays import Float32, Float64
from mtcnn_rt._boxes import overlaps
from mtcnn_rt._native import CELL, STRIDE
from mtcnn_rt.compat._area import AreaSums
from mtcnn_rt.compat._factor import check_factor
from mtcnn_rt.compat._networks import Networks, networks

_GRAY = 127.5


@dataclass(frozen=True)
class Settings:
    """The options of `detect_faces` that the stages take, with the package's names.

    Attributes:
        min_face_size: The smallest face to find, in pixels.
        scale_factor: Scale of a level of the image pyramid over that of the level before.
        threshold_pnet: Face probability that P-Net must exceed.
        threshold_rnet: Face probability that R-Net must exceed.
        threshold_onet: Face probability that O-Net must exceed.
        nms_pnet1: Overlap above which a box of a level is removed.
        nms_pnet2: Overlap above which a box of all levels is removed.
        nms_rnet: Overlap above which a box of R-Net is removed.
        nms_onet: Overlap, over the smaller box, above which a box of O-Net is removed.

    Raises:
        TypeError: An option is no number.
        ValueError: An option is out of its range, which the message has too.
    """

    min_face_size: float = 20
    scale_factor: float = 0.709
    threshold_pnet: float = 0.6
    threshold_rnet: float = 0.7
    threshold_onet: float = 0.8
    nms_pnet1: float = 0.5
    nms_pnet2: float = 0.7
    nms_rnet: float = 0.7
    nms_onet: float = 0.7

    def __post_init__(self) -> None:
        """Validates the options."""
        for option in fields(self):
            number(option.name, getattr(self, option.name))
        if self.min_face_size < 1:
            raise ValueError(f"min_face_size: {self.min_face_size} is less than 1 pixel")
        check_factor("scale_factor", self.scale_factor)


def detect(image: NDArray[Any], settings: Settings, landmarks: bool) -> Float64:
    """Returns the faces of an image, best first.

    Args:
        image: (H, W, 3) RGB, 0 to 255.
        settings: The options.
        landmarks: Run O-Net, too.

    Returns:
        (N, 15), x1 y1 x2 y2, probability, the x of the landmarks and their y; without landmarks
        (N, 5).
    """
    run = networks()
    found = _refine(run, image, _propose(run, AreaSums(image), settings), settings)
    return _output(run, image, found, settings) if landmarks else found


def _propose(run: Networks, sums: AreaSums, settings: Settings) -> Float64:
    """Returns the squares that P-Net finds, and their probabilities, (N, 5)."""
    height, width = sums.size
    levels = np.log(min(height, width) / CELL) / np.log(settings.scale_factor)
    scales = CELL / settings.min_face_size
    found = [np.zeros((0, 5))]
    for scale in scales * settings.scale_factor ** np.arange(max(0, round(-(levels + 1)))):
        size = int(height * scale), int(width * scale)
        if min(size) < CELL:  # where the package fails
            break
        scores, regressions = run.propose(sums.scaled(*size))
        rows, columns = np.nonzero(scores > np.float32(settings.threshold_pnet))
        first = np.stack([columns, rows], 1) * STRIDE
        boxes = np.concatenate([first + 1, first + CELL], 1).astype(np.float64)
        boxes += regressions[rows, columns] * np.float64(CELL - 1)
        cells = np.concatenate([boxes / scale, scores[rows, columns, None]], 1)
        found.append(_distinct(cells, settings.nms_pnet1))
    return _squares(_distinct(np.concatenate(found), settings.nms_pnet2))


def _refine(run: Networks, image: NDArray[Any], found: Float64, settings: Settings) -> Float64:
    """Returns the squares that R-Net accepts and moves, and their probabilities, (N, 5)."""
    scores, regressions = run.refine(_sampled(image, found, 24))
    moved = _moved(found, regressions, scores)
    moved = moved[scores > np.float32(settings.threshold_rnet)]
    return _squares(_distinct(moved, settings.nms_rnet))


def _output(run: Networks, image: NDArray[Any], found: Float64, settings: Settings) -> Float64:
    """Returns the boxes that O-Net accepts, probabilities and landmarks, (N, 15)."""
    scores, regressions, points = run.output(_sampled(image, found, 48))
    sides = found[:, None, 2:4] - found[:, None, :2] + 1
    landmarks = (sides * points + found[:, None, :2] - 1).transpose(0, 2, 1).reshape(-1, 10)
    rows = np.concatenate([_moved(found, regressions, scores), landmarks], 1)
    rows = rows[scores > np.float32(settings.threshold_onet)]
    return _distinct(rows, settings.nms_onet, "smaller")


def _distinct(
    rows: Float64, threshold: float, over: Literal["union", "smaller"] = "union"
) -> Float64:
    """Returns the rows that no better one overlaps by more than the threshold, best first."""
    rows = rows[np.argsort(rows[:, 4], kind="stable")[::-1]]
    close = overlaps(rows[:, :4], rows[:, :4], over) > threshold
    return rows[~np.triu(close, 1).any(0)]


def _squares(rows: Float64) -> Float64:
    """Returns the rows with the squares of the longer sides about the centers of their boxes."""
    rows = rows.copy()
    sides = rows[:, 2:4] - rows[:, :2]
    side = sides.max(1, initial=0, keepdims=True)
    rows[:, :2] += sides * 0.5 - side * 0.5
    rows[:, 2:4] = rows[:, :2] + side
    return rows


def _moved(rows: Float64, regressions: Float32, scores: Float32) -> Float64:
    """Returns the rows with every side moved by its regression, and with these probabilities."""
    sides = rows[:, 2:4] - rows[:, :2] + 1
    return np.concatenate([rows[:, :4] + regressions * np.tile(sides, 2), scores[:, None]], 1)


def _sampled(image: NDArray[Any], rows: Float64, side: int) -> Float32:
    """Returns crops (N, 3, side, side) as TensorFlow's crop_and_resize makes them."""
    height, width = image.shape[:2]
    steps = np.arange(side) / (side - 1)
    columns = (rows[:, :1] + (rows[:, 2:3] - rows[:, :1]) * steps) * (width - 1) / width
    lines = (rows[:, 1:2] + (rows[:, 3:4] - rows[:, 1:2]) * steps) * (height - 1) / height
    left, right, across, seen_across = _neighbors(columns, width)
    top, bottom, down, seen_down = _neighbors(lines, height)
    left, right, across = left[:, None], right[:, None], across[:, None, :, None]
    top, bottom, down = top[:, :, None], bottom[:, :, None], down[:, :, None, None]
    upper = image[top, left] * (1 - across) + image[top, right] * across
    lower = image[bottom, left] * (1 - across) + image[bottom, right] * across
    crops = upper * (1 - down) + lower * down
    crops[~(seen_down[:, :, None] & seen_across[:, None, :])] = _GRAY
    result: Float32 = crops.astype(np.float32).transpose(0, 3, 1, 2)
    return result


def _neighbors(at: Float64, length: int) -> tuple[Any, Any, Any, Any]:
    """Returns the pixels beside positions, the share of the second, and which are in the image."""
    inside = (at >= 0) & (at <= length - 1)
    at = np.clip(at, 0, length - 1)
    first = np.floor(at).astype(int)
    return first, np.ceil(at).astype(int), (at - first).astype(np.float32), inside
