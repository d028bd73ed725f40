"""Reads mtcnn-rt.toml, which gives options of commands: those of the command line come before it.

Values above the first table are for every command that has the option; a table is for one command.
A file that is found in the current folder may be somebody else's, such as a part of an archive or a
data set. It gives only options of `may_be_found`; `--config` allows all.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
from click.types import BoolParamType, FloatParamType, IntParamType

from mtcnn_rt._errors import one_line
from mtcnn_rt._files.guarded import read_regular_file
from mtcnn_rt._packages import needs

NAME = "mtcnn-rt.toml"
MOST = 1 << 20
"""Most bytes of the file."""

NOT_IN_FILES = {"config", "debug", "help", "version"}
"""Options of a single call."""

RISKY = {"overwrite", "web-public", "max-pixels"}
"""Numbers and switches that a file in the current folder does not give."""

HARMLESS = {"rotations"}
"""Lists of numbers, which are text to the command line."""

Values = dict[str, Any]
"""Values of options by their names without the dashes, such as "min-face-size"."""


@dataclass(frozen=True)
class Config:
    """The content of a file of options.

    Attributes:
        path: The file.
        named: It was named with --config, not found in the current folder.
        shared: Values for every command that has the option.
        tables: Values for commands by their names, such as "image" or "evaluate wider".
    """

    path: Path
    named: bool
    shared: Values
    tables: dict[str, Values]

    def check(self, program: click.Group) -> None:
        """Checks all names: those of tables, of shared options, and of options in tables.

        Raises:
            UsageError: There is no such command or option.
        """
        commands = dict(leaves(program))
        options = {name: options_of(command) for name, command in commands.items()}
        for name, table in self.tables.items():
            if name not in options:
                raise self._error(f"[{name}]", f"no such command{_hint(name, options)}")
            self._check_keys(f"[{name}] ", table, options[name])
        self._check_keys("", self.shared, {key for known in options.values() for key in known})

    def values_for(self, name: str, command: click.Command, ctx: click.Context) -> Values:
        """Returns the values for a command, by the names of its parameters, after `check`.

        Args:
            name: Name of the command, such as "evaluate wider".
            command: The command.
            ctx: Its context.

        Raises:
            UsageError: A value is wrong or not allowed; the message names the file and the key.
        """
        options, values = options_of(command), {}
        places = [(key, key, value) for key, value in self.shared.items() if key in options]
        places += [(f"[{name}] {k}", k, value) for k, value in self.tables.get(name, {}).items()]
        for place, key, value in places:
            option = options[key]
            if not self.named and not may_be_found(key, option):
                raise self._error(
                    place,
                    "not from a file in the current folder, which may be somebody else's; name it: "
                    f"--config {NAME}",
                )
            try:
                _check(option, value, ctx)
            except (click.BadParameter, ValueError) as error:
                message = error.message if isinstance(error, click.BadParameter) else str(error)
                raise self._error(place, message) from error
            values[str(option.name)] = value
        return values

    def _check_keys(self, place: str, table: Values, known: Collection[str]) -> None:
        for key in table:
            if key not in known:
                raise self._error(f"{place}{key}", f"no such option{_hint(key, known)}")

    def _error(self, place: str, reason: str) -> click.UsageError:
        return click.UsageError(f"{self.path}: {place}: {reason}")


def read_config(path: Path | None) -> Config | None:
    """Reads a file of options.

    Args:
        path: The file; None is the one in the current folder.

    Returns:
        Its content; None if there is none in the current folder.

    Raises:
        UsageError: The file cannot be read, or is no TOML; also a link in the current folder that
            leads to nothing.
    """
    named = path is not None
    path = Path(NAME) if path is None else path
    if not named and not os.path.lexists(path):
        return None
    with needs(f"{path}"):
        from mtcnn_rt._toml import loads
    try:
        content = loads(read_regular_file(path, MOST).decode("utf-8-sig"))
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{path}: not UTF-8; save it with this encoding") from error
    except (ValueError, RecursionError) as error:  # such as TOMLDecodeError
        raise click.UsageError(f"{path}: {one_line(error)}") from error
    shared = {key: value for key, value in content.items() if not isinstance(value, dict)}
    tables = dict(_tables(content))
    return Config(path, named, shared, tables)


def leaves(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yields the commands of a group and of its groups, with names such as "evaluate wider"."""
    with click.Context(group) as ctx:
        for name in group.list_commands(ctx):
            command = group.get_command(ctx, name)
            if isinstance(command, click.Group):
                yield from leaves(command, f"{before}{name} ")
            elif command is not None:
                yield f"{before}{name}", command


def options_of(command: click.Command) -> dict[str, click.Option]:
    """Returns the options that a file may give, by their names without dashes."""
    found = {}
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            name = max(parameter.opts, key=len).lstrip("-")
            if name not in NOT_IN_FILES:
                found[name] = parameter
    return found


def may_be_found(key: str, option: click.Option) -> bool:
    """Returns true for an option that a file in the current folder may give.

    Those are numbers, switches and choices. A name of a file, a folder, an address or a library
    could read, write or send what the user does not know of.
    """
    plain = (BoolParamType, FloatParamType, IntParamType, click.Choice)
    return key in HARMLESS or (isinstance(option.type, plain) and key not in RISKY)


def _tables(content: Values, before: str = "") -> Iterator[tuple[str, Values]]:
    """Yields the tables that have values, such as [evaluate.wider], and those that are empty."""
    for name, table in content.items():
        if not isinstance(table, dict):
            continue
        own = {key: value for key, value in table.items() if not isinstance(value, dict)}
        if own or not table:
            yield f"{before}{name}", own
        yield from _tables(table, f"{before}{name} ")


def _check(option: click.Option, value: Any, ctx: click.Context) -> None:
    """Raises BadParameter or ValueError unless a value fits an option."""
    if option.multiple or option.nargs != 1:
        count = "" if option.multiple else f" of {option.nargs}"
        fits = isinstance(value, list) and (option.multiple or len(value) == option.nargs)
        if not fits:
            raise ValueError(f"expected a list{count}, not {value!r}")
        values: Sequence[Any] = value
    else:
        values = [value]
    kind, names = _kind(option)
    for one in values:
        if not isinstance(one, kind) or (isinstance(one, bool) and kind is not bool):
            raise ValueError(f"expected {names}, not {one!r}")
    if not option.is_flag:
        option.type_cast_value(ctx, value)


def _kind(option: click.Option) -> tuple[Any, str]:
    """Returns the type of an option's values in TOML, and its name."""
    if isinstance(option.type, BoolParamType):
        return bool, "true or false"
    if isinstance(option.type, IntParamType):
        return int, "a whole number"
    if isinstance(option.type, FloatParamType):
        return (int, float), "a number"
    return str, "a text"


def _hint(name: str, known: Collection[str]) -> str:
    close = get_close_matches(name, list(known), 1)
    return f"; did you mean {close[0]}?" if close else ""
