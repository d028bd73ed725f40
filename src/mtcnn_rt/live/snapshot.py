"""Saves single images of a live video."""

from __future__ import annotations

import time
from itertools import count
from pathlib import Path

import cv2

from mtcnn_rt._arrays import Pixels
from mtcnn_rt._files.finished import write_finished
from mtcnn_rt.video.frame import VideoError

SECONDS_BETWEEN = 1.0
"""Least seconds between two snapshots."""

MOST_SNAPSHOTS = 100
"""Most snapshots of one run, so that viewers cannot fill the disk."""


class Snapshots:
    """Saves images as PNG: snapshot-1.png, snapshot-2.png, ...; never replaces a file.

    Args:
        folder: An existing folder.
        most: Largest number of images to save.
        seconds: Least seconds between two.
    """

    def __init__(
        self, folder: Path, most: int = MOST_SNAPSHOTS, seconds: float = SECONDS_BETWEEN
    ) -> None:
        self._folder, self._left, self._seconds = folder, most, seconds
        self._most = most
        self._next = 0.0  # in `time.monotonic()`

    def refusal(self) -> str:
        """Returns the reason why no image is saved now; empty if one is."""
        if self._left <= 0:
            return f"no more snapshots: {self._most} were tried, the most of one run"
        if time.monotonic() < self._next:
            return f"not saved: at most one snapshot every {self._seconds:g} s"
        return ""

    def save(self, image: Pixels) -> Path:
        """Writes an image to a new file. One that fails counts as well.

        Args:
            image: (H, W, 3) uint8 BGR.

        Returns:
            The path of the new file.

        Raises:
            VideoError: The file cannot be written.
        """
        self._left -= 1
        self._next = time.monotonic() + self._seconds
        return _save(image, self._folder)


def _save(image: Pixels, folder: Path) -> Path:
    _, data = cv2.imencode(".png", image)
    for number in count(1):
        path = folder / f"snapshot-{number}.png"
        try:
            write_finished(path, data.tobytes())
            return path
        except FileExistsError:
            continue
        except OSError as error:
            raise VideoError(f"{path}: cannot be written: {error.strerror}") from error
    raise AssertionError("numbers have ended")
