"""Defines the options that several evaluations share: data, models, settings and outputs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mtcnn_rt._comparison.single_shot.choice import (
    KINDS,
    SYNTAX,
    NamedPeer,
    parse_peer,
    unique_peers,
)
from mtcnn_rt._defaults import DEFAULT_MODEL, PRESET
from mtcnn_rt.cli.detector_options import setting_options
from mtcnn_rt.cli.evaluate.outputs import Outputs
from mtcnn_rt.cli.file_plan import FilePlan, model_files
from mtcnn_rt.cli.pixel_limit import max_pixels_option

if TYPE_CHECKING:
    from mtcnn_rt import MTCNN
    from mtcnn_rt.annotations import Annotations
    from mtcnn_rt.cli.evaluate.run import Detect

Named = tuple[str, Path]
P = TypeVar("P", str, Path)


class NamedPath(click.ParamType[Named]):
    """Parses NAME=PATH. A path alone is its own name."""

    name = "name=path"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Named:
        """Returns the name and the path; see `click.ParamType`."""
        name, path = _split(self, value, param, ctx)
        return name, Path(path)


class NamedModel(click.ParamType[tuple[str, str]]):
    """Parses NAME=MODEL. A model alone, its name in the package or its folder, is its own name."""

    name = "name=model"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Returns the name and the model; see `click.ParamType`."""
        return _split(self, value, param, ctx)


def _split(
    kind: click.ParamType[Any],
    value: Any,
    param: click.Parameter | None,
    ctx: click.Context | None,
) -> tuple[str, str]:
    name, equals, path = str(value).partition("=")
    if not name or (equals and not path):
        kind.fail(f"expected NAME=PATH, not {value!r}", param, ctx)
    return name, path or name


@dataclass(frozen=True)
class Models:
    """Holds the models and the other detectors that the user names.

    Attributes:
        models: The models by their names in the table: names in the package, or folders. None is
            the default model.
        new_detector: Makes a detector from such a model, with the settings that the user gives.
        settings: A description of these settings for the reader.
        peers: The other detectors.
        threads: The number of threads of the other detectors; None is one for each core.
    """

    models: Mapping[str, str | None]
    new_detector: Callable[[str | None], MTCNN]
    settings: str
    peers: Sequence[NamedPeer] = ()
    threads: int | None = None

    def about(self) -> dict[str, str]:
        """Returns descriptions of the models' settings and of the other detectors, by name."""
        others = "; ".join(_described(peer) for peer in self.peers)
        return {
            **({"detector": self.settings} if self.models or not self.peers else {}),
            **({"other detectors": others} if others else {}),
        }

    def thresholds(self) -> dict[str, float]:
        """Returns the least scores at which the other detectors usually report a face, by name.

        The models have none: what they find has passed the thresholds of the cascade.
        """
        return {peer.name: peer.threshold for peer in self.peers}

    def detectors(self, others: Mapping[str, Path] | None = None) -> dict[str, Detect]:
        """Makes the detectors of the models, and the other detectors.

        Where no model is named, takes the default model, or none if there are `others` or other
        detectors. The other detectors return all faces down to a low score, for the curves.

        Args:
            others: Detections in files that are also evaluated, by name.

        Returns:
            The detectors by name.

        Raises:
            click.UsageError: Two of the models, the other detectors and `others` have one name.
            ValueError: A setting is out of range, or a model folder or a network is wrong; see
                `MTCNN`.
            OSError: A model folder or a network cannot be read.
            ImportError: One of the other detectors cannot run here.
        """
        for name in self.models.keys() & (others or {}):
            raise click.UsageError(f"a model and detections are both called {name}")
        for peer in self.peers:
            if peer.name in self.models or peer.name in (others or {}):
                raise click.UsageError(f"--peer: another detector is called {peer.name}")
        models = self.models if self.models or others or self.peers else {DEFAULT_MODEL: None}
        own = {name: self.new_detector(model).detect for name, model in models.items()}
        return own | self._open_peers()

    def _open_peers(self) -> dict[str, Detect]:
        from mtcnn_rt._cores import usable_cores

        threads = self.threads or usable_cores()
        return {peer.name: peer.load(threads) for peer in self.peers}


class PeerType(click.ParamType[NamedPeer]):
    """Parses [NAME:]KIND[@SIDE][=FILE]."""

    name = "peer"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> NamedPeer:
        """Returns the detector's description; see `click.ParamType`."""
        if isinstance(value, NamedPeer):
            return value
        try:
            return parse_peer(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


_FILE = click.Path(path_type=Path, dir_okay=False)
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

    with_all = setting_options(with_models)
    for option in reversed(_OPTIONS):
        with_all = option(with_all)
    return with_all


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

    for option in reversed(_DATA_OPTIONS):
        with_data = option(with_data)
    return with_data


def unique_names(option: str, given: Sequence[tuple[str, P]]) -> dict[str, P]:
    """Checks that names are unique.

    Args:
        option: The option, for the message.
        given: Names, and paths or models.

    Returns:
        The paths or models by name.

    Raises:
        click.UsageError: Two have the same name.
    """
    names = dict(given)
    if len(names) < len(given):
        raise click.UsageError(f"{option}: two have one name; name them with NAME=PATH")
    return names


def _settings(params: Mapping[str, Any]) -> str:
    given, preset = params["thresholds"], params["preset"] or PRESET
    thresholds = "/".join(f"{value:g}" for value in given) if given else f"of preset {preset}"
    return f"min_face_size {params['min_face_size']:g}, thresholds {thresholds}"


def _described(peer: NamedPeer) -> str:
    size = "the image's own size" if peer.side is None else f"longer side {peer.side} pixels"
    file = () if peer.path is None else (str(peer.path),)
    return f"{peer.name}: {', '.join((peer.kind, size, *file))}"
