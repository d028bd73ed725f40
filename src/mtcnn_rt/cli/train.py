"""Defines `mtcnn-rt train`: trains networks on annotated images."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mtcnn_rt._extras import needs_extra
from mtcnn_rt.cli.file_plan import FilePlan, model_files
from mtcnn_rt.cli.messages import echo
from mtcnn_rt.cli.option_kinds import count_option, path_option
from mtcnn_rt.cli.pixel_limit import max_pixels_option
from mtcnn_rt.cli.progress import progress_bar
from mtcnn_rt.cli.signals import terminate_as_interrupt
from mtcnn_rt.model import NETWORKS

if TYPE_CHECKING:
    from mtcnn_rt.annotations import Annotated
    from mtcnn_rt.training.plan import Plan
    from mtcnn_rt.training.settings import Settings

T = TypeVar("T")


@click.command
@click.argument("networks", type=click.Choice(["all", *NETWORKS]), metavar="all|pnet|rnet|onet")
@path_option(
    "--data",
    multiple=True,
    metavar="PATH",
    help="File of annotations, or a folder with annotations.jsonl. May be repeated.",
)
@path_option(
    "--images",
    metavar="FOLDER",
    help="Folder of the images, for a single --data.  [default: beside the annotations]",
)
@click.option(
    "--format",
    "form",
    metavar="NAME",
    help="Format of the annotations: jsonl, wider, retinaface, celeba or mtfl."
    "  [default: recognized]",
)
@click.option(
    "--split",
    default="train",
    show_default=True,
    metavar="NAME",
    help="Split to train on; images of another split are left out.",
)
@path_option(
    "--out",
    required=True,
    metavar="FOLDER",
    help="Folder of the run; the model is written to FOLDER/model.",
)
@click.option(
    "--init",
    metavar="FOLDER|NAME",
    help="Model to start from: a model folder, or the name of a model in the package, such as "
    "published.  [default: random weights]",
)
@click.option(
    "--scratch",
    is_flag=True,
    help="Start the trained network from random weights; --init gives the others.",
)
@click.option("--resume", is_flag=True, help="Resume the run in --out with its settings.")
@path_option(
    "--settings",
    "settings_file",
    metavar="FILE",
    help="TOML file of settings, such as the settings.toml of another run.",
)
@click.option("--seed", type=int, metavar="N", help="Seed of all random numbers.  [default: 0]")
@click.option(
    "--ohem-ratio",
    type=float,
    metavar="RATIO",
    help="Share of a batch's face losses, the largest, that count; 1: all.  [default: 0.7]",
)
@click.option("--steps", type=int, metavar="N", help="Mini-batches to train each network on.")
@click.option(
    "--loss-weights",
    type=float,
    nargs=3,
    metavar="F B L",
    help="Weights of the losses of face, box and landmarks, for each network.",
)
@click.option(
    "--device", metavar="NAME", help="Device of PyTorch.  [default: cuda if available, else cpu]"
)
@count_option("--threads", help="Threads to use.  [default: every core]")
@count_option(
    "--workers",
    default=1,
    help="Processes that mine samples, with the setting mining = 'one pass'.",
)
@max_pixels_option
def command(
    networks: str,
    data: tuple[Path, ...],
    images: Path | None,
    form: str | None,
    split: str,
    out: Path,
    init: str | None,
    scratch: bool,
    resume: bool,
    settings_file: Path | None,
    seed: int | None,
    ohem_ratio: float | None,
    steps: int | None,
    loss_weights: tuple[float, float, float] | None,
    device: str | None,
    threads: int | None,
    workers: int,
    max_pixels: int,
) -> int:
    """Train the networks on annotated images.

    P-Net learns from random crops, R-Net and O-Net from what the networks before them accept. The
    result is the model folder FOLDER/model, for --model of the other commands.

    all trains the three networks in turn. A single network needs --init for the others.

    Images and annotations that cannot be read are reported and left out; the exit status is then 1.
    Ctrl-C saves the state, and --resume continues. Needs pip install 'mtcnn-rt[train]'.
    """
    if resume:
        _refuse_options_except("out", "resume", "device", "threads", "workers", "max_pixels")
        plan, settings = _read_run(out, networks)
    else:
        plan = _plan(networks, data, images, form, split, init, scratch)
        settings = _settings(settings_file, seed, ohem_ratio, steps, loss_weights)
        plan.initial_model()  # raises before anything is written
        if out.exists():
            raise FileExistsError(f"{out} exists; --resume continues a run")
    with needs_extra("train", "train"):
        import torch

        from mtcnn_rt.training import cascade  # imports all libraries that a training needs

    chosen = _device(device, torch.cuda.is_available())
    if threads is not None:
        torch.set_num_threads(threads)
    read, problems = plan.read_images(max_pixels)
    _refuse_to_replace(out, plan, settings_file, read)
    for problem in problems:
        _report(problem)
    if not resume:
        _make_run(out, plan, settings)

    def report_problem(problem: str) -> None:
        problems.append(problem)
        _report(problem)

    with terminate_as_interrupt():
        model = cascade.train(
            out,
            plan,
            settings,
            read,
            chosen,
            threads,
            _show_progress,
            _report,
            report_problem,
            workers,
        )
    echo(f"{model}: use it with --model, or MTCNN(model=...)")
    return 1 if problems else 0


def _refuse_to_replace(
    out: Path, plan: Plan, settings_file: Path | None, images: Sequence[Annotated]
) -> None:
    """Raises UsageError if the run would replace a file that it reads."""
    from mtcnn_rt.annotations.reading import files_of

    files = FilePlan({"--out": out})
    files.add_inputs(chain(*(files_of(Path(path)) for path in plan.data)))
    files.add_inputs({image.image.path for image in images})
    files.add_inputs([] if settings_file is None else [settings_file])
    if plan.init is not None:
        files.add_inputs(model_files(plan.init))
    for pattern in "*", "model/*":
        files.refuse_inputs_within("--out", out, pattern)


def _refuse_options_except(*names: str) -> None:
    """Raises UsageError for a given option that has no effect with --resume."""
    context = click.get_current_context()
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        given = source == click.core.ParameterSource.COMMANDLINE
        if given and isinstance(parameter, click.Option) and parameter.name not in names:
            raise click.UsageError(
                f"{parameter.opts[0]} has no effect with --resume: the run keeps its settings"
            )


def _device(name: str | None, has_cuda: bool) -> str:
    """Returns the device to use. Raises UsageError for one that is not available."""
    if name is None:
        return "cuda" if has_cuda else "cpu"
    if name != "cpu" and not (has_cuda and name.partition(":")[0] == "cuda"):
        raise click.UsageError(f"--device: {name!r} is not available")
    return name


def _plan(
    networks: str,
    data: tuple[Path, ...],
    images: Path | None,
    form: str | None,
    split: str,
    init: str | None,
    scratch: bool,
) -> Plan:
    """Returns the plan of the options. Raises UsageError for options that contradict each other."""
    from mtcnn_rt.model import packaged_models
    from mtcnn_rt.training.plan import Plan

    if not data:
        raise click.UsageError("--data is missing: annotated images to train on")
    if images is not None and len(data) > 1:
        raise click.UsageError("--images needs a single --data")
    if networks != "all" and init is None:
        raise click.UsageError(f"{networks} alone needs --init, which gives the other networks")
    if scratch and (networks == "all" or init is None):
        raise click.UsageError("--scratch needs a single network and --init")
    if init is not None and init not in packaged_models():
        init = str(Path(init).resolve())
    return Plan(
        networks=tuple(NETWORKS) if networks == "all" else (networks,),
        data=tuple(str(path.resolve()) for path in data),
        images=None if images is None else str(images.resolve()),
        format=form,
        split=split,
        init=init,
        scratch=scratch,
    )


def _settings(
    file: Path | None,
    seed: int | None,
    ohem_ratio: float | None,
    steps: int | None,
    loss_weights: tuple[float, float, float] | None,
) -> Settings:
    """Returns the settings of the file, or the defaults, with the values of the options."""
    from mtcnn_rt.training.settings import Settings, read_settings, settings_from

    for_all = {"seed": seed, "ohem_ratio": ohem_ratio}
    for_each = {"steps": steps, "loss_weights": loss_weights}
    table: dict[str, Any] = {name: value for name, value in for_all.items() if value is not None}
    values = {name: value for name, value in for_each.items() if value is not None}
    table |= {network: values for network in NETWORKS}
    return settings_from(table, Settings() if file is None else read_settings(file))


def _make_run(out: Path, plan: Plan, settings: Settings) -> None:
    """Makes the run's folder with its plan and settings."""
    from mtcnn_rt._files import finished_folder
    from mtcnn_rt.training.settings import as_toml

    with finished_folder(out) as temporary:
        (temporary / "settings.toml").write_text(as_toml(settings), encoding="utf-8")
        (temporary / "run.json").write_text(plan.as_json(), encoding="utf-8")


def _read_run(out: Path, networks: str) -> tuple[Plan, Settings]:
    """Reads the plan and the settings of a run. Raises ValueError if the folder has no run."""
    from mtcnn_rt.training.plan import read_plan
    from mtcnn_rt.training.settings import read_settings

    if not (out / "run.json").exists():
        raise ValueError(f"{out}: has no run to resume")
    plan = read_plan(out / "run.json")
    if plan.networks != (tuple(NETWORKS) if networks == "all" else (networks,)):
        raise click.UsageError(f"{out} is a run of {' '.join(plan.networks)}, not of {networks}")
    return plan, read_settings(out / "settings.toml")


def _show_progress(items: Sequence[T], title: str) -> Iterable[T]:
    """Yields the items and shows a progress bar, on a terminal."""
    from rich.console import Console
    from rich.progress import TextColumn

    with progress_bar(Console(stderr=True), TextColumn(title)) as bar:
        yield from bar.track(items)


def _report(line: str) -> None:
    """Prints a line to stderr."""
    echo(line, err=True)
