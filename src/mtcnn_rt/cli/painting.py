"""Adds the options of a command that paints faces: it draws or covers them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
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
from mtcnn_rt.cli.effects import is_given
from mtcnn_rt.cli.option_kinds import (
    Command,
    Number,
    NumberRange,
    add_options,
    choice_option,
    path_option,
)

if TYPE_CHECKING:
    from mtcnn_rt._arrays import Pixels
    from mtcnn_rt.drawing.painter import Painter

NOT_COVERED = "off"
"""Name of the painter that draws; the others have the name of their method."""


def _checked(check: str) -> Callable[[click.Context, click.Parameter, Any], Any]:
    """Returns a callback that validates a value by a function of `drawing.cover`, if it is given.

    Args:
        check: Name of the function, which raises ValueError.
    """

    def validate(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
        if value is not None:
            from mtcnn_rt.drawing import cover

            try:
                getattr(cover, check)(value)
            except ValueError as error:
                reason = str(error).partition(": ")[2]
                raise click.BadParameter(reason, context, parameter) from error
        return value

    return validate


def _checked_option(name: str, check: str, **settings: Any) -> Callable[[Command], Command]:
    """Returns an option whose value, a number, a function of `drawing.cover` checks."""
    return click.option(name, type=Number(), callback=_checked(check), **settings)


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
        type=NumberRange(min=0, max=10),
        metavar="SHARE",
        help="How far to cover beyond the box of a face, as a share of its sides.  "
        f"[default: {MARGIN}]",
    ),
    _checked_option(
        "--blur-strength",
        "check_strength",
        metavar="FACTOR",
        help="How strong --anonymize blur is, 1 to 6: how many times as far colors spread as with "
        "1. Less might leave faces recognizable.  [default: 1]",
    ),
    _checked_option(
        "--block-size",
        "check_block_size",
        metavar="PIXELS",
        help="Least side of a block of --anonymize pixelate. Blocks are larger where a face would "
        "have more than six of them along its longer side.",
    ),
    path_option(
        "--cover",
        metavar="FILE",
        help="Image to show in place of black with --anonymize solid, such as a smiley. Its "
        "transparent parts are laid on white.",
    ),
)

PAINTING = {
    *("style", "no_scores", "no_landmarks", "anonymize", "shape", "margin"),
    *("blur_strength", "block_size", "cover"),
}
"""Names of the parameters of all painting options."""

_ONLY_WITH: dict[str, Method] = {
    "blur_strength": "blur",
    "block_size": "pixelate",
    "cover": "solid",
}
"""Options that have an effect with one method alone."""


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
        blur_strength: Strength of the blur; None is the default one.
        block_size: Least side of a block, in pixels; None is none.
        cover: Image file to cover faces with; None is black.
        spared: Ids of faces to leave visible when the others are covered, and regions whose faces
            are; None covers all.
    """

    style: Style
    scores: bool
    landmarks: bool
    anonymize: Method | None
    shape: Shape | None
    margin: float | None
    blur_strength: float | None = None
    block_size: float | None = None
    cover: Path | None = None
    spared: tuple[frozenset[int], tuple[tuple[float, float, float, float], ...]] | None = None

    @property
    def inputs(self) -> list[Path]:
        """The files that painting reads."""
        return [] if self.cover is None else [self.cover]

    @property
    def name(self) -> str:
        """The key in `painters` of the painter that the options ask for."""
        return self.anonymize or NOT_COVERED

    def painter(self) -> Painter:
        """Returns the painter that the options ask for."""
        painter = self.painters()[self.name]
        if self.spared is None:
            return painter
        from mtcnn_rt.drawing.sparing import Spared, SparingPainter

        return SparingPainter(painter, Spared(*self.spared))

    def painters(self) -> dict[str, Painter]:
        """Returns a painter for each method of covering, by its name, and one that draws.

        The one that draws is left out if faces are to be covered, so that no choice between the
        painters uncovers them. None of them spares faces.
        """
        from mtcnn_rt.drawing.painter import CoveringPainter, DrawingPainter

        shape = SHAPE if self.shape is None else self.shape
        margin = MARGIN if self.margin is None else self.margin
        painters: dict[str, Painter] = {}
        if self.anonymize is None:
            painters[NOT_COVERED] = DrawingPainter(self.style, self.scores, self.landmarks)
        more: dict[Method, dict[str, Any]] = {
            "blur": {"strength": 1.0 if self.blur_strength is None else self.blur_strength},
            "pixelate": {"block_size": 1.0 if self.block_size is None else self.block_size},
            "solid": {"cover": self._cover()},
        }
        for method in METHODS:
            painters[method] = CoveringPainter(method, margin, shape, **more[method])
        return painters

    def _cover(self) -> Pixels | None:
        """Reads the image that covers faces; raises ValueError that names it."""
        from mtcnn_rt.images import read_image

        if self.cover is None:
            return None
        try:
            return read_image(self.cover)
        except OSError as error:
            raise ValueError(f"--cover: cannot read {self.cover}: {error.strerror}") from error


def paint_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the painting options to a command, which gets them as `painting`, `PaintOptions`.

    The command raises UsageError for options of covering without --anonymize, or with a method
    with which they have no effect: faces would seem to be covered in another way.
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
        blur_strength: float | None,
        block_size: float | None,
        cover: Path | None,
        **others: Any,
    ) -> Any:
        if anonymize is None and (is_given("shape") or is_given("margin")):
            raise click.UsageError("--shape and --margin need --anonymize")
        covering: dict[str, Any] = {
            "blur_strength": blur_strength,
            "block_size": block_size,
            "cover": cover,
        }
        for name in covering:
            if is_given(name) and anonymize != _ONLY_WITH[name]:
                option = f"--{name.replace('_', '-')}"
                raise click.UsageError(f"{option} needs --anonymize {_ONLY_WITH[name]}")
        painting = PaintOptions(
            style, not no_scores, not no_landmarks, anonymize, shape, margin, **covering
        )
        return command(painting=painting, **others)

    return add_options(with_painting, _OPTIONS)
