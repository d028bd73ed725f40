"""Keeps onnxruntime's sessions from harm that the process does to their threads.

onnxruntime waits forever where a thread cannot be started or where a forked process lacks it, and
aborts the process where a daemon thread runs a session while the interpreter ends.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


def check_threads(count: int, asked: int) -> None:
    """Starts threads for a moment, to find out whether the system has them.

    Args:
        count: Number of threads to start.
        asked: Number of threads that the caller asked for, for the message.

    Raises:
        RuntimeError: Not all can be started; the message has the number that did start.
    """
    end = threading.Event()
    started: list[threading.Thread] = []
    try:
        for _ in range(count):
            thread = threading.Thread(target=end.wait, daemon=True)
            thread.start()
            started.append(thread)
    except (RuntimeError, MemoryError) as error:
        raise RuntimeError(
            f"threads: the system started only {len(started)} of the {count} threads that {asked} "
            f"per network need ({error}); ask for fewer threads"
        ) from error
    finally:
        end.set()
        for thread in started:
            thread.join()


class Abandonable(Protocol):
    """Holds sessions of this process."""

    def abandon(self) -> None:
        """Gives up the sessions in a forked process, without ending them (`keep_forever`)."""


_HOLDERS: weakref.WeakSet[Abandonable] = weakref.WeakSet()


def abandon_after_fork(holder: Abandonable) -> None:
    """Abandons a holder's sessions in every forked process, which lacks their threads."""
    _HOLDERS.add(holder)


def keep_forever(sessions: object) -> None:
    """Keeps sessions until the process ends: their destructors would wait for their threads."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(sessions))


def _abandon_all() -> None:
    holders = list(_HOLDERS)
    for holder in holders:
        holder.abandon()
    if holders:
        _exit_without_destructors()


def _exit_without_destructors() -> None:
    """Makes exit() leave out what other libraries registered before, where that is possible.

    onnxruntime waits there for threads that the forked process does not have. Functions run last
    registered first: files are closed, then the process ends with the status of exit().
    """
    libc = ctypes.CDLL(None)
    if all(hasattr(libc, name) for name in ("on_exit", "_exit", "fcloseall")):
        libc.on_exit(libc._exit, None)
        libc.on_exit(libc.fcloseall, None)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_abandon_all)


class Gate:
    """Lets calls through until the interpreter ends, and lets it end only when they are done.

    Attributes:
        opening: A lock that the thread which opens sessions holds.
    """

    def __init__(self) -> None:
        self._open()
        atexit.register(self._close)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._open)  # the lock may be held by another thread

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Surrounds a call. A thread that comes after the end has begun waits for that end."""
        with self._changed:
            while self._ending not in (None, threading.get_ident()):
                self._changed.wait()
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    def _open(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._ending: int | None = None
        self.opening = threading.Lock()

    def _close(self) -> None:
        with self._changed:
            self._ending = threading.get_ident()
            self._changed.wait_for(lambda: self._inside == 0)


GATE = Gate()
"""The gate of all sessions of the process."""
