"""Reads items in a thread while others are used."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from threading import Condition, Thread
from typing import Generic, TypeVar

Item = TypeVar("Item")

READ_AHEAD = 4
"""Largest number of items that wait, such as the frames of a file; it limits the memory."""

READ_AHEAD_BYTES = 256 << 20
"""Largest size of the items that wait; one may always wait."""

_GRACE = 1  # seconds


class Reader(Generic[Item]):
    """Reads items, such as a source's frames, in a thread while others are used.

    The `with` block ends the thread, once the item that it waits for has come; after Ctrl-C it
    waits a second at most. If the items have a method `stop`, that is called first. An exception of
    the items ends them; `check` raises it.

    Args:
        items: The items.
        newest: True drops an item that was not taken when the next one comes. False makes reading
            wait.
        size_of: Returns the bytes of an item.

    Attributes:
        dropped: Number of items dropped so far.

    Example:
        >>> with Reader(["first", "second"]) as reader:
        ...     list(reader)
        ['first', 'second']
    """

    dropped: int

    def __init__(
        self,
        items: Iterable[Item],
        newest: bool = False,
        size_of: Callable[[Item], int] = lambda item: 0,
    ) -> None:
        self.dropped = 0
        self._items, self._newest, self._size_of = items, newest, size_of
        self._waiting: deque[Item] = deque()
        self._changed = Condition()
        self._done = self._stopped = False
        self._error: BaseException | None = None
        self._thread = Thread(target=self._read, name="mtcnn-rt reader", daemon=True)

    def __enter__(self) -> Reader[Item]:
        """Starts the thread."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Ends the thread."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        stop = getattr(self._items, "stop", None)  # of sources that may wait for long
        if stop is not None:
            stop()
        interrupted = kind is not None and issubclass(kind, KeyboardInterrupt)
        self._thread.join(_GRACE if interrupted else None)

    def __iter__(self) -> Iterator[Item]:
        """Gives the items to come."""
        while (item := self.take()) is not None:
            yield item

    @property
    def ended(self) -> bool:
        """True if no item is left, and none will come."""
        with self._changed:
            return self._done and not self._waiting

    def take(self, timeout: float | None = None) -> Item | None:
        """Returns the next item; None if none comes within `timeout` seconds, or ever again."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._done, timeout)
            if not self._waiting:
                return None
            self._changed.notify_all()
            return self._waiting.popleft()

    def check(self) -> None:
        """Raises the exception, if any, that ended the items early."""
        if self._error is not None:
            raise self._error

    def _read(self) -> None:
        """Reads all items; runs in the thread."""
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
        """Adds an item; returns True if more items are wanted."""
        with self._changed:
            if self._newest:
                self.dropped += len(self._waiting)
                self._waiting.clear()
            self._changed.wait_for(lambda: self._has_room(item) or self._stopped)
            self._waiting.append(item)
            self._changed.notify_all()
            return not self._stopped

    def _has_room(self, item: Item) -> bool:
        """Returns True if another item may wait."""
        if len(self._waiting) >= READ_AHEAD:
            return False
        size = sum(map(self._size_of, self._waiting))
        return not self._waiting or size + self._size_of(item) <= READ_AHEAD_BYTES
