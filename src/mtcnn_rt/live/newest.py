"""The newest picture, for whoever watches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Lock

import cv2
import numpy as np
from numpy.typing import NDArray

QUALITY = 85
"""Of the JPEGs, 0 to 100."""


class NewestPicture:
    """One thread puts pictures in; any number of others take them out as JPEGs.

    `put` never waits for them. A picture is encoded once, by the first thread that takes it, and
    not at all if nobody does before the next one."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._image: NDArray[np.uint8] | None = None
        self._number = 0
        self._viewers = 0
        self._closed = False
        self._encoding = Lock()
        self._encoded = (0, b"")

    @property
    def viewers(self) -> int:
        """Threads within `watched`."""
        return self._viewers

    def put(self, image: NDArray[np.uint8]) -> None:
        """(H, W, 3) uint8 BGR, which nobody changes from now on."""
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
        """The block of a thread that takes pictures."""
        with self._changed:
            self._viewers += 1
        try:
            yield
        finally:
            with self._changed:
                self._viewers -= 1

    def jpegs(self) -> Iterator[bytes]:
        """The newest picture, then the one that is newest when the next is asked for, and so on
        until `close`."""
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
