"""Handles signals while a block runs."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


@contextmanager
def handled_signals(
    handler: Callable[[int, FrameType | None], Any], *numbers: signal.Signals
) -> Iterator[None]:
    """Handles signals within the block, and then restores the handlers that were there before.

    Args:
        handler: Is called with the number of the signal and the current stack frame.
        numbers: The signals to handle.

    Raises:
        ValueError: The block is not in the main thread, the only one that handles signals.
    """
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)


def ending_signals() -> tuple[signal.Signals, ...]:
    """Returns the signals that ask a process to end: SIGTERM, and SIGHUP of a closed terminal.

    SIGHUP is left out where it is ignored, as `nohup` wants.
    """
    hangup = getattr(signal, "SIGHUP", None)
    if hangup is None or signal.getsignal(hangup) == signal.SIG_IGN:
        return (signal.SIGTERM,)
    return signal.SIGTERM, hangup
