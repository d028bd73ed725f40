"""Defines the options that several evaluations share: data, models, settings and outputs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mtcnn_rt._comparison.single_shot.choice import KINDS, SYNTAX, NamedPeer, unique_peers
from mtcnn_rt._defaults import DEFAULT_MODEL, PRESET
from mtcnn_rt.cli.detector_options import setting_options, used_thresholds
from mtcnn_rt.cli.evaluate.models import Models
from mtcnn_rt.cli.evaluate.named import NamedModel, NamedPath, PeerType, unique_names
from mtcnn_rt.cli.evaluate.outputs import Outputs
from mtcnn_rt.cli.file_plan import FilePlan, model_files
from mtcnn_rt.cli.option_kinds import Command, PathType, add_options, max_pixels_option

if TYPE_CHECKING:
    from mtcnn_rt import MTCNN
    from mtcnn_rt.annotations import Annotations

_FILE = PathType(dir_okay=False)
_OPTIONS = (
    click.option(
        "--model",
        "models",
        type=NamedModel(),
        multiple=True,
        metavar="[NAME=]MODEL",
        help="A model, by its name in the package or its folder, and its name in the table; "
        f"several.  [default: {DEFAULT_MODEL}]",
    ),
    click.option(
        "--peer",
        "peers",
        type=PeerType(),
        multiple=True,
        metavar=SYNTAX,
        help=f"Another detector and its network file; several. KIND is one of {', '.join(KINDS)} "
        "(no file). With SIDE the longer side of every image is resized to so many pixels.",
    ),
    click.option(
        "--json", "json_file", type=_FILE, help="Write the numbers and the curves as JSON."
    ),
    click.option("--plot", type=_FILE, help="Write an image of the curves as PNG."),
    click.option("--report", type=_FILE, help="Write a report as one HTML file."),
    click.option("--overwrite", is_flag=True, help="Replace output files that exist."),
)

_DATA_OPTIONS = (
    click.option(
        "--data",
        type=PathType(exists=True),
        required=True,
        help="Annotations: a file in one of the documented formats, a folder with "
        "annotations.jsonl, or a YOLO data set.",
    ),
    click.option(
        "--images",
        type=PathType(exists=True),
        help="The folder or tar file of the images.  [default: beside the annotations]",
    ),
    click.option(
        "--format",
        "format_",
        metavar="NAME",
        help="Format of the annotations.  [default: recognized by their content]",
    ),
    click.option("--split", metavar="NAME", help="Use only the images of this split."),
    max_pixels_option,
)


def detections_option(metavar: str, help: str) -> Callable[[Command], Command]:
    """Returns the option of detections in files, whose value is their paths by name.

    Args:
        metavar: The placeholder of the value in the help.
        help: The help.
    """
    return click.option(
        "--detections",
        type=NamedPath(),
        multiple=True,
        callback=lambda context, parameter, given: unique_names("--detections", given),
        metavar=metavar,
        help=help,
    )


def detectors_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options of detectors and outputs to a command.

    Args:
        command: The command. It gets the keyword arguments `models` (`Models`) and `outputs`
            (`Outputs`).

    Returns:
        The command with the options.
    """

    @functools.wraps(command)
    def with_models(
        *,
        models: tuple[tuple[str, str], ...],
        peers: tuple[NamedPeer, ...],
        json_file: Path | None,
        plot: Path | None,
        report: Path | None,
        overwrite: bool,
        new_detector: Callable[[str | None], MTCNN],
        **others: Any,
    ) -> Any:
        try:
            other_detectors = unique_peers(peers)
        except ValueError as error:
            raise click.UsageError(f"--peer: {error}") from error
        params = click.get_current_context().params
        named = unique_names("--model", models)
        plan = FilePlan({"--json": json_file, "--plot": plot, "--report": report})
        for folder in (None, *named.values()):
            plan.add_inputs(model_files(folder))
        return command(
            models=Models(
                named, new_detector, _settings(params), other_detectors, params["threads"]
            ),
            outputs=Outputs(json_file, plot, report, overwrite, plan),
            **others,
        )

    return add_options(setting_options(with_models), _OPTIONS)


def data_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options of annotations to a command.

    Args:
        command: The command. It gets the keyword arguments `data`, the name of the annotations, and
            `read_data`, a function that adds their files to a plan and reads them. Its second
            argument is True to accept annotations without faces; see `read_annotations`.

    Returns:
        The command with the options.
    """

    @functools.wraps(command)
    def with_data(
        *,
        data: Path,
        images: Path | None,
        format_: str | None,
        split: str | None,
        max_pixels: int,
        **others: Any,
    ) -> Any:
        def read_data(plan: FilePlan, faceless: bool = False) -> Annotations:
            from mtcnn_rt.annotations import read_annotations
            from mtcnn_rt.annotations.reading import files_of

            plan.add_inputs(files_of(data))
            read = read_annotations(
                data,
                images=images,
                format=format_,
                split=split,
                max_pixels=max_pixels,
                faceless=faceless,
            )
            plan.add_inputs({image.image.path for image in read.images})
            return read

        called = f"{data}, split {split}" if split else str(data)
        return command(data=called, read_data=read_data, **others)

    return add_options(with_data, _DATA_OPTIONS)


def _settings(params: Mapping[str, Any]) -> str:
    given, preset = used_thresholds(params["thresholds"]), params["preset"] or PRESET
    thresholds = "/".join(f"{value:g}" for value in given) if given else f"of preset {preset}"
    return f"min_face_size {params['min_face_size']:g}, thresholds {thresholds}"
