"""Shows the progress of a command on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from mtcnn_rt.cli.messages import notify

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn

T = TypeVar("T")


@contextmanager
def tracked(items: Sequence[T]) -> Iterator[tuple[Iterable[T], Callable[[str], None]]]:
    """Gives items, with a bar of how many are done, and a function for lines about problems.

    There is no bar for a single item, nor where there is no terminal. Then rich is not imported,
    which takes longer than to search one image.

    Args:
        items: The items.

    Yields:
        The items; and the function, which prints a line, above the bar if there is one.
    """
    if len(items) < 2 or not is_on_terminal():
        yield items, notify
        return
    from rich.console import Console

    console = Console(stderr=True)
    with progress_bar(console) as bar:
        yield bar.track(items), partial(notify, console=console)


def is_on_terminal() -> bool:
    """Returns True if a progress bar on standard error would be seen."""
    return sys.stderr.isatty()


def progress_bar(console: Console, *columns: ProgressColumn) -> Progress:
    """Returns a progress bar that appears on terminals only.

    Args:
        console: The place where it appears.
        *columns: Columns after the number of items done.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    return Progress(
        BarColumn(),
        MofNCompleteColumn(),
        *columns,
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
