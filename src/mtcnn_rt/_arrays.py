"""Defines the array types that all parts of the package share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.uint8]
"""Pixels of an image, (H, W, 3) uint8, 0 to 255."""

GivenPixels: TypeAlias = NDArray[Any]
"""Pixels as callers give them, checked for uint8: OpenCV types its images as of any numbers."""

Ids: TypeAlias = Sequence[int] | NDArray[np.integer[Any]]
"""Ids of faces, (N,)."""

Float32: TypeAlias = NDArray[np.float32]
"""An array of float32, of any shape."""

Float64: TypeAlias = NDArray[np.float64]
"""An array of float64, of any shape."""

Boxes: TypeAlias = NDArray[np.floating[Any]]
"""Boxes x1 y1 x2 y2 in continuous pixel coordinates, (N, 4), one box per row."""

Indices: TypeAlias = NDArray[np.int64]
"""Indices into another array, (N,) int64."""
