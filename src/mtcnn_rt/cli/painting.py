"""How faces look in what a command writes or shows: drawn around, or covered."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import click

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mtcnn_rt.faces import Faces

    Ids: TypeAlias = Sequence[int] | NDArray[np.integer]
    Paint: TypeAlias = Callable[[NDArray[np.uint8], Faces, Ids | None, NDArray[Any] | None], None]
    """Paints on a BGR image: its faces, their ids (N,) or None, and boxes (M, 4) or None of faces
    that are there but were not found in this image, which are covered and not drawn."""

# Names as in `mtcnn_rt.drawing`, which --help need not load.
_STYLES = ("box", "corners", "rounded")
_METHODS = ("blur", "pixelate", "solid")
_SHAPES = ("ellipse", "box")

_OPTIONS = (
    click.option(
        "--style",
        type=click.Choice(_STYLES),
        default="box",
        show_default=True,
        help="Of the boxes.",
    ),
    click.option("--no-scores", is_flag=True, help="Draw no scores."),
    click.option("--no-landmarks", is_flag=True, help="Draw no landmarks."),
    click.option(
        "--anonymize", type=click.Choice(_METHODS), help="Cover the faces, and draw nothing."
    ),
    click.option(
        "--shape",
        type=click.Choice(_SHAPES),
        help="Of what covers a face.  [default: ellipse]",
    ),
    click.option(
        "--margin",
        type=click.FloatRange(min=0, max=10),
        metavar="SHARE",
        help="How far to cover beyond the box of a face, in its widths.  [default: 0.2]",
    ),
)


def look_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options of the look to a command, which gets `paint`, a `Paint`, that follows them.
    Raises UsageError for options without effect, so that nobody takes faces for covered."""

    @functools.wraps(command)
    def with_paint(
        *,
        style: str,
        no_scores: bool,
        no_landmarks: bool,
        anonymize: str | None,
        shape: str | None,
        margin: float | None,
        **others: Any,
    ) -> Any:
        if anonymize is None and (shape is not None or margin is not None):
            raise click.UsageError("--shape and --margin need --anonymize")
        if anonymize is None:
            paint = _drawing(style=style, scores=not no_scores, landmarks=not no_landmarks)
        else:
            given = {"shape": shape, "margin": margin}
            given = {name: value for name, value in given.items() if value is not None}
            paint = _covering(method=anonymize, **given)
        return command(paint=paint, **others)

    for option in reversed(_OPTIONS):
        with_paint = option(with_paint)
    return with_paint


def _drawing(**look: Any) -> Paint:
    def paint(
        image: NDArray[np.uint8], faces: Faces, ids: Ids | None, hidden: NDArray[Any] | None
    ) -> None:
        from mtcnn_rt.drawing.overlay import draw

        draw(image, faces, ids, **look)

    return paint


def _covering(**look: Any) -> Paint:
    def paint(
        image: NDArray[np.uint8], faces: Faces, ids: Ids | None, hidden: NDArray[Any] | None
    ) -> None:
        from mtcnn_rt.drawing.covering import anonymize

        anonymize(image, faces.boxes, **look)
        if hidden is not None:
            anonymize(image, hidden, **look)

    return paint
