"""Adds the option --largest to a command: only the largest face counts."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from mtcnn_rt.drawing.painter import Painter
    from mtcnn_rt.faces import Faces
    from mtcnn_rt.video.pipeline import FrameResult

_HELP = "Take the largest face of each image alone."


def largest_option(covers: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Returns the option --largest, which a command gets as `largest`.

    Args:
        covers: The command has --anonymize. Both together raise UsageError, since the faces that
            are left out would stay visible.
    """
    why = " Not with --anonymize, which would leave the others visible."
    option = click.option("--largest", is_flag=True, help=_HELP + why * covers)
    return (lambda command: option(_not_with_covers(command))) if covers else option


def _not_with_covers(command: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a command that refuses --largest with --anonymize."""

    @functools.wraps(command)
    def with_choice(*, largest: bool, **others: Any) -> Any:
        if largest and click.get_current_context().params.get("anonymize") is not None:
            raise click.UsageError(
                "--largest and --anonymize exclude each other: all other faces would stay visible; "
                "--spare-region leaves chosen ones visible"
            )
        return command(largest=largest, **others)

    return with_choice


def chosen(faces: Faces, largest: bool) -> Faces:
    """Returns the faces, or the largest one alone."""
    return faces.largest() if largest else faces


def drawing_largest(painters: dict[str, Painter]) -> dict[str, Painter]:
    """Returns painters of which those that draw take the largest face alone.

    Those that cover faces, which a viewer may choose, cover all.
    """
    from mtcnn_rt.drawing.painter import DrawingPainter, LargestPainter

    return {
        name: LargestPainter(painter) if isinstance(painter, DrawingPainter) else painter
        for name, painter in painters.items()
    }


def chosen_of(result: FrameResult, largest: bool) -> FrameResult:
    """Returns the result of a frame with all of its faces, or with the largest one alone."""
    if not largest:
        return result
    one = result.faces.largest_index()
    rows = [] if one is None else [one]
    ids = None if result.ids is None else result.ids[rows]
    return replace(result, faces=result.faces[rows], ids=ids, hidden=result.hidden[:0])
