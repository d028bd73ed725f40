"""Adds the options of a command that paints faces: it draws or covers them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from mtcnn_rt._defaults import (
    MARGIN,
    METHODS,
    SHAPE,
    SHAPES,
    STYLE,
    STYLES,
    Method,
    Shape,
    Style,
)
from mtcnn_rt.cli.option_kinds import add_options, choice_option

if TYPE_CHECKING:
    from mtcnn_rt.drawing.painter import Painter

NOT_COVERED = "off"
"""Name of the painter that draws; the others have the name of their method."""

_OPTIONS = (
    choice_option("--style", choices=STYLES, default=STYLE, help="Style of the boxes."),
    click.option("--no-scores", is_flag=True, help="Draw no scores."),
    click.option("--no-landmarks", is_flag=True, help="Draw no landmarks."),
    choice_option(
        "--anonymize",
        choices=METHODS,
        help="Cover the faces by this method, and draw nothing.",
    ),
    choice_option(
        "--shape",
        choices=SHAPES,
        help=f"Shape of the area that covers a face.  [default: {SHAPE}]",
    ),
    click.option(
        "--margin",
        type=click.FloatRange(min=0, max=10),
        metavar="SHARE",
        help="How far to cover beyond the box of a face, as a share of its sides.  "
        f"[default: {MARGIN}]",
    ),
)


@dataclass(frozen=True)
class PaintOptions:
    """The painting options of a command.

    Attributes:
        style: Style of the boxes.
        scores: Draw the scores.
        landmarks: Draw the landmarks.
        anonymize: Method of covering the faces; None draws them.
        shape: Shape of the covered area; None is the default one.
        margin: Share of a box's sides to cover beyond it; None is the default one.
    """

    style: Style
    scores: bool
    landmarks: bool
    anonymize: Method | None
    shape: Shape | None
    margin: float | None

    @property
    def name(self) -> str:
        """The key in `painters` of the painter that the options ask for."""
        return self.anonymize or NOT_COVERED

    def painter(self) -> Painter:
        """Returns the painter that the options ask for."""
        return self.painters()[self.name]

    def painters(self) -> dict[str, Painter]:
        """Returns a painter for each method of covering, by its name, and one that draws.

        The one that draws is left out if faces are to be covered, so that no choice between the
        painters uncovers them.
        """
        from mtcnn_rt.drawing.painter import CoveringPainter, DrawingPainter

        shape = SHAPE if self.shape is None else self.shape
        margin = MARGIN if self.margin is None else self.margin
        painters: dict[str, Painter] = {}
        if self.anonymize is None:
            painters[NOT_COVERED] = DrawingPainter(self.style, self.scores, self.landmarks)
        for method in METHODS:
            painters[method] = CoveringPainter(method, margin, shape)
        return painters


def paint_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the painting options to a command, which gets them as `painting`, `PaintOptions`.

    The command raises UsageError for --shape or --margin without --anonymize, which would have no
    effect: faces would seem to be covered.
    """

    @functools.wraps(command)
    def with_painting(
        *,
        style: Style,
        no_scores: bool,
        no_landmarks: bool,
        anonymize: Method | None,
        shape: Shape | None,
        margin: float | None,
        **others: Any,
    ) -> Any:
        if anonymize is None and (shape is not None or margin is not None):
            raise click.UsageError("--shape and --margin need --anonymize")
        painting = PaintOptions(style, not no_scores, not no_landmarks, anonymize, shape, margin)
        return command(painting=painting, **others)

    return add_options(with_painting, _OPTIONS)
