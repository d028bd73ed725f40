"""A source in a thread of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from threading import Condition, Thread
from types import TracebackType

from mtcnn_rt.video.frame import Frame

READ_AHEAD = 4
"""Frames of a file that wait at most: bounds the memory."""


class FrameReader:
    """The frames of `source`, read by a thread while others are used.

    newest: a frame that nobody has asked for when the next one comes is dropped, and counted in
    `dropped`; otherwise reading waits. An exception of the source ends its frames; `check` raises
    it. The `with` block ends the thread.
    """

    dropped: int

    def __init__(self, source: Iterable[Frame], newest: bool = False) -> None:
        self.dropped = 0
        self._source, self._newest = source, newest
        self._waiting: deque[Frame] = deque()
        self._changed = Condition()
        self._ended = self._stopped = False
        self._error: BaseException | None = None
        self._thread = Thread(target=self._read, name="mtcnn-rt source", daemon=True)

    def __enter__(self) -> FrameReader:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        stop = getattr(self._source, "stop", None)  # of sources that may wait for long
        if stop is not None:
            stop()
        self._thread.join()

    def __iter__(self) -> Iterator[Frame]:
        while (frame := self._take()) is not None:
            yield frame

    def check(self) -> None:
        """Raises what ended the source early."""
        if self._error is not None:
            raise self._error

    def _take(self) -> Frame | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended)
            if not self._waiting:
                return None
            self._changed.notify_all()
            return self._waiting.popleft()

    def _read(self) -> None:
        try:
            for frame in self._source:
                if not self._put(frame):
                    break
        except BaseException as error:
            self._error = error
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _put(self, frame: Frame) -> bool:
        """Whether more frames are wanted."""
        with self._changed:
            if self._newest:
                self.dropped += len(self._waiting)
                self._waiting.clear()
            self._changed.wait_for(lambda: len(self._waiting) < READ_AHEAD or self._stopped)
            self._waiting.append(frame)
            self._changed.notify_all()
            return not self._stopped
