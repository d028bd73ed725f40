"""Adds the detector's options to a command."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from mtcnn_rt._defaults import (
    ALL_ROTATIONS,
    DEFAULT_MODEL,
    ENGINES,
    MIN_FACE_SIZE,
    PRECISIONS,
    PRESET,
    PRESETS,
    ROTATIONS,
    SCALE_FACTOR,
    EngineName,
    Precision,
    Preset,
)
from mtcnn_rt.cli.effects import yields
from mtcnn_rt.cli.option_kinds import Number, add_options, choice_option, length_option

if TYPE_CHECKING:
    from mtcnn_rt import MTCNN


def as_rotations(text: str) -> tuple[int, ...]:
    """Returns rotations from text such as "0,90,180,270".

    Raises:
        BadParameter: The text is no list of different rotations.
    """
    degrees = [part.strip() for part in text.split(",")]
    if len(set(degrees)) < len(degrees) or not set(degrees) <= set(map(str, ALL_ROTATIONS)):
        allowed = ", ".join(map(str, ALL_ROTATIONS))
        raise click.BadParameter(f"{text!r} is not a list of some of {allowed}, each once")
    return tuple(map(int, degrees))


SETTINGS = {
    *("min_face_size", "max_face_size", "scale_factor", "thresholds", "preset", "threads"),
    *("providers", "engine", "precision", "rotations"),
}
"""Names of the parameters of `setting_options`."""

Thresholds: TypeAlias = tuple[float, float, float]


def used_thresholds(given: Thresholds | None) -> Thresholds | None:
    """Returns the thresholds of the options; None for those of a file beside a --preset."""
    return None if yields("thresholds", to="preset") else given


_MODEL = click.option(
    "--model",
    metavar="NAME|FOLDER",
    help=f"Name of a model in the package, or a model folder.  [default: {DEFAULT_MODEL}]",
)

_OPTIONS = (
    length_option(
        "--min-face-size",
        type=Number(),
        default=MIN_FACE_SIZE,
        help="Smallest face to find. With 40 a detection takes 40 to 65 % of the time.",
    ),
    length_option("--max-face-size", type=Number(), help="Largest face to find."),
    click.option(
        "--scale-factor",
        type=Number(),
        default=SCALE_FACTOR,
        show_default=True,
        metavar="RATIO",
        help="Ratio of one level of the image pyramid to the one before.",
    ),
    click.option(
        "--thresholds",
        type=Number(),
        nargs=3,
        metavar="P R O",
        help="Face probabilities that P-Net, R-Net and O-Net must exceed, 0 to 1.  [default: those "
        "of --preset]",
    ),
    choice_option(
        "--preset",
        choices=PRESETS,
        help="Thresholds of the model to use; `mtcnn-rt info` lists those that it has.  "
        f"[default: {PRESET}]",
    ),
    click.option(
        "--threads", type=int, metavar="N", help="Threads of a detection.  [default: every core]"
    ),
    click.option(
        "--provider",
        "providers",
        multiple=True,
        metavar="NAME",
        help="Hardware that onnxruntime runs the networks on: cpu, cuda, ...; give several in "
        "order of preference. `mtcnn-rt info` lists what there is.  [default: cpu]",
    ),
    choice_option(
        "--engine",
        choices=ENGINES,
        default="auto",
        help="Program that runs the networks: the C++ core (native) or onnxruntime.",
    ),
    choice_option(
        "--precision",
        choices=PRECISIONS,
        default="float32",
        help="Number type of P-Net in the C++ core: int16 is faster, with slightly other "
        "candidates.",
    ),
    click.option(
        "--rotations",
        type=as_rotations,
        default=",".join(map(str, ROTATIONS)),
        show_default=True,
        metavar="DEGREES",
        help="Turn the image by each of these before it is searched: 0,90,180,270 also finds faces "
        "that lie on their side or upside down, in four to five times the time.",
    ),
)


def detector_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds all of the detector's options to a command.

    The command gets `model`, the folder or None, and `new_detector`, a function that makes the
    detector that the options describe. Its argument is the number of threads where --threads is not
    given. It raises what `MTCNN` raises for wrong values.
    """

    @functools.wraps(command)
    def with_detector(
        *, model: str | None, new_detector: Callable[..., MTCNN], **others: Any
    ) -> Any:
        made = functools.partial(new_detector, model)
        return command(model=model, new_detector=made, **others)

    return setting_options(_MODEL(with_detector))


def setting_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the detector's options except --model to a command.

    The command gets `new_detector`, a function that makes a detector with these settings. Its
    arguments are the name or the folder of a model (None is the default one) and the number of
    threads where --threads is not given.
    """

    @functools.wraps(command)
    def with_settings(
        *,
        min_face_size: float,
        max_face_size: float | None,
        scale_factor: float,
        thresholds: Thresholds | None,
        preset: Preset | None,
        threads: int | None,
        providers: tuple[str, ...],
        engine: EngineName,
        precision: Precision,
        rotations: tuple[int, ...],
        **others: Any,
    ) -> Any:
        chosen = used_thresholds(thresholds)

        def new_detector(model: str | None, default_threads: int | None = None) -> MTCNN:
            from mtcnn_rt import MTCNN

            return MTCNN(
                min_face_size=min_face_size,
                scale_factor=scale_factor,
                thresholds=chosen,
                max_face_size=max_face_size,
                threads=default_threads if threads is None else threads,
                providers=list(providers) or None,
                model=model,
                engine=engine,
                precision=precision,
                preset=preset,
                rotations=rotations,
            )

        return command(new_detector=new_detector, **others)

    return add_options(with_settings, _OPTIONS)
