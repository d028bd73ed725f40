"""Options that several commands share, and their progress bar."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mtcnn_rt._defaults import (
    ENGINES,
    MIN_FACE_SIZE,
    PRECISIONS,
    SCALE_FACTOR,
    THRESHOLDS,
    EngineName,
    Precision,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn

    from mtcnn_rt import MTCNN
    from mtcnn_rt.tracking import Tracker

_OPTIONS = (
    click.option(
        "--min-face-size",
        type=float,
        default=MIN_FACE_SIZE,
        show_default=True,
        metavar="PIXELS",
        help="The smallest face to look for. Twice the size is about four times as fast.",
    ),
    click.option(
        "--max-face-size", type=float, metavar="PIXELS", help="The largest face to look for."
    ),
    click.option(
        "--scale-factor",
        type=float,
        default=SCALE_FACTOR,
        show_default=True,
        metavar="RATIO",
        help="From one level of the image pyramid to the next.",
    ),
    click.option(
        "--thresholds",
        type=float,
        nargs=3,
        default=THRESHOLDS,
        show_default=True,
        metavar="P R O",
        help="Face probabilities that the three networks must exceed.",
    ),
    click.option("--threads", type=int, metavar="N", help="Threads to use.  [default: every core]"),
    click.option(
        "--provider",
        "providers",
        multiple=True,
        metavar="NAME",
        help="Where onnxruntime runs the networks: cpu, cuda, ...; several in order of preference. "
        "See `mtcnn-rt info`.  [default: cpu]",
    ),
    click.option(
        "--engine",
        type=click.Choice(ENGINES),
        default="auto",
        show_default=True,
        help="What runs the networks: the C++ core or onnxruntime.",
    ),
    click.option(
        "--precision",
        type=click.Choice(PRECISIONS),
        default="float32",
        show_default=True,
        help="Of the first network in the C++ core: int16 is faster, and not quite the same.",
    ),
)

_MODEL = click.option(
    "--model",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="A model folder.  [default: the published weights]",
)

_TRACKING_OPTIONS = (
    click.option(
        "--detect-every",
        type=click.IntRange(min=1),
        metavar="N",
        help="Search the whole picture in every Nth frame, and only where faces are expected in "
        "the others.  [default: as the scene needs it]",
    ),
    click.option("--no-track", is_flag=True, help="Search every frame by itself, and give no ids."),
    click.option("--no-smooth", is_flag=True, help="Leave boxes and landmarks as they are found."),
)


def detector_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the detector's options to a command, which gets `new_detector`, a function that makes
    the detector that they describe; its argument is the number of threads where --threads is not
    given. Wrong values raise there."""

    @functools.wraps(command)
    def with_detector(
        *, model: Path | None, new_detector: Callable[..., MTCNN], **others: Any
    ) -> Any:
        return command(new_detector=functools.partial(new_detector, model), **others)

    return setting_options(_MODEL(with_detector))


def setting_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the detector's options but the model to a command, which gets `new_detector`, a function
    that makes a detector with these settings; its arguments are the model folder (None is the
    published weights) and the number of threads where --threads is not given."""

    @functools.wraps(command)
    def with_settings(
        *,
        min_face_size: float,
        max_face_size: float | None,
        scale_factor: float,
        thresholds: tuple[float, float, float],
        threads: int | None,
        providers: tuple[str, ...],
        engine: EngineName,
        precision: Precision,
        **others: Any,
    ) -> Any:
        def new_detector(model: Path | None, default_threads: int | None = None) -> MTCNN:
            from mtcnn_rt import MTCNN

            return MTCNN(
                min_face_size=min_face_size,
                scale_factor=scale_factor,
                thresholds=thresholds,
                max_face_size=max_face_size,
                threads=default_threads if threads is None else threads,
                providers=list(providers) or None,
                model=model,
                engine=engine,
                precision=precision,
            )

        return command(new_detector=new_detector, **others)

    for option in reversed(_OPTIONS):
        with_settings = option(with_settings)
    return with_settings


def tracking_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options of the tracking to a command, which gets `new_finder`, a function from a
    detector to what `stream` is to use: a new `Tracker`, or the detector itself with --no-track.
    Its argument `every_frame` is to detect in every frame where --detect-every is not given.
    Raises UsageError for options without effect."""

    @functools.wraps(command)
    def with_finder(
        *, detect_every: int | None, no_track: bool, no_smooth: bool, **others: Any
    ) -> Any:
        if no_track and (detect_every is not None or no_smooth):
            raise click.UsageError("--detect-every and --no-smooth have no effect with --no-track")

        def new_finder(detector: MTCNN, every_frame: bool = False) -> Tracker | MTCNN:
            from mtcnn_rt.tracking import Tracker

            if no_track:
                return detector
            every = detect_every or (1 if every_frame else None)
            return Tracker(detector, detect_every=every, smooth=not no_smooth)

        return command(new_finder=new_finder, **others)

    for option in reversed(_TRACKING_OPTIONS):
        with_finder = option(with_finder)
    return with_finder


def progress_bar(console: Console, *columns: ProgressColumn) -> Progress:
    """A bar that shows itself only on a terminal; `columns` come after the number done."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    return Progress(
        BarColumn(),
        MofNCompleteColumn(),
        *columns,
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
