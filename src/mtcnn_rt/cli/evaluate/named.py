"""Parses what the user names: NAME=PATH, NAME=MODEL, and descriptions of other detectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from mtcnn_rt._comparison.single_shot.choice import NamedPeer, parse_peer

Named = tuple[str, Path]
P = TypeVar("P", str, Path)


class NamedPath(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on
    """Parses NAME=PATH. A path alone is its own name."""

    name = "name=path"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Named:
        """Returns the name and the path; see `click.ParamType`."""
        name, path = _split(self, value, param, ctx)
        return name, Path(path)


class NamedModel(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on
    """Parses NAME=MODEL. A model alone, its name in the package or its folder, is its own name."""

    name = "name=model"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Returns the name and the model; see `click.ParamType`."""
        return _split(self, value, param, ctx)


def _split(
    kind: click.ParamType[Any],
    value: Any,
    param: click.Parameter | None,
    ctx: click.Context | None,
) -> tuple[str, str]:
    name, equals, path = str(value).partition("=")
    if not name or (equals and not path):
        kind.fail(f"expected NAME=PATH, not {value!r}", param, ctx)
    return name, path or name


class PeerType(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on
    """Parses [NAME:]KIND[@SIDE][=FILE]."""

    name = "peer"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> NamedPeer:
        """Returns the detector's description; see `click.ParamType`."""
        if isinstance(value, NamedPeer):
            return value
        try:
            return parse_peer(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


def unique_names(option: str, given: Sequence[tuple[str, P]]) -> dict[str, P]:
    """Checks that names are unique.

    Args:
        option: The option, for the message.
        given: Names, and paths or models.

    Returns:
        The paths or models by name.

    Raises:
        click.UsageError: Two have the same name.
    """
    names = dict(given)
    if len(names) < len(given):
        raise click.UsageError(f"{option}: two have one name; name them with NAME=PATH")
    return names
