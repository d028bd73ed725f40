"""Prints lines: names from outside cannot control the terminal, and libraries do not drown them."""

from __future__ import annotations

import io
import os
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

import click

from mtcnn_rt._library_lines import UNHEARD, LibraryLines

if TYPE_CHECKING:
    from rich.console import Console

_ESCAPED = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Categories of Unicode that move the cursor, change colors, or hide or turn around text."""


def printable(text: str) -> str:
    r"""Returns a text with control characters escaped as in Python, such as \x1b.

    File names may hold sequences that clear the screen or set its title.
    """
    return "".join(_escape(one) if _is_control(one) else one for one in text)


def echo(line: str, err: bool = False) -> None:
    """Prints a line, made printable, to standard output or standard error."""
    click.echo(printable(line), err=err)


def complain(console: Console, line: str) -> None:
    """Prints a line about a problem above a progress bar, made printable."""
    console.out(f"mtcnn-rt: {printable(line)}", highlight=False)


def prepare_streams() -> None:
    """Makes standard streams usable: closed ones lead nowhere, and no character is an error.

    A closed stream would be the number of the next file that is opened, and libraries would write
    their messages into it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
            os.set_inheritable(opened, True)  # or processes of ours would begin with it closed
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")


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
        os.close(kept)


def _number_of(stream: io.TextIOWrapper) -> int | None:
    """Returns the number of the file that a stream writes to; None if it is no file."""
    try:
        return stream.fileno()
    except (OSError, ValueError):
        return None


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in _ESCAPED


def _escape(character: str) -> str:
    return ascii(character)[1:-1]
