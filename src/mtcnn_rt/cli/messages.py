"""Prints lines, in which names from outside cannot control the terminal."""

from __future__ import annotations

import io
import os
import sys
import unicodedata
from typing import TYPE_CHECKING, TextIO

import click

from mtcnn_rt._errors import STDOUT

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
    """Prints a line, made printable, to standard output or standard error.

    The work goes on where nobody reads it, or its disk is full.
    """
    try:
        click.echo(printable(line), err=err)
    except OSError:
        lead_nowhere(sys.stderr if err else sys.stdout)


def notify(line: str, console: Console | None = None) -> None:
    """Prints a line about the work to standard error, above the progress bar of a console."""
    named = f"mtcnn-rt: {line}"
    if console is None:
        echo(named, err=True)
        return
    try:
        console.out(printable(named), highlight=False)
    except OSError:
        lead_nowhere(sys.stderr)


def with_counts(done: str, **counts: int) -> str:
    """Returns a line about what is done, with those of the counts that are not 0."""
    return ", ".join([done, *(f"{count} {kind}" for kind, count in counts.items() if count)])


def flush_output() -> None:
    """Writes what waits for standard output.

    Raises:
        OSError: It cannot be written, such as on a full disk; what waits is forgotten.
    """
    try:
        sys.stdout.flush()
    except OSError as error:
        lead_nowhere(sys.stdout)
        if isinstance(error, BrokenPipeError):
            raise
        raise OSError(error.errno, error.strerror, STDOUT) from error


def lead_nowhere(stream: TextIO) -> None:
    """Lets a standard stream that cannot be written any more take all that comes, and forget it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def prepare_streams() -> None:
    """Makes standard streams usable: closed ones lead nowhere, and no character is an error.

    A closed stream would be the number of the next file that is opened, and libraries would write
    their messages into it. A pipe that does not block, as programs such as Node.js hand over, would
    lose what does not fit into it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
            os.set_inheritable(opened, True)  # or processes of ours would begin with it closed
        if sys.platform != "win32" and not os.get_blocking(number):
            os.set_blocking(number, True)
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in _ESCAPED


def _escape(character: str) -> str:
    return ascii(character)[1:-1]
