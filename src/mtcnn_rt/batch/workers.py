"""Runs the search in several processes, and gives the records in the order of the items.

A process, not a thread, for each worker: a decoder that crashes on a broken file, or that the
system ends for want of memory, costs one process, which is started again.
"""

from __future__ import annotations

import errno
import multiprocessing
import queue
import signal
import sys
import threading
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any, TypeAlias

from mtcnn_rt._closing import Closing
from mtcnn_rt._errors import NO_MEMORY
from mtcnn_rt._signals import children_without_interrupts
from mtcnn_rt.batch.items import Item
from mtcnn_rt.batch.search import Record, Search, failure
from mtcnn_rt.batch.sent_detector import SentDetector, WorkerError
from mtcnn_rt.detector import MTCNN

AHEAD = 2  # items that a worker has at a time, so that it never waits for the next one
WINDOW = 64  # items for each worker between the first one that is not done and the last one sent
TRIES = 2

_NO_MEMORY = errno.ENOMEM
"""Exit status of a process that got no memory."""

_Task: TypeAlias = "tuple[int, Item] | MemoryError | None"
"""An item with its number; why no more come; None at the end."""

Settings = tuple[MTCNN, int, bool]
"""The arguments of `Search`."""


class Workers(Closing):
    """Processes that make records of items; use it in a `with` block.

    Args:
        count: Number of processes.
        settings: Arguments of `Search`, which each of them makes.
    """

    def __init__(self, count: int, settings: Settings) -> None:
        detector, *others = settings
        self._settings = (SentDetector.of(detector), *others)
        self._workers: list[_Worker] = []
        try:
            for _ in range(count):
                self._workers.append(_Worker(self._settings))
        except BaseException:  # there is no `with` block yet that would end those that run
            self.close()
            raise

    def close(self) -> None:
        """Ends the processes."""
        for worker in self._workers:
            worker.end()

    def records(self, items: Iterator[Item]) -> Iterator[tuple[str, Record]]:
        """Yields the keys of the items with their records, in order.

        At most `AHEAD` items and `WINDOW` records for each worker are in memory. An item whose
        worker ends is searched again, and is a failure if that one ends, too.

        Raises:
            WorkerError: A worker cannot open the detector, or its model folder has changed.
        """
        queue, done, written = _Queue(items), dict[int, tuple[str, Record]](), 0
        while True:
            for worker in self._by_load():
                task = queue.take(written + WINDOW * len(self._workers))
                if task is not None:
                    worker.send(*task)
            while written in done:
                yield done.pop(written)
                written += 1
            busy = [worker for worker in self._workers if worker.tasks]
            if not busy and queue.is_empty:
                return
            for worker in self._ready(busy):
                result = worker.receive()
                if result is not None:
                    number, record = result
                    done[number] = (worker.tasks.pop(number).key, record)
                    continue
                if (suspect := queue.give_back(worker.tasks)) is not None:
                    number, item = suspect
                    done[number] = (item.key, failure(item, _why_ended(item, worker)))
                worker.end()
                self._workers[self._workers.index(worker)] = _Worker(self._settings)

    def _by_load(self) -> Iterator[_Worker]:
        """Yields workers that take another item, a place at a time, those with the fewest first."""
        for load in range(AHEAD):
            for worker in self._workers:
                if len(worker.tasks) == load:
                    yield worker

    @staticmethod
    def _ready(busy: list[_Worker]) -> list[_Worker]:
        if not busy:
            return []
        ready = wait([worker.connection for worker in busy])
        return [worker for worker in busy if worker.connection in ready]


