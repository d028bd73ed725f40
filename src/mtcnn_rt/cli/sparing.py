"""Adds the options of a command that spare faces when the others are covered."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click

from mtcnn_rt.cli.effects import is_given
from mtcnn_rt.cli.option_kinds import WholeNumberRange, add_options
from mtcnn_rt.cli.painting import PaintOptions

_NAMES = {"spared_ids": "--spare-id", "spared_regions": "--spare-region"}
SPARING = frozenset(_NAMES)
"""Names of the parameters of these options."""

_RISK = "Check the result: whoever else gets there, or gets the id, stays visible."


def as_region(text: str) -> tuple[float, float, float, float]:
    """Returns a region from text such as "0,0,320,240".

    Raises:
        BadParameter: The text is no region.
    """
    try:
        x1, y1, x2, y2 = map(float, text.split(","))
    except ValueError:
        x1 = y1 = x2 = y2 = math.nan
    if not (-math.inf < x1 < x2 < math.inf and -math.inf < y1 < y2 < math.inf):
        raise click.BadParameter(
            f"{text!r} is not a region X1,Y1,X2,Y2 in pixels with X1 < X2 and Y1 < Y2"
        )
    return x1, y1, x2, y2


_REGION = click.option(
    "--spare-region",
    "spared_regions",
    type=as_region,
    multiple=True,
    metavar="X1,Y1,X2,Y2",
    help="With --anonymize, leave faces visible whose center lies in this region, in pixels; may "
    f"be repeated. {_RISK}",
)

_ID = click.option(
    "--spare-id",
    "spared_ids",
    type=WholeNumberRange(min=1),
    multiple=True,
    metavar="N",
    help="With --anonymize, leave the face with this id visible; may be repeated. The ids are "
    f"those that --detect-every 1 draws with the same options. {_RISK}",
)


def _refuse_given() -> None:
    """Raises UsageError for an option that stands on the command line without --anonymize."""
    for name, option in _NAMES.items():
        if is_given(name):
            raise click.UsageError(f"{option} needs --anonymize")


def spare_options(ids: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds the options to a command, below `paint_options`, whose `painting` then spares faces.

    The command raises UsageError for an option that has no effect.

    Args:
        ids: True adds --spare-id, for a command that tracks faces.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def with_sparing(
            *,
            painting: PaintOptions,
            spared_regions: tuple[tuple[float, float, float, float], ...],
            spared_ids: tuple[int, ...] = (),
            **others: Any,
        ) -> Any:
            if painting.anonymize is None:
                _refuse_given()
            elif spared_ids or spared_regions:
                if spared_ids and click.get_current_context().params.get("no_track"):
                    raise click.UsageError("--spare-id needs ids, which --no-track leaves out")
                painting = replace(painting, spared=(frozenset(spared_ids), spared_regions))
            return command(painting=painting, **others)

        return add_options(with_sparing, [*([_ID] if ids else []), _REGION])

    return decorate
