"""Closes an input that another thread may be reading, as soon as that is safe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Lock
from typing import Generic, TypeVar

Item = TypeVar("Item")


class CloseAfterUse(Generic[Item]):
    """Gives items, and closes where they come from when no thread waits for one.

    Args:
        close: Closes it.
    """

    def __init__(self, close: Callable[[], None]) -> None:
        self._close = close
        self._lock = Lock()
        self._in_use = False
        self._closed = False

    def each(self, items: Iterator[Item]) -> Iterator[Item]:
        """Gives the items, in one thread, up to `close`."""
        while self._begin():
            try:
                item = next(items)
            except StopIteration:
                return
            finally:
                self._finish()
            yield item

    def close(self) -> None:
        """Closes at once, or as soon as the item has come for which another thread waits."""
        with self._lock:
            self._closed = True
            if self._in_use:
                return
        self._close()

    @property
    def closed(self) -> bool:
        """True after `close`."""
        return self._closed

    def _begin(self) -> bool:
        with self._lock:
            self._in_use = not self._closed
            return self._in_use

    def _finish(self) -> None:
        with self._lock:
            self._in_use = False
            if not self._closed:
                return
        self._close()
