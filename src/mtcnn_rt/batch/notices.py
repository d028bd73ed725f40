"""Prints a line where a job waits long for something else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mtcnn_rt.cli.messages import notify


@contextmanager
def noticed_after(seconds: float, line: Callable[[], str]) -> Iterator[Callable[[], None]]:
    """Prints a line to standard error if a block, or its first part, takes long.

    Args:
        seconds: Seconds after which it is printed, once.
        line: Makes the line.

    Yields:
        A function that ends the waiting before the block does.
    """
    timer = threading.Timer(seconds, lambda: notify(line()))
    timer.daemon = True
    timer.start()
    try:
        yield timer.cancel
    finally:
        timer.cancel()
