"""Averages areas of an image, exactly, from the sums of all areas that begin at its corner."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Float32, Float64, Indices


class AreaSums:
    """The sums of the areas of an image (Crow, Summed-area tables, 1984).

    Args:
        image: (H, W, 3) of any number type.

    Attributes:
        size: Height and width.
    """

    def __init__(self, image: NDArray[Any]) -> None:
        height, width, channels = image.shape
        self.size = height, width
        self._sums: Float64 = np.zeros((height + 1, width + 1, channels))
        inner = self._sums[1:, 1:]
        np.cumsum(image, axis=0, dtype=np.float64, out=inner)
        np.cumsum(inner, axis=1, out=inner)

    def resized(self, height: int, width: int) -> Float32:
        """Returns the image resized as by PyTorch's interpolate(mode="area"), (3, H, W).

        Every pixel is the mean of the whole pixels that it touches.
        """
        top, bottom = windows(np.array([self.size[0]]), height)
        left, right = windows(np.array([self.size[1]]), width)
        rows = self._sums[bottom[0]] - self._sums[top[0]]
        areas = rows[:, right[0]] - rows[:, left[0]]
        counts = (bottom[0] - top[0])[:, None] * (right[0] - left[0])
        means: Float32 = (areas / counts[..., None]).astype(np.float32)
        return means.transpose(2, 0, 1)

    def crops(self, boxes: Indices, side: int) -> Float32:
        """Returns crops (N, 3, side, side), each resized as by `resized`.

        Args:
            boxes: (N, 4), whole pixels x1 y1 x2 y2 inside the image, x2 and y2 excluded; not empty.
            side: Side of the crops.
        """
        left, right = windows(boxes[:, 2] - boxes[:, 0], side)
        top, bottom = windows(boxes[:, 3] - boxes[:, 1], side)
        counts = (bottom - top)[:, :, None] * (right - left)[:, None, :]
        left, right = (edge + boxes[:, 0, None] for edge in (left, right))
        top, bottom = (edge + boxes[:, 1, None] for edge in (top, bottom))
        areas = self._at(bottom, right) - self._at(top, right)
        areas += self._at(top, left) - self._at(bottom, left)
        means: Float32 = (areas / counts[..., None]).astype(np.float32)
        return means.transpose(0, 3, 1, 2)

    def scaled(self, height: int, width: int) -> Float32:
        """Returns the image resized as by TensorFlow's resize_area, (3, H, W).

        Every pixel is the mean of the area that it covers; pixels at its border count in part.
        """
        full_height, full_width = self.size
        rows = _between(self._sums, np.arange(height + 1) * np.float32(full_height / height))
        edges = np.arange(width + 1) * np.float32(full_width / width)
        areas = _between(np.diff(rows, axis=0).transpose(1, 0, 2), edges)
        share = full_height / height * full_width / width
        means: Float32 = (np.diff(areas, axis=0) / share).astype(np.float32)
        return means.transpose(2, 1, 0)

    def _at(self, rows: Indices, columns: Indices) -> Float64:
        return self._sums[rows[:, :, None], columns[:, None, :]]


def windows(lengths: Indices, parts: int) -> tuple[Indices, Indices]:
    """Returns the first and the last pixel, excluded, of each part of lengths, (N, parts) each."""
    index = np.arange(parts)
    first = index * lengths[:, None] // parts
    last = -(-(index + 1) * lengths[:, None] // parts)
    return first, last


def _between(sums: Float64, edges: NDArray[Any]) -> Float64:
    """Returns the sums (M + 1, ...) at fractions of pixels, linearly between whole ones."""
    edges = np.clip(edges, 0, len(sums) - 1)
    below = np.minimum(edges.astype(int), len(sums) - 2)
    part = (edges - below).reshape(-1, *(1,) * (sums.ndim - 1))
    result: Float64 = sums[below] * (1 - part) + sums[below + 1] * part
    return result
