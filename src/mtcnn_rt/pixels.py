"""Pictures as plain arrays: what is expected of one, and how it becomes a file."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mtcnn_rt.files import write_finished


def check_pixels(image: NDArray[np.uint8]) -> None:
    """Raises TypeError unless `image` is an array, ValueError unless it is uint8 (H, W, 3)."""
    if not isinstance(image, np.ndarray):
        raise TypeError(f"image: expected a NumPy array, not {type(image).__name__}")
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"image: expected uint8 (H, W, 3), not {image.dtype} {image.shape}")


def write_image(path: Path, image: NDArray[np.uint8], overwrite: bool = False) -> None:
    """Writes (H, W, 3) uint8 BGR in the format of the extension, into a folder that is made where
    it is missing. The file is finished or absent, and has no metadata.

    Raises OSError that names the file: FileExistsError where it exists and `overwrite` is false."""
    if path.exists() and not overwrite:
        raise FileExistsError(f"cannot write {path}: it exists")
    try:
        encoded, content = cv2.imencode(path.suffix, image)
        if not encoded:
            raise OSError("not a size that this format takes")
        path.parent.mkdir(parents=True, exist_ok=True)
        write_finished(path, content.tobytes(), overwrite)
    except (OSError, cv2.error) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "err", None) or error
        raise OSError(f"cannot write {path}: {reason}") from error
