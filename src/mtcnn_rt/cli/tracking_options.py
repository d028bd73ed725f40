"""Adds the tracker's options to a command."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from mtcnn_rt.cli.effects import yields
from mtcnn_rt.cli.option_kinds import add_options, count_option

if TYPE_CHECKING:
    from mtcnn_rt import MTCNN
    from mtcnn_rt.tracking import Tracker

_OPTIONS = (
    count_option(
        "--detect-every",
        help="Search the whole image in every Nth frame, and in the others only where faces are "
        "expected; 1 with --anonymize.  [default: as the scene needs it]",
    ),
    click.option(
        "--no-track",
        is_flag=True,
        help="Search every frame by itself, without ids; not with --anonymize.",
    ),
    click.option(
        "--no-smooth",
        is_flag=True,
        help="Do not smooth boxes and landmarks over time; with --anonymize they never are.",
    ),
)


def _refuse_gaps(no_track: bool, detect_every: int | None) -> None:
    """Raises UsageError for options with which faces would be seen for a moment."""
    if no_track:
        raise click.UsageError(
            "--no-track: expected without --anonymize: a face that is not found for a moment would "
            "be seen"
        )
    if detect_every not in (None, 1):
        raise click.UsageError(
            f"--detect-every: expected 1 with --anonymize, not {detect_every}: new faces would be "
            "seen between searches"
        )


def tracking_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the tracker's options to a command.

    The command gets `new_finder`, a function from a detector to what `stream` uses: a new
    `Tracker`, or the detector itself with --no-track. Its argument `every_frame`, for covers, makes
    the tracker search every frame in full, and smooth nothing, since smoothed boxes lag behind a
    sudden motion; `spread` is the tracker's.

    Raises:
        click.UsageError: An option has no effect.
    """

    @functools.wraps(command)
    def with_finder(
        *, detect_every: int | None, no_track: bool, no_smooth: bool, **others: Any
    ) -> Any:
        of_tracks = {"detect_every": detect_every, "no_smooth": no_smooth}
        given = [name for name, value in of_tracks.items() if value]
        if no_track and not all(yields(name, to="no_track") for name in given):
            raise click.UsageError("--detect-every and --no-smooth have no effect with --no-track")
        if click.get_current_context().params.get("anonymize") is not None:
            _refuse_gaps(no_track, detect_every)

        def new_finder(
            detector: MTCNN, every_frame: bool = False, spread: bool = False
        ) -> Tracker | MTCNN:
            from mtcnn_rt.tracking import Tracker

            if no_track:
                return detector
            every = detect_every or (1 if every_frame else None)
            smooth = not (no_smooth or every_frame)
            return Tracker(detector, every, smooth=smooth, spread=spread)

        return command(new_finder=new_finder, **others)

    return add_options(with_finder, _OPTIONS)
