"""What the evaluations share: which detectors run on what, and how."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mtcnn_rt.cli.detector_options import setting_options
from mtcnn_rt.cli.evaluate.outputs import Outputs

if TYPE_CHECKING:
    from mtcnn_rt import MTCNN
    from mtcnn_rt.annotations import Annotations
    from mtcnn_rt.cli.evaluate.run import Detect

PUBLISHED = "published"
Named = tuple[str, Path]


class NamedPath(click.ParamType[Named]):
    """NAME=PATH; a path alone is its own name."""

    name = "name=path"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Named:
        name, equals, path = str(value).partition("=")
        if not name or (equals and not path):
            self.fail(f"expected NAME=PATH, not {value!r}", param, ctx)
        return name, Path(path or name)


@dataclass(frozen=True)
class Models:
    """The models that the user names. folders: by name, None is the published weights.
    new_detector: from a folder, with the settings given. settings: the same for the reader."""

    folders: Mapping[str, Path | None]
    new_detector: Callable[[Path | None], MTCNN]
    settings: str

    def detectors(self, others: Mapping[str, Path] | None = None) -> dict[str, Detect]:
        """Their detectors by name. Where no model is named it is the published weights, or none if
        there are `others` to evaluate.

        Raises what `MTCNN` raises, UsageError where a model and one of `others` have one name."""
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
        help=f"A model folder and its name in the results; several. '{PUBLISHED}' alone is the "
        f"published weights.  [default: {PUBLISHED}]",
    ),
    click.option("--json", "json_file", type=_FILE, help="Write numbers and curves as JSON."),
    click.option("--plot", type=_FILE, help="Write the curves as PNG."),
    click.option("--report", type=_FILE, help="Write a report as one HTML file."),
    click.option("--overwrite", is_flag=True, help="Replace outputs that exist."),
)

_DATA_OPTIONS = (
    click.option(
        "--data",
        type=click.Path(path_type=Path, exists=True),
        required=True,
        help="Annotations: a file in one of the formats of docs/evaluation.md, or a folder with "
        "annotations.jsonl.",
    ),
    click.option(
        "--images",
        type=click.Path(path_type=Path, exists=True),
        help="The folder, or tar, that has the images.  [default: beside the annotations]",
    ),
    click.option(
        "--format", "format_", metavar="NAME", help="Of the annotations.  [default: recognized]"
    ),
    click.option("--split", metavar="NAME", help="Only the images of this split."),
)


def detectors_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options of detectors and of the outputs to a command, which gets `models` and
    `outputs`."""

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
        return command(
            models=Models(folders, new_detector, settings),
            outputs=Outputs(json_file, plot, report, overwrite),
            **others,
        )

    with_all = setting_options(with_models)
    for option in reversed(_OPTIONS):
        with_all = option(with_all)
    return with_all


def data_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options of annotations to a command, which gets `data`, what they are called, and
    `read_data`, a function that reads them."""

    @functools.wraps(command)
    def with_data(
        *, data: Path, images: Path | None, format_: str | None, split: str | None, **others: Any
    ) -> Any:
        def read_data() -> Annotations:
            from mtcnn_rt.annotations import read_annotations

            return read_annotations(data, images=images, format=format_, split=split)

        called = f"{data}, split {split}" if split else str(data)
        return command(data=called, read_data=read_data, **others)

    for option in reversed(_DATA_OPTIONS):
        with_data = option(with_data)
    return with_data


def unique_names(option: str, given: Sequence[Named]) -> dict[str, Path]:
    """Raises UsageError where two have one name."""
    names = dict(given)
    if len(names) < len(given):
        raise click.UsageError(f"{option}: two have one name; name them with NAME=PATH")
    return names


def _settings(params: Mapping[str, Any]) -> str:
    thresholds = "/".join(f"{value:g}" for value in params["thresholds"])
    return f"min_face_size {params['min_face_size']:g}, thresholds {thresholds}"
