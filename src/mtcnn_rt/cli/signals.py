"""Ends a command by a signal."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def terminate_as_interrupt() -> Iterator[None]:
    """Lets SIGTERM end the block as Ctrl-C does, so that unfinished files go away."""
    before, hook = signal.signal(signal.SIGTERM, signal.default_int_handler), sys.unraisablehook
    sys.unraisablehook = _send_again
    try:
        yield
    finally:
        sys.unraisablehook = hook
        signal.signal(signal.SIGTERM, before)


def _send_again(ignored: sys.UnraisableHookArgs) -> None:
    """Sends an interrupt again that Python has ignored.

    Python ignores one that comes in a callback of its own, such as that of a weak reference at the
    end of an import."""
    if issubclass(ignored.exc_type, KeyboardInterrupt):
        threading.Timer(0.01, _thread.interrupt_main, [signal.SIGTERM]).start()
    else:
        sys.__unraisablehook__(ignored)
