"""Makes options of the kinds that many commands have, and adds groups of options to commands.

The functions that make options take names and further settings as `click.option` does.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
from click.types import FloatParamType

from mtcnn_rt._defaults import MAX_PIXELS
from mtcnn_rt._files.addresses import is_address
from mtcnn_rt._files.paths import NO_SUCH

Command = TypeVar("Command", bound=Callable[..., Any])


class PathType(click.Path):
    """Parses a path, which is not empty: `Path` would take that for the current folder.

    Nor is it an address, or -, but where that is standard output: files of these names would be
    written.
    """

    def __init__(self, **settings: Any) -> None:
        """Takes the settings of `click.Path`."""
        super().__init__(path_type=Path, **settings)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Returns the path; see `click.ParamType`."""
        if value == "-" and not self.allow_dash:
            self.fail(f"{value!r} is neither standard input nor output here; for a file write ./-")
        if isinstance(value, str) and is_address(value):  # which may have a password
            self.fail(
                "an address, where only a file or folder of this computer can be; copy from or to "
                "it in a step of its own"
            )
        return super().convert(as_name(value) if isinstance(value, str) else value, param, ctx)


class Number(FloatParamType):
    """Parses a finite number. NaN passes comparisons with bounds, and no face has such a score."""

    name = "number"  # in messages, where click says "float"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Returns the number; see `click.ParamType`."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{number} is not a finite number", param, ctx)
        return number


class NumberRange(click.FloatRange, Number):
    """Parses a finite number within bounds, which are those of `click.FloatRange`."""

    name = Number.name


class WholeNumberRange(click.IntRange):
    """Parses a whole number within bounds, which are those of `click.IntRange`."""

    name = "integer"  # in messages, where click says "integer range"


def as_name(text: str) -> str:
    """Returns the name of a file, a folder or an address.

    Raises:
        BadParameter: The name is empty, as of a variable that is not set.
    """
    if not text:
        raise click.BadParameter(f"{text!r}: {NO_SUCH}; the current folder is {os.curdir}")
    return text


def path_option(*names: str, **settings: Any) -> Callable[[Command], Command]:
    """Returns an option whose value is a path."""
    return click.option(*names, type=PathType(), show_default=True, **settings)


def results_option(*names: str, **settings: Any) -> Callable[[Command], Command]:
    """Returns an option whose value is a file of results, or - for standard output."""
    return click.option(*names, type=PathType(allow_dash=True), **settings)


def count_option(
    *names: str, most: int | None = None, **settings: Any
) -> Callable[[Command], Command]:
    """Returns an option whose value is a whole number from 1 on, up to `most` if that is given."""
    return click.option(
        *names, type=WholeNumberRange(1, most), metavar="N", show_default=True, **settings
    )


def length_option(*names: str, **settings: Any) -> Callable[[Command], Command]:
    """Returns an option whose value is a length in pixels."""
    return click.option(*names, metavar="PIXELS", show_default=True, **settings)


def choice_option(
    *names: str, choices: Sequence[str], **settings: Any
) -> Callable[[Command], Command]:
    """Returns an option whose value is one of a few words."""
    return click.option(*names, type=click.Choice(choices), show_default=True, **settings)


def folder_option(*names: str, **settings: Any) -> Callable[[Command], Command]:
    """Returns an option whose value is a folder that exists."""
    folder = PathType(exists=True, file_okay=False)
    return click.option(*names, type=folder, **settings)


def min_score_option(command: Command) -> Command:
    """Adds an option that leaves out faces by their score."""
    return click.option(
        "--min-score",
        type=NumberRange(0, 1),
        default=0,
        metavar="SCORE",
        help="Leave out faces below this score.",
    )(command)


max_pixels_option = count_option(
    "--max-pixels",
    default=MAX_PIXELS,
    help="Refuse images of more pixels, by their headers. Decoding needs up to 12 bytes a pixel.",
)
"""Option of commands that read image files."""


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
