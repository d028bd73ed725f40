"""Tells how to make an image of what is none, as the end of a message."""

from __future__ import annotations

from typing import Any

import numpy as np


def converting(given: Any) -> str:
    """Returns how to make an image of another object, as the end of a message; empty if unknown."""
    if isinstance(given, (list, tuple)):
        return "; several images are for `detect_batch`"
    return "; give numpy.asarray(image)" if hasattr(given, "__array__") else ""


def reshaping(shape: tuple[int, ...]) -> str:
    """Returns how to make a shape one of an image, as the end of a message; empty if unknown."""
    if len(shape) == 1:
        return "; of the bytes of an image file give image.tobytes()"
    if len(shape) == 4:
        return ", a batch, which `detect_batch` takes"
    if len(shape) == 3 and shape[0] in (1, 3, 4):
        return "; with channels first give image.transpose(1, 2, 0)"
    return ""


def scaling(dtype: np.dtype[Any]) -> str:
    """Returns how to make values of a dtype uint8, as the end of a message; empty if unknown."""
    if dtype == np.uint16:
        return "; give (image >> 8).astype(np.uint8)"
    if dtype.kind == "f":
        return (
            "; with values from 0 to 1 give (image * 255).round().astype(np.uint8), with values "
            "from 0 to 255 image.round().astype(np.uint8)"
        )
    return ""
