"""Makes options of the kinds that many commands have: paths, files of results, and counts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import click

AddOption: TypeAlias = Callable[[Callable[..., Any]], Callable[..., Any]]
"""Adds an option to a command."""

PATH = click.Path(path_type=Path)


def path_option(*names: str, **settings: Any) -> AddOption:
    """Returns an option whose value is a path.

    Args:
        names: Names of the option.
        settings: Other settings of `click.option`. The help shows a default.
    """
    return click.option(*names, type=PATH, show_default=True, **settings)


def results_option(*names: str, **settings: Any) -> AddOption:
    """Returns an option whose value is a file of results, or - for standard output.

    Args:
        names: Names of the option.
        settings: Other settings of `click.option`.
    """
    return click.option(*names, type=click.Path(path_type=Path, allow_dash=True), **settings)


def count_option(*names: str, **settings: Any) -> AddOption:
    """Returns an option whose value is a whole number from 1 on.

    Args:
        names: Names of the option.
        settings: Other settings of `click.option`. The help shows a default.
    """
    return click.option(
        *names, type=click.IntRange(min=1), metavar="N", show_default=True, **settings
    )
