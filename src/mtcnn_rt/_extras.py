"""Libraries that only some commands need, which are installed as an extra."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class MissingExtraError(ImportError):
    """A library is not installed; the message says how to get it."""


@contextmanager
def needs_extra(extra: str, purpose: str) -> Iterator[None]:
    """A block that imports libraries of an extra of this package; `purpose` needs them.

    Raises MissingExtraError for one that is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        library = (error.name or "a library").partition(".")[0]
        if library == "mtcnn_rt":
            raise
        raise MissingExtraError(
            f"{purpose} needs {library}: pip install 'mtcnn-rt[{extra}]'", name=error.name
        ) from error