class _Queue:
    """Gives items with their numbers: in order, but those first whose worker has ended."""

    def __init__(self, items: Iterator[Item]) -> None:
        self._numbered = enumerate(items)
        self._again: deque[tuple[int, Item]] = deque()
        self._tries: Counter[int] = Counter()
        self._given, self._more = 0, True

    @property
    def is_empty(self) -> bool:
        """True if no item is left."""
        return not self._again and not self._more

    def take(self, below: int) -> tuple[int, Item] | None:
        """Returns the next item; None if there is none, or its number is not below this one."""
        if self._again:
            return self._again.popleft()
        if not self._more or self._given >= below:
            return None
        task = next(self._numbered, None)
        if task is None:
            self._more = False
        else:
            self._given += 1
        return task

    def give_back(self, tasks: dict[int, Item]) -> tuple[int, Item] | None:
        """Takes the items of a worker that has ended.

        Returns:
            The first one, which the worker was at, if it has ended `TRIES` workers by now.
        """
        suspect, *others = tasks.items()
        self._again.extend(others)
        self._tries[suspect[0]] += 1
        if self._tries[suspect[0]] >= TRIES:
            return suspect
        self._again.appendleft(suspect)
        return None


class _Worker:
    """A process, and the items that it has not returned yet, in the order of their search."""

    def __init__(self, settings: tuple[Any, ...]) -> None:
        from mtcnn_rt.cli.logs import is_logging

        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.tasks: dict[int, Item] = {}
        self.process = context.Process(
            target=serve, args=(theirs, is_logging(), *settings), daemon=True
        )
        try:
            with children_without_interrupts():
                self.process.start()
        except BaseException:
            self.connection.close()
            raise
        finally:
            theirs.close()

    def send(self, number: int, item: Item) -> None:
        self.tasks[number] = item
        with suppress(OSError):  # it has ended, which `receive` notices
            self.connection.send((number, item))

    def receive(self) -> tuple[int, Record] | None:
        """Returns a result; None if the process has ended. Raises WorkerError where it cannot."""
        try:
            result: tuple[int, Record] | str = self.connection.recv()
        except (EOFError, OSError):
            return None
        if isinstance(result, str):
            raise WorkerError(result)
        return result

    def end(self) -> None:
        self.connection.close()
        self.process.terminate()
        self.process.join()


def serve(
    connection: Connection[Any, Any], logged: bool, detector: SentDetector, *settings: Any
) -> None:
    """Makes records until the connection ends, as it also does if the parent is killed.

    Sends the reason instead if the detector cannot be opened, or is another one by now. Ends with
    the status `_NO_MEMORY` where there is none.
    """
    try:
        _serve(connection, logged, detector, *settings)
    except MemoryError:
        sys.exit(_NO_MEMORY)


def _serve(
    connection: Connection[Any, Any], logged: bool, detector: SentDetector, *settings: Any
) -> None:
    from mtcnn_rt._images.library_lines import heard_libraries
    from mtcnn_rt.cli.logs import start_logging

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on Windows, where it could come until here
    items: queue.SimpleQueue[_Task] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(connection, items), daemon=True).start()
    with heard_libraries() as lines:
        if logged:
            start_logging()
        try:
            search = Search(detector.opened(), *settings)
        except WorkerError as error:
            connection.send(str(error))
            return
        while (task := items.get()) is not None:
            if isinstance(task, MemoryError):
                raise task
            number, item = task
            try:
                connection.send((number, search.record(item, lines)))
            except OSError:  # the parent has ended
                return


def _receive(connection: Connection[Any, Any], items: queue.SimpleQueue[_Task]) -> None:
    """Takes items off the connection at once, so that the sender never waits for the search."""
    try:
        while True:
            items.put(connection.recv())
    except (EOFError, OSError):
        items.put(None)
    except MemoryError as error:  # the item is sent to another worker
        items.put(error)


def _why_ended(item: Item, worker: _Worker) -> str:
    worker.process.join(1)
    code = worker.process.exitcode
    how = f"by signal {-code}" if code is not None and code < 0 else f"with status {code}"
    why = f": {NO_MEMORY}" if code == _NO_MEMORY else ""
    return f"cannot search {item.key}: the worker process ended {how}, {TRIES} times{why}"
