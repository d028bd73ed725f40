"""Hands the newest image of a live video to any number of viewers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Lock

import cv2

from mtcnn_rt._arrays import Pixels

QUALITY = 85
"""Quality of the JPEGs, 0 to 100."""


class NewestImage:
    """Holds the newest image: one thread puts images in, any number of others take JPEGs out.

    `put` never waits for them. An image is encoded once, by the first thread that takes it, and
    not at all if no thread does before the next one.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._image: Pixels | None = None
        self._number = 0
        self._viewers = 0
        self._closed = False
        self._encoding = Lock()
        self._encoded = (0, b"")

    @property
    def viewers(self) -> int:
        """Number of threads within `watched`."""
        return self._viewers

    def put(self, image: Pixels) -> None:
        """Replaces the newest image.

        Args:
            image: (H, W, 3) uint8 BGR, which must not change from now on.
        """
        with self._changed:
            self._image = image
            self._number += 1
            self._changed.notify_all()

    def close(self) -> None:
        """Ends the waiting of all threads."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Counts the thread that runs the block as a viewer."""
        with self._changed:
            self._viewers += 1
        try:
            yield
        finally:
            with self._changed:
                self._viewers -= 1

    def jpegs(self) -> Iterator[bytes]:
        """Yields the newest image each time, after waiting for a new one, until `close`."""
        number = 0
        while self._wait_for_other_than(number):
            number, jpeg = self._jpeg()
            yield jpeg

    def _wait_for_other_than(self, number: int) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._number != number)
            return not self._closed

    def _jpeg(self) -> tuple[int, bytes]:
        with self._encoding:
            with self._changed:
                number, image = self._number, self._image
            if self._encoded[0] != number:
                assert image is not None
                _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
                self._encoded = (number, data.tobytes())
            return self._encoded
