"""Ends a command by a signal, so that its outputs are either finished or absent."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

from mtcnn_rt._signals import END_SIGNALS, handled_signals


@contextmanager
def terminate_as_interrupt() -> Iterator[None]:
    """Lets SIGTERM and SIGHUP end the block as Ctrl-C does, to remove unfinished files."""
    with handled_signals(signal.default_int_handler, *END_SIGNALS):
        hook, sys.unraisablehook = sys.unraisablehook, _send_again
        try:
            yield
        finally:
            sys.unraisablehook = hook


@contextmanager
def stopped_by_signal() -> Iterator[Event]:
    """Gives an event that Ctrl-C, SIGTERM or SIGHUP sets; the block has to end when it is set.

    A second signal raises KeyboardInterrupt in the block.
    """
    stopped = Event()

    def stop(number: int, frame: FrameType | None) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()

    with handled_signals(stop, signal.SIGINT, *END_SIGNALS):
        yield stopped


def _send_again(ignored: sys.UnraisableHookArgs) -> None:
    """Sends an interrupt again, a moment later, where Python has ignored it.

    Python ignores exceptions in callbacks of its own, such as that of a weak reference at the end
    of an import.
    """
    if issubclass(ignored.exc_type, KeyboardInterrupt):
        threading.Timer(0.01, _thread.interrupt_main, [signal.SIGTERM]).start()
    else:
        sys.__unraisablehook__(ignored)
