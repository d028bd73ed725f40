"""Handles signals while a block runs."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

END_SIGNALS = (signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))
"""Signals that ask a process to end: SIGTERM, and SIGHUP, which comes when its terminal closes."""


@contextmanager
def handled_signals(
    handler: Callable[[int, FrameType | None], Any] | signal.Handlers, *numbers: signal.Signals
) -> Iterator[None]:
    """Handles signals within the block, and then restores the handlers that were there before.

    Args:
        handler: Is called with the number of the signal and the current stack frame; or SIG_DFL.
        numbers: The signals to handle. SIGHUP stays ignored where it is, as by `nohup`, and what
            handlers in C handle stays with them.

    Raises:
        ValueError: The block is not in the main thread, the only one that handles signals.
    """
    before = {
        number: signal.signal(number, handler) for number in numbers if not _is_left_out(number)
    }
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)


@contextmanager
def delayed_signals() -> Iterator[None]:
    """Lets Ctrl-C, SIGTERM and SIGHUP act after the block instead of within it.

    For short blocks that clean up. Outside the main thread, where no signals arrive, nothing
    changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    try:
        with handled_signals(lambda number, _: came.append(number), signal.SIGINT, *END_SIGNALS):
            yield
    finally:
        for number in came:
            signal.raise_signal(number)


@contextmanager
def children_without_interrupts() -> Iterator[None]:
    """Keeps Ctrl-C from processes that the block starts; here it acts after the block.

    It reaches all processes of a terminal, and those that are still starting would print a stack.
    """
    if sys.platform == "win32":
        yield
        return
    from multiprocessing.resource_tracker import ensure_running

    ensure_running()  # its start, which the first process brings, lets Ctrl-C through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _is_left_out(number: signal.Signals) -> bool:
    """Returns True for handlers in C, and SIGHUP where a process outlives its terminal."""
    handler = signal.getsignal(number)
    return handler is None or (number.name == "SIGHUP" and handler == signal.SIG_IGN)
