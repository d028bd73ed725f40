"""Hands the newest image of a live video to any number of viewers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import cv2

from mtcnn_rt._arrays import Pixels

QUALITY = 85
"""Quality of the JPEGs, 0 to 100."""


class NewestImage:
    """Holds the newest image: one thread puts images in, tasks of an event loop take JPEGs out.

    `put` never waits for them. An image is encoded once, in a thread of its own, and not at all if
    no task takes it before the next one comes.

    Attributes:
        viewers: Number of tasks within `jpegs`.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._image: Pixels | None = None
        self._number = 0
        self._encoded = (0, b"")
        self._encoder = ThreadPoolExecutor(1, "mtcnn-rt encoder")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changed = asyncio.Event()  # a new one for every image
        self.viewers = 0

    def attach(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Sets the event loop whose tasks take images; None before the loop ends."""
        with self._lock:
            self._loop = loop

    def put(self, image: Pixels) -> None:
        """Replaces the newest image.

        Args:
            image: (H, W, 3) uint8 BGR, which must not change from now on.
        """
        with self._lock:
            self._image = image
            self._number += 1
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._wake)

    def close(self) -> None:
        """Ends the thread that encodes; no task may take images any more."""
        self._encoder.shutdown()

    async def jpeg(self) -> bytes | None:
        """Returns the newest image; None before the first one."""
        return (await self._newest())[1] if self._number else None

    async def jpegs(self) -> AsyncGenerator[bytes, None]:
        """Yields the newest image each time, after waiting for a new one, without an end."""
        self.viewers += 1
        try:
            number = 0
            while True:
                while self._number == number:
                    await self._changed.wait()
                number, jpeg = await self._newest()
                yield jpeg
        finally:
            self.viewers -= 1

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _newest(self) -> tuple[int, bytes]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._encoder, self._encode)

    def _encode(self) -> tuple[int, bytes]:
        """Returns the number of the newest image, and its JPEG."""
        with self._lock:
            number, image = self._number, self._image
        if self._encoded[0] != number:
            assert image is not None
            _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
            self._encoded = (number, data.tobytes())
        return self._encoded
