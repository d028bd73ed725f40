"""Tells what stands on the command line, and refuses options there that have no effect.

An option in a file (see `config`) is for many calls: where it has no effect it is passed over.
"""

from __future__ import annotations

from collections.abc import Collection

import click
from click.core import ParameterSource


def is_given(name: str) -> bool:
    """Returns true for an option that stands on the command line.

    Args:
        name: Name of its parameter, such as "no_track".
    """
    source = click.get_current_context().get_parameter_source(name)
    return source == ParameterSource.COMMANDLINE


def yields(name: str, to: str) -> bool:
    """Returns true for an option from a file where one that stands in for it is given.

    Args:
        name: Name of the parameter of the option from a file.
        to: Name of the parameter of the one on the command line.
    """
    return is_given(to) and not is_given(name)


def refuse_without_effect(
    why: str, only: Collection[str] | None = None, but: Collection[str] = ()
) -> None:
    """Refuses options on the command line that have no effect, but --verbose and --config.

    Args:
        why: The end of the message, such as "with --resume".
        only: Names of the parameters that have no effect; None is all.
        but: Names of parameters that have one.

    Raises:
        UsageError: One of them is given.
    """
    context = click.get_current_context()
    for option in context.command.params:
        name = option.name or ""
        if not isinstance(option, click.Option) or not option.expose_value or not is_given(name):
            continue
        if name not in but and (only is None or name in only):
            is_off = option.secondary_opts and not context.params.get(name)
            written = option.secondary_opts if is_off else option.opts
            raise click.UsageError(f"{written[0]} has no effect {why}")
