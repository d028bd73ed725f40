"""Resizes and blends with NumPy what covers a face, where OpenCV is missing.

A resize is separable: a matrix for the rows and one for the columns. The blocks of a face are few,
so the matrices are narrow.
"""

from __future__ import annotations

import numpy as np

from mtcnn_rt._arrays import Float32, Float64, Pixels

_SHARPNESS = -0.75  # of the cubic kernel, as OpenCV's


def pixelated(part: Pixels, blocks: tuple[int, int], size: tuple[int, int]) -> Pixels:
    """Returns the mean of each block, as large as the area to cover.

    Args:
        part: Pixels of the area, or every so many of them, (H, W, 3) uint8.
        blocks: Number of blocks in a row, and of rows.
        size: Width and height of the area in pixels.
    """
    few = _blocks(part, blocks)
    columns = np.arange(size[0]) * blocks[0] // size[0]
    rows = np.arange(size[1]) * blocks[1] // size[1]
    return _as_pixels(few)[rows[:, None], columns]


def blurred(part: Pixels, blocks: tuple[int, int], size: tuple[int, int]) -> Pixels:
    """Returns the means of 3 x 3 blocks, smooth, as large as the area to cover; see `pixelated`."""
    few = _blocks(part, blocks)
    framed = np.pad(few, ((1, 1), (1, 1), (0, 0)), "edge")
    across = framed[:, :-2] + framed[:, 1:-1] + framed[:, 2:]
    few = (across[:-2] + across[1:-1] + across[2:]) / 9
    return _as_pixels(_resized(few, _cubic(blocks[1], size[1]), _cubic(blocks[0], size[0])))


def resized(image: Pixels, size: tuple[int, int]) -> Pixels:
    """Returns an image (H, W, 3) at another size, width and height in pixels."""
    rows, columns = (
        _means(old, new) if new < old else _cubic(old, new)
        for old, new in zip(image.shape[:2], size[::-1], strict=True)
    )
    return _as_pixels(_resized(image.astype(np.float32), rows, columns))


def blended(above: Pixels, below: Pixels, weights: Float32) -> Pixels:
    """Returns the weighted means of two images (H, W, 3); weights (H, W), 1 is `above`."""
    share = weights[..., None]
    return _as_pixels(above * share + below * (1 - share))


def _blocks(part: Pixels, blocks: tuple[int, int]) -> Float32:
    height, width = part.shape[:2]
    return _resized(part.astype(np.float32), _means(height, blocks[1]), _means(width, blocks[0]))


def _resized(image: Float32, rows: Float32, columns: Float32) -> Float32:
    """Returns an image (H, W, 3) after matrices (H', H) and (W', W)."""
    resized: Float32 = np.einsum("ah,hwc,bw->abc", rows, image, columns, optimize=True)
    return resized


def _means(length: int, count: int) -> Float32:
    """Returns the matrix (count, length) of means over equal parts of a line of pixels."""
    edges = np.arange(count + 1) * (length / count)
    pixels = np.arange(length)
    covered = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    shares = np.clip(covered, 0, None)
    return np.asarray(shares / shares.sum(1, keepdims=True), np.float32)


def _cubic(count: int, length: int) -> Float32:
    """Returns the matrix (length, count) of cubic interpolation; edges are repeated."""
    places = (np.arange(length) + 0.5) * (count / length) - 0.5
    first = np.floor(places).astype(int) - 1
    matrix = np.zeros((length, count), np.float32)
    for step in range(4):
        distances = np.abs(places - (first + step))
        np.add.at(
            matrix,
            (np.arange(length), np.clip(first + step, 0, count - 1)),
            _cubic_weights(distances).astype(np.float32),
        )
    return matrix


def _cubic_weights(distances: Float64) -> Float64:
    a, x = _SHARPNESS, distances
    near = ((a + 2) * x - (a + 3)) * x**2 + 1
    far = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    weights: Float64 = np.where(x <= 1, near, np.where(x < 2, far, 0))
    return weights


def _as_pixels(values: Float32) -> Pixels:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
