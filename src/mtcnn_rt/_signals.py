"""Handles signals while a block runs."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

END_SIGNALS = (signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))
"""Signals that ask a process to end: SIGTERM, and SIGHUP, which comes when its terminal closes."""


@contextmanager
def handled_signals(
    handler: Callable[[int, FrameType | None], Any], *numbers: signal.Signals
) -> Iterator[None]:
    """Handles signals within the block, and then restores the handlers that were there before.

    Args:
        handler: Is called with the number of the signal and the current stack frame.
        numbers: The signals to handle. SIGHUP stays ignored where it is, as by `nohup`.

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


def _is_left_out(number: signal.Signals) -> bool:
    """Returns True for SIGHUP in a process that goes on when its terminal closes."""
    return number.name == "SIGHUP" and signal.getsignal(number) == signal.SIG_IGN
