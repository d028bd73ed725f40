"""Whatever comes one after the other, made by a thread while others use it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from threading import Condition, Thread
from types import TracebackType
from typing import Generic, TypeVar

Item = TypeVar("Item")

READ_AHEAD = 4
"""Items that wait at most, such as the frames of a file: bounds the memory."""


class Reader(Generic[Item]):
    """The `items`, such as a source's frames, read by a thread while others are used.

    newest: an item that nobody has asked for when the next one comes is dropped, and counted in
    `dropped`; otherwise reading waits. An exception of the items ends them; `check` raises it. The
    `with` block ends the thread, once the item that it waits for is there; where the items have a
    `stop`, that is called first.
    """

    dropped: int

    def __init__(self, items: Iterable[Item], newest: bool = False) -> None:
        self.dropped = 0
        self._items, self._newest = items, newest
        self._waiting: deque[Item] = deque()
        self._changed = Condition()
        self._done = self._stopped = False
        self._error: BaseException | None = None
        self._thread = Thread(target=self._read, name="mtcnn-rt reader", daemon=True)

    def __enter__(self) -> Reader[Item]:
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
        stop = getattr(self._items, "stop", None)  # of sources that may wait for long
        if stop is not None:
            stop()
        self._thread.join()

    def __iter__(self) -> Iterator[Item]:
        while (item := self.take()) is not None:
            yield item

    @property
    def ended(self) -> bool:
        """There is no item left, and there will be none."""
        with self._changed:
            return self._done and not self._waiting

    def take(self, timeout: float | None = None) -> Item | None:
        """The next item; None if there is none within `timeout` seconds, or ever again."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._done, timeout)
            if not self._waiting:
                return None
            self._changed.notify_all()
            return self._waiting.popleft()

    def check(self) -> None:
        """Raises what ended the items early."""
        if self._error is not None:
            raise self._error

    def _read(self) -> None:
        try:
            for item in self._items:
                if not self._put(item):
                    break
        except BaseException as error:
            self._error = error
        finally:
            with self._changed:
                self._done = True
                self._changed.notify_all()

    def _put(self, item: Item) -> bool:
        """Whether more items are wanted."""
        with self._changed:
            if self._newest:
                self.dropped += len(self._waiting)
                self._waiting.clear()
            self._changed.wait_for(lambda: len(self._waiting) < READ_AHEAD or self._stopped)
            self._waiting.append(item)
            self._changed.notify_all()
            return not self._stopped
