"""Prints the log of the package to standard error, for --verbose."""

from __future__ import annotations

import logging
import sys

from mtcnn_rt._log import LOG
from mtcnn_rt.cli.messages import printable


class Lines(logging.Handler):
    """Prints each message as a line, made printable.

    Standard error is asked for with each line: progress bars and `quiet_libraries` replace it.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Prints a message."""
        try:
            print(f"mtcnn-rt: {printable(record.getMessage())}", file=sys.stderr, flush=True)
        except Exception:  # as handlers of the standard library do
            self.handleError(record)


def start_logging() -> None:
    """Prints what is logged from now on; once, however often it is called."""
    if not is_logging():
        LOG.addHandler(Lines())
        LOG.setLevel(logging.DEBUG)


def end_logging() -> None:
    """Ends what `start_logging` began."""
    for handler in [one for one in LOG.handlers if isinstance(one, Lines)]:
        LOG.removeHandler(handler)
        LOG.setLevel(logging.NOTSET)


def is_logging() -> bool:
    """Returns true between `start_logging` and `end_logging`."""
    return any(isinstance(handler, Lines) for handler in LOG.handlers)
