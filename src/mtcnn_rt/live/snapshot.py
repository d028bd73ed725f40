"""Saves single images of a live video."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import cv2

from mtcnn_rt._arrays import Pixels
from mtcnn_rt.video.frame import VideoError


def save_snapshot(image: Pixels, folder: Path) -> Path:
    """Writes a new PNG, snapshot-1.png, snapshot-2.png, ..., and never replaces a file.

    Args:
        image: (H, W, 3) uint8 BGR.
        folder: An existing folder.

    Returns:
        The path of the new file.

    Raises:
        VideoError: The file cannot be written.
    """
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
