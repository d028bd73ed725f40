"""Chooses one face of an image as facenet-pytorch does."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

METHODS = ("largest", "probability", "center_weighted_size", "largest_over_threshold")
"""The methods that choose a face."""


def areas(boxes: NDArray[Any]) -> NDArray[Any]:
    """Returns the areas (N,) of boxes (N, 4)."""
    result: NDArray[Any] = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return result


def chosen(
    boxes: NDArray[Any],
    probs: NDArray[Any],
    image_size: tuple[int, int],
    method: str,
    threshold: float,
    center_weight: float,
) -> int | None:
    """Returns the index of the chosen face; None if there is none.

    Args:
        boxes: (N, 4), N at least 1.
        probs: (N,).
        image_size: Width and height of the image.
        method: One of `METHODS`.
        threshold: Probability that a face must exceed with "largest_over_threshold".
        center_weight: Weight of the squared distance from the center of the image, in pixels, with
            "center_weighted_size".

    Raises:
        ValueError: `method` is none of them.
    """
    boxes, probs = np.asarray(boxes, np.float32), np.asarray(probs, np.float32)
    if method == "largest":
        order = areas(boxes)
    elif method == "probability":
        order = probs
    elif method == "center_weighted_size":
        offsets = (boxes[:, :2] + boxes[:, 2:]) / 2 - np.array(image_size) / 2
        order = areas(boxes) - (offsets**2).sum(1) * center_weight
    elif method == "largest_over_threshold":
        if not (probs > threshold).any():
            return None
        order = np.where(probs > threshold, areas(boxes), -np.inf)
    else:
        raise ValueError(f"selection_method: expected one of {', '.join(METHODS)}, not {method!r}")
    return int(np.argsort(order)[-1])
