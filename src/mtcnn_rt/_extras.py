"""Reports libraries that are missing because an extra is not installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class MissingExtraError(ImportError):
    """A library is not installed; the message has the command to install it."""


@contextmanager
def needs_extra(extra: str, purpose: str) -> Iterator[None]:
    """Guards a block that imports libraries of an extra.

    Args:
        extra: Name of the extra of this package.
        purpose: The task that needs the libraries, in words for the message.

    Raises:
        MissingExtraError: A library is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        library = (error.name or "a library").partition(".")[0]
        if library == "mtcnn_rt":
            raise
        raise MissingExtraError(
            f"{purpose} needs {library}: pip install 'mtcnn-rt[{extra}]'", name=error.name
        ) from error
