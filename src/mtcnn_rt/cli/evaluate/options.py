"""Defines the options that several evaluations share: data, models, settings and outputs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mtcnn_rt.cli.detector_options import setting_options
from mtcnn_rt.cli.evaluate.outputs import Outputs
from mtcnn_rt.cli.file_plan import FilePlan, model_files
from mtcnn_rt.cli.pixel_limit import max_pixels_option

if TYPE_CHECKING:
    from mtcnn_rt import MTCNN
    from mtcnn_rt.annotations import Annotations
    from mtcnn_rt.cli.evaluate.run import Detect

PUBLISHED = "published"
Named = tuple[str, Path]


class NamedPath(click.ParamType[Named]):
    """Parses NAME=PATH. A path alone is its own name."""

    name = "name=path"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Named:
        """Returns the name and the path; see `click.ParamType`."""
        name, equals, path = str(value).partition("=")
        if not name or (equals and not path):
            self.fail(f"expected NAME=PATH, not {value!r}", param, ctx)
        return name, Path(path or name)


@dataclass(frozen=True)
class Models:
    """Holds the models that the user names.

    Attributes:
        folders: The model folders by name. None is the published weights.
        new_detector: Makes a detector from a model folder, with the settings that the user gives.
        settings: A description of these settings for the reader.
    """

    folders: Mapping[str, Path | None]
    new_detector: Callable[[Path | None], MTCNN]
    settings: str

    def detectors(self, others: Mapping[str, Path] | None = None) -> dict[str, Detect]:
        """Makes the detectors of the models.

        Where no model is named, takes the published weights, or none if there are `others`.

        Args:
            others: Detections in files that are also evaluated, by name.

        Returns:
            The detectors by name.

        Raises:
            click.UsageError: A model and one of `others` have the same name.
            ValueError: A setting is out of range, or a model folder is wrong; see `MTCNN`.
            OSError: A model folder cannot be read.
        """
        for name in self.folders.keys() & (others or {}):
            raise click.UsageError(f"a model and detections are both called {name}")
        folders = self.folders if self.folders or others else {PUBLISHED: None}
        return {name: self.new_detector(folder).detect for name, folder in folders.items()}


_FILE = click.Path(path_type=Path, dir_okay=False)
_OPTIONS = (
    click.option(
        "--model",
        "models",
        type=NamedPath(),
        multiple=True,
        metavar="[NAME=]FOLDER",
        help=f"A model folder and its name in the table; several. '{PUBLISHED}' alone means the "
        f"published weights.  [default: {PUBLISHED}]",
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
        type=click.Path(path_type=Path, exists=True),
        required=True,
        help="Annotations: a file in one of the documented formats, or a folder with "
        "annotations.jsonl.",
    ),
    click.option(
        "--images",
        type=click.Path(path_type=Path, exists=True),
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
        models: tuple[Named, ...],
        json_file: Path | None,
        plot: Path | None,
        report: Path | None,
        overwrite: bool,
        new_detector: Callable[[Path | None], MTCNN],
        **others: Any,
    ) -> Any:
        folders = {
            name: None if (name, path) == (PUBLISHED, Path(PUBLISHED)) else path
            for name, path in unique_names("--model", models).items()
        }
        settings = _settings(click.get_current_context().params)
        plan = FilePlan({"--json": json_file, "--plot": plot, "--report": report})
        for folder in (None, *folders.values()):
            plan.add_inputs(model_files(folder))
        return command(
            models=Models(folders, new_detector, settings),
            outputs=Outputs(json_file, plot, report, overwrite, plan),
            **others,
        )

    with_all = setting_options(with_models)
    for option in reversed(_OPTIONS):
        with_all = option(with_all)
    return with_all


def data_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options of annotations to a command.

    Args:
        command: The command. It gets the keyword arguments `data`, the name of the annotations, and
            `read_data`, a function that adds their files to a plan and reads them.

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
        def read_data(plan: FilePlan) -> Annotations:
            from mtcnn_rt.annotations import read_annotations
            from mtcnn_rt.annotations.reading import files_of

            plan.add_inputs(files_of(data))
            read = read_annotations(
                data, images=images, format=format_, split=split, max_pixels=max_pixels
            )
            plan.add_inputs({image.image.path for image in read.images})
            return read

        called = f"{data}, split {split}" if split else str(data)
        return command(data=called, read_data=read_data, **others)

    for option in reversed(_DATA_OPTIONS):
        with_data = option(with_data)
    return with_data


def unique_names(option: str, given: Sequence[Named]) -> dict[str, Path]:
    """Checks that names are unique.

    Args:
        option: The option, for the message.
        given: Names and paths.

    Returns:
        The paths by name.

    Raises:
        click.UsageError: Two have the same name.
    """
    names = dict(given)
    if len(names) < len(given):
        raise click.UsageError(f"{option}: two have one name; name them with NAME=PATH")
    return names


def _settings(params: Mapping[str, Any]) -> str:
    thresholds = "/".join(f"{value:g}" for value in params["thresholds"])
    return f"min_face_size {params['min_face_size']:g}, thresholds {thresholds}"
