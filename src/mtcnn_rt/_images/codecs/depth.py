"""Makes 8 bits of values that have no fixed range: floating-point numbers and 32-bit integers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

DIMMEST = 32
"""Least maximum of values from 0 to 255; below it, the range is taken as unknown."""


class RangeError(ValueError):
    """The range of an image's values is unknown."""


def eight_bits(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Returns values as 8 bits: those from 0 to 1 are scaled, those from 0 to 255 rounded.

    Raises:
        RangeError: They have another range, or one that may be that of a brighter image.
    """
    lowest, highest = float(values.min()), float(values.max())
    if lowest >= 0 and highest <= 1:
        return np.asarray(values * np.float32(255) + np.float32(0.5)).astype(np.uint8)
    if lowest >= 0 and DIMMEST <= highest <= 255:
        return np.asarray(np.rint(values)).astype(np.uint8)
    kind = "floating-point numbers" if values.dtype.kind == "f" else "integers"
    raise RangeError(
        f"its values are {kind} from {lowest:g} to {highest:g}, not from 0 to 1 or to 255; scale "
        "them, and save the image with 8 bits a channel"
    )
