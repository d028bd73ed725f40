"""Makes options of the kinds that many commands have, and adds groups of options to commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def path_option(*names: str, **settings: Any) -> Callable[[Command], Command]:
    """Returns an option whose value is a path.

    Args:
        names: Names of the option.
        settings: Other settings of `click.option`. The help shows a default.
    """
    return click.option(*names, type=click.Path(path_type=Path), show_default=True, **settings)


def results_option(*names: str, **settings: Any) -> Callable[[Command], Command]:
    """Returns an option whose value is a file of results, or - for standard output.

    Args:
        names: Names of the option.
        settings: Other settings of `click.option`.
    """
    return click.option(*names, type=click.Path(path_type=Path, allow_dash=True), **settings)


def count_option(*names: str, **settings: Any) -> Callable[[Command], Command]:
    """Returns an option whose value is a whole number from 1 on.

    Args:
        names: Names of the option.
        settings: Other settings of `click.option`. The help shows a default.
    """
    return click.option(
        *names, type=click.IntRange(min=1), metavar="N", show_default=True, **settings
    )


def add_options(
    command: Callable[..., Any], options: Iterable[Callable[[Callable[..., Any]], Any]]
) -> Callable[..., Any]:
    """Adds options to a command, in the order in which its help lists them.

    Args:
        command: The command.
        options: The options, as `click.option` returns them.

    Returns:
        The command with the options.
    """
    for option in reversed(list(options)):
        command = option(command)
    return command
