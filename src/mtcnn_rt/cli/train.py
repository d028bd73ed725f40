"""`mtcnn-rt train`: networks of one's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mtcnn_rt._extras import needs_extra
from mtcnn_rt.cli.options import progress_bar
from mtcnn_rt.cli.signals import terminate_as_interrupt
from mtcnn_rt.model import NETWORKS

if TYPE_CHECKING:
    from mtcnn_rt.training.plan import Plan
    from mtcnn_rt.training.settings import Settings

T = TypeVar("T")


@click.command
@click.argument("networks", type=click.Choice(["all", *NETWORKS]), metavar="all|pnet|rnet|onet")
@click.option(
    "--data",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Annotations, or a folder that has annotations.jsonl; several are joined.",
)
@click.option(
    "--images",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Where the images of the only --data are.  [default: beside the annotations]",
)
@click.option(
    "--format",
    "form",
    metavar="NAME",
    help="Of the annotations: jsonl, wider, retinaface, celeba, mtfl.  [default: recognized]",
)
@click.option(
    "--split",
    default="train",
    show_default=True,
    metavar="NAME",
    help="Images of another split are left out.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="The run's folder; the model comes into FOLDER/model.",
)
@click.option(
    "--init",
    metavar="FOLDER|published",
    help="A model to begin with.  [default: begin with chance]",
)
@click.option(
    "--scratch",
    is_flag=True,
    help="Begin the trained network with chance; --init has the others.",
)
@click.option("--resume", is_flag=True, help="Go on with the run in --out, as it was begun.")
@click.option(
    "--settings",
    "settings_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Settings in TOML, such as the settings.toml of another run.",
)
@click.option("--seed", type=int, metavar="N", help="Of all that is random.  [default: 0]")
@click.option(
    "--ohem-ratio",
    type=float,
    metavar="RATIO",
    help="Share of a batch's face losses, the highest, that count; 1: all.  [default: 0.7]",
)
@click.option("--steps", type=int, metavar="N", help="Mini-batches a network.")
@click.option(
    "--loss-weights",
    type=float,
    nargs=3,
    metavar="F B L",
    help="Of face, box and landmarks, in each network.",
)
@click.option("--device", metavar="NAME", help="PyTorch's.  [default: cuda where there is one]")
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    metavar="N",
    help="Threads to use.  [default: every core]",
)
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
) -> int:
    """Train the networks on annotated images.

    P-Net learns from random crops, R-Net and O-Net from what the networks before them let through.
    The result, FOLDER/model, is what --model of the other commands takes.

    all trains the three, one after the other. A single network needs --init, for the others.

    What cannot be read is named and left out, and the exit status is 1. Ctrl-C saves, --resume goes
    on. Needs pip install 'mtcnn-rt[train]'.
    """
    if resume:
        _refuse_others_than("out", "resume", "device", "threads")
        plan, settings = _begun(out, networks)
    else:
        plan = _plan(networks, data, images, form, split, init, scratch)
        settings = _settings(settings_file, seed, ohem_ratio, steps, loss_weights)
        plan.initial_model()  # to be refused before anything is written
        if out.exists():
            raise FileExistsError(f"{out} exists; --resume goes on with a run")
    with needs_extra("train", "train"):
        import torch

        from mtcnn_rt.training import cascade  # imports what the end of a training needs, too

    chosen = _device(device, torch.cuda.is_available())
    if threads is not None:
        torch.set_num_threads(threads)
    read, problems = plan.read_images()
    for problem in problems:
        _tell(problem)
    if not resume:
        _begin(out, plan, settings)

    def warn(problem: str) -> None:
        problems.append(problem)
        _tell(problem)

    with terminate_as_interrupt():
        model = cascade.train(out, plan, settings, read, chosen, threads, _track, _tell, warn)
    click.echo(f"{model}: use it with --model, or MTCNN(model=...)")
    return 1 if problems else 0


def _refuse_others_than(*names: str) -> None:
    """Raises UsageError for an option given that has no effect with --resume."""
    context = click.get_current_context()
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        given = source == click.core.ParameterSource.COMMANDLINE
        if given and isinstance(parameter, click.Option) and parameter.name not in names:
            raise click.UsageError(
                f"{parameter.opts[0]} has no effect with --resume: the run goes on as it was begun"
            )


def _device(name: str | None, has_cuda: bool) -> str:
    """Raises UsageError for a device that there is not."""
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
    from mtcnn_rt.training.plan import PUBLISHED, Plan

    if not data:
        raise click.UsageError("--data is missing: annotated images to learn from")
    if images is not None and len(data) > 1:
        raise click.UsageError("--images goes with one --data only")
    if networks != "all" and init is None:
        raise click.UsageError(f"{networks} alone needs --init, which has the other networks")
    if scratch and (networks == "all" or init is None):
        raise click.UsageError("--scratch is for a single network, with --init")
    return Plan(
        networks=tuple(NETWORKS) if networks == "all" else (networks,),
        data=tuple(str(path.resolve()) for path in data),
        images=None if images is None else str(images.resolve()),
        format=form,
        split=split,
        init=init if init in (None, PUBLISHED) else str(Path(init).resolve()),
        scratch=scratch,
    )


def _settings(
    file: Path | None,
    seed: int | None,
    ohem_ratio: float | None,
    steps: int | None,
    loss_weights: tuple[float, float, float] | None,
) -> Settings:
    """Those of the file, or the defaults, with those of the options."""
    from mtcnn_rt.training.settings import Settings, read_settings, settings_of

    for_all = {"seed": seed, "ohem_ratio": ohem_ratio}
    for_each = {"steps": steps, "loss_weights": loss_weights}
    table: dict[str, Any] = {name: value for name, value in for_all.items() if value is not None}
    values = {name: value for name, value in for_each.items() if value is not None}
    table |= {network: values for network in NETWORKS}
    return settings_of(table, Settings() if file is None else read_settings(file))


def _begin(out: Path, plan: Plan, settings: Settings) -> None:
    """Makes the run's folder."""
    from mtcnn_rt._files import finished_folder
    from mtcnn_rt.training.settings import as_toml

    with finished_folder(out) as temporary:
        (temporary / "settings.toml").write_text(as_toml(settings), encoding="utf-8")
        (temporary / "run.json").write_text(plan.as_json(), encoding="utf-8")


def _begun(out: Path, networks: str) -> tuple[Plan, Settings]:
    """The plan and the settings of a run. Raises ValueError where there is none in the folder."""
    from mtcnn_rt.training.plan import read_plan
    from mtcnn_rt.training.settings import read_settings

    if not (out / "run.json").exists():
        raise ValueError(f"{out}: there is no run to go on with")
    plan = read_plan(out / "run.json")
    if plan.networks != (tuple(NETWORKS) if networks == "all" else (networks,)):
        raise click.UsageError(f"{out} is a run of {' '.join(plan.networks)}, not of {networks}")
    return plan, read_settings(out / "settings.toml")


def _track(items: Sequence[T], what: str) -> Iterable[T]:
    """Goes through the items with a progress bar, on a terminal."""
    from rich.console import Console
    from rich.progress import TextColumn

    with progress_bar(Console(stderr=True), TextColumn(what)) as bar:
        yield from bar.track(items)


def _tell(line: str) -> None:
    click.echo(line, err=True)
