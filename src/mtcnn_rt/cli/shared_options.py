"""Adds the options that every command has: --verbose and --config."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from mtcnn_rt.cli.config import NAME, Config, options_of, read_config
from mtcnn_rt.cli.messages import notify
from mtcnn_rt.cli.option_kinds import PathType

_CONFIG, _PATH = "mtcnn_rt.config", "mtcnn_rt.config.path"
"""Keys of `click.Context.meta`."""


def add_shared_options(command: click.Command) -> click.Command:
    """Adds the options to a command or group and to all of its commands, once."""
    if any(parameter.name == "verbose" for parameter in command.params):
        return command
    command.params += [
        click.Option(
            ["-v", "--verbose"],
            is_flag=True,
            expose_value=False,
            callback=_take_verbose,
            help="Print what is used and done: model, engine, files, times.",
        ),
        click.Option(
            ["--config"],
            type=PathType(),
            metavar="FILE",
            is_eager=True,  # before the others, which take their defaults from it
            expose_value=False,
            callback=_take_config,
            help=f"TOML file of options.  [default: {NAME} in the current folder]",
        ),
    ]
    if isinstance(command, click.Group):
        for below in command.commands.values():
            add_shared_options(below)
    elif command.callback is not None:
        command.callback = _reporting(command.callback)
    return command


def used_config() -> Config | None:
    """Returns the file of options that the running command uses; None if there is none."""
    config: Config | None = click.get_current_context().meta.get(_CONFIG)
    return config


def _take_verbose(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from mtcnn_rt.cli.logs import end_logging, start_logging

        start_logging()
        ctx.find_root().call_on_close(end_logging)


def _take_config(ctx: click.Context, _: click.Parameter, value: Path | None) -> None:
    """Makes the values of a file the defaults of the command."""
    if value is not None:
        ctx.meta[_PATH] = value
    if ctx.resilient_parsing or isinstance(ctx.command, click.Group):
        return
    config = read_config(ctx.meta.get(_PATH))
    if config is None:
        return
    program = ctx.find_root().command
    if isinstance(program, click.Group):
        config.check(program)
    of_file = config.values_for(_name(ctx), ctx.command, ctx)
    ctx.default_map = {**(ctx.default_map or {}), **of_file}  # a command may have some of its own
    ctx.meta[_CONFIG] = config


def _name(ctx: click.Context) -> str:
    """Returns the name of a command in tables, such as "evaluate wider"."""
    above = ctx.parent
    if above is None:
        return ""
    return f"{_name(above)} {ctx.info_name}".strip()


def _reporting(run: Callable[..., Any]) -> Callable[..., Any]:
    """Lets a command begin with a line on the options that it has from a file."""

    @functools.wraps(run)
    def reporting(*words: Any, **settings: Any) -> Any:
        ctx, config = click.get_current_context(), used_config()
        if config is not None:
            _report(ctx, config)
        return run(*words, **settings)

    return reporting


def _report(ctx: click.Context, config: Config) -> None:
    """Prints which options a file gives, for one that was found; logs it for one that was named.

    Raises:
        UsageError: Faces are to be covered, and a file that was found may change which.
    """
    of_file = config.shared.keys() | config.tables.get(_name(ctx), {}).keys()
    used = [
        key
        for key, option in options_of(ctx.command).items()
        if key in of_file
        and ctx.get_parameter_source(option.name or "") == ParameterSource.DEFAULT_MAP
    ]
    line = f"options from {config.path}: {', '.join(used) or 'none of this command'}"
    if config.named or not used:
        from mtcnn_rt._log import LOG

        LOG.info("%s", line)
        return
    if ctx.get_parameter_source("anonymize") == ParameterSource.COMMANDLINE:
        raise click.UsageError(
            f"{config.path}: {', '.join(used)}: a file in the current folder, which may be "
            "somebody else's, could leave faces uncovered; with --anonymize name it: "
            f"--config {NAME}"
        )
    notify(line)
