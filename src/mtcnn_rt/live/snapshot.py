"""Single pictures of a live video."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mtcnn_rt.video.frame import VideoError


def save_snapshot(image: NDArray[np.uint8], folder: Path) -> Path:
    """A new PNG, snapshot-1.png, snapshot-2.png, ... Never replaces a file. Raises VideoError."""
    _, data = cv2.imencode(".png", image)
    for number in count(1):
        path = folder / f"snapshot-{number}.png"
        try:
            with path.open("xb") as file:
                file.write(data.tobytes())
            return path
        except FileExistsError:
            continue
        except OSError as error:
            raise VideoError(f"{path}: cannot be written: {error.strerror}") from error
    raise AssertionError("numbers have ended")
