"""Defines the interface of the detectors that are compared."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Pixels

Detections: TypeAlias = tuple[NDArray[np.floating[Any]], NDArray[np.floating[Any]]]
"""Boxes (N, 4) as x1 y1 x2 y2, and scores (N,)."""

SURE = 0.9
"""The score from which a detector is sure of a face."""


class Detect(Protocol):
    """A detector with its settings, ready to use."""

    def __call__(self, image_bgr: Pixels) -> Detections:
        """Finds the faces of one image.

        Args:
            image_bgr: The image, (H, W, 3) uint8, in BGR order.

        Returns:
            Boxes (N, 4) as x1 y1 x2 y2, and scores (N,).
        """


class Peer(Protocol):
    """A module that adapts one detector.

    It may also have a function `lacks() -> str | None`, which returns the reason why the detector
    cannot run although its modules are there, and a number `SURE`, where its scores are not
    probabilities as those of the cascade.

    Attributes:
        MODULES: The importable modules that the detector needs. They are also the ones whose
            versions a report lists.
    """

    MODULES: tuple[str, ...]

    def load(self, min_face_size: float, threads: int) -> Detect:
        """Builds the detector.

        Args:
            min_face_size: The smallest face to find, in pixels.
            threads: The number of threads. Holds for the whole process: once set, it stays.

        Returns:
            The detector.
        """


def as_detections(boxes: object, scores: object) -> Detections:
    """Converts what a package returns to arrays of the right shape.

    Args:
        boxes: Boxes as x1 y1 x2 y2, or None where no face is found.
        scores: The scores of the boxes, or None.

    Returns:
        Boxes (N, 4) float32 and scores (N,) float32.
    """
    empty = boxes is None or len(boxes) == 0  # type: ignore[arg-type]
    return (
        np.asarray([] if empty else boxes, np.float32).reshape(-1, 4),
        np.asarray([] if empty else scores, np.float32).reshape(-1),
    )
