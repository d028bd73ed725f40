"""Names the array types that every part of the package speaks of."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.uint8]
"""Pixels of an image, (H, W, 3) uint8, 0 to 255."""

Float32: TypeAlias = NDArray[np.float32]
Float64: TypeAlias = NDArray[np.float64]

Boxes: TypeAlias = NDArray[np.floating[Any]]
"""Boxes x1 y1 x2 y2 in continuous pixel coordinates, (N, 4), a row a box."""

Indices: TypeAlias = NDArray[np.int64]
