"""Adds the options of a command that limit a video to a span of time."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import click

from mtcnn_rt.cli.option_kinds import add_options

_TIME = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,4}):)?(\d{1,7}(?:\.\d{1,9})?)")


def as_seconds(text: str) -> Fraction:
    """Returns seconds from text such as "90", "1:30" or "00:01:30.5".

    Raises:
        BadParameter: The text is no time.
    """
    match = _TIME.fullmatch(text)
    if (
        match is None
        or (match[2] and Fraction(match[3]) >= 60)
        or (match[1] and int(match[2]) > 59)
    ):
        raise click.BadParameter(f"{text!r} is not a time such as 90, 1:30 or 00:01:30.5")
    return 3600 * int(match[1] or 0) + 60 * int(match[2] or 0) + Fraction(match[3])


_OPTIONS = (
    click.option(
        "--start",
        type=as_seconds,
        default="0",
        metavar="TIME",
        help="Begin with the frame that is shown at this time, in seconds or hh:mm:ss. All times "
        "count from there.",
    ),
    click.option(
        "--end",
        type=as_seconds,
        metavar="TIME",
        help="End at this time of VIDEO, in seconds or hh:mm:ss.",
    ),
)


def span_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --start and --end to a command, which gets them as `span`, arguments of `FileSource`.

    The command raises UsageError for an end that is not after the start.
    """

    @functools.wraps(command)
    def with_span(*, start: Fraction, end: Fraction | None, **others: Any) -> Any:
        if end is not None and end <= start:
            raise click.UsageError(
                f"--end: {float(end):g} s is not after --start {float(start):g} s"
            )
        return command(span={"start": start, "end": end}, **others)

    return add_options(with_span, _OPTIONS)
