"""Holds what libraries in C write to standard error, and finds in it that an image is damaged."""

from __future__ import annotations

import io
import os
import re
import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from tempfile import TemporaryFile

MOST = 1 << 16
"""Bytes that are read of the lines about one image."""

PADDING = 16
"""Bytes between the data of a JPEG image and its end that some cameras leave."""

_LIBJPEG = re.compile(r"Corrupt JPEG data: (?P<what>[^\n]+)|(?P<end>Premature end of JPEG file)")
_EXTRANEOUS = re.compile(r"(\d+) extraneous bytes before marker")


class LibraryLines:
    """Holds the lines that libraries wrote since they were taken last.

    Args:
        file: Number of the file that libraries write to; None if there is none.
    """

    def __init__(self, file: int | None) -> None:
        self._file = file

    def take(self) -> str:
        """Returns the lines, and forgets them."""
        if self._file is None:
            return ""
        os.lseek(self._file, 0, os.SEEK_SET)
        lines = os.read(self._file, MOST).decode(errors="replace")
        os.ftruncate(self._file, 0)
        os.lseek(self._file, 0, os.SEEK_SET)  # the libraries' end of the file is the same
        return lines


UNHEARD = LibraryLines(None)
"""Stands for lines where standard error is left as it is."""


def jpeg_damage(lines: str) -> str:
    """Returns the words of libjpeg for the damage of an image.

    libjpeg decodes what it can of a damaged image and only writes a line about it.

    Args:
        lines: The lines that it wrote while it decoded the image.

    Returns:
        The words, such as "bad Huffman code"; "" if the image is not damaged.
    """
    for found in _LIBJPEG.finditer(lines):
        words = found["what"] or "its end is missing"
        extra = _EXTRANEOUS.match(words)
        if extra is None or int(extra[1]) > PADDING:
            return words.strip()
    return ""


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Discards what libraries in C write to standard error within the block.

    OpenCV, libpng and libjpeg print lines of their own about every broken file, without its name;
    the command prints one with it. Python's standard error goes on as before.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        with _libraries_write_to(nowhere):
            yield
    finally:
        os.close(nowhere)


@contextmanager
def heard_libraries() -> Iterator[LibraryLines]:
    """Keeps what libraries in C write to standard error within the block, and prints none of it.

    Yields:
        The lines.
    """
    try:
        kept = TemporaryFile()  # noqa: SIM115 - a pipe that nobody reads would stop the libraries
    except OSError:  # no folder for it can be written
        with quiet_libraries():
            yield UNHEARD
        return
    with kept, _libraries_write_to(kept.fileno()):
        yield LibraryLines(kept.fileno())


@contextmanager
def _libraries_write_to(place: int) -> Iterator[None]:
    """Makes a file standard error within the block, but for Python's own lines."""
    with suppress(OSError, ValueError):
        sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # there is no standard error
        yield
        return
    before = sys.stderr
    own = None
    if isinstance(before, io.TextIOWrapper) and _number_of(before) == 2:
        raw = io.FileIO(kept, "w", closefd=False)
        buffered = io.BufferedWriter(raw)
        own = io.TextIOWrapper(buffered, before.encoding, before.errors, line_buffering=True)
        # Another thread, such as that of a progress bar, may still write to it after the block.
        weakref.finalize(own, os.close, kept)
        sys.stderr = own
    os.dup2(place, 2)
    try:
        yield
    finally:
        if own is not None:
            with suppress(OSError, ValueError):
                own.flush()
            sys.stderr = before
        os.dup2(kept, 2)
        if own is None:
            os.close(kept)


def _number_of(stream: io.TextIOWrapper) -> int | None:
    """Returns the number of the file that a stream writes to; None if it is no file."""
    try:
        return stream.fileno()
    except (OSError, ValueError):
        return None
