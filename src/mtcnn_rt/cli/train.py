"""Defines `mtcnn-rt train`: trains networks on annotated images."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import click

from mtcnn_rt._files.paths import is_there
from mtcnn_rt._packages import needs
from mtcnn_rt.cli.effects import refuse_without_effect
from mtcnn_rt.cli.messages import echo, notify
from mtcnn_rt.cli.option_kinds import Number, as_name, count_option, max_pixels_option, path_option
from mtcnn_rt.cli.progress import progress_bar
from mtcnn_rt.cli.signals import terminate_as_interrupt
from mtcnn_rt.cli.training_run import (
    make_run,
    plan_of,
    read_run,
    refuse_idle_workers,
    refuse_to_replace,
    settings_of,
)
from mtcnn_rt.model import NETWORKS

T = TypeVar("T")

_RESUMED = {"out", "resume", "device", "threads", "workers", "max_pixels"}
"""Parameters that have an effect with --resume."""


@click.command
@click.argument("networks", type=click.Choice(["all", *NETWORKS]), metavar="all|pnet|rnet|onet")
@path_option(
    "--data",
    multiple=True,
    metavar="PATH",
    help="File of annotations, folder with annotations.jsonl, or YOLO data set. May be repeated.",
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
    help="Format of the annotations: jsonl, coco, yolo, wider, retinaface, celeba or mtfl."
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
    type=as_name,
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
    type=Number(),
    metavar="RATIO",
    help="Share of a batch's face losses, the largest, that count; 1: all.  [default: 0.7]",
)
@click.option("--steps", type=int, metavar="N", help="Mini-batches to train each network on.")
@click.option(
    "--loss-weights",
    type=Number(),
    nargs=3,
    metavar="F B L",
    help="Weights of the losses of face, box and landmarks, for each network.",
)
@click.option(
    "--device", metavar="NAME", help="Device of PyTorch.  [default: cuda if available, else cpu]"
)
@count_option("--threads", most=1024, help="Threads to use.  [default: every core]")
@count_option(
    "--workers",
    most=256,
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
    Ctrl-C saves the state, and --resume continues. Needs PyTorch and the rest of the extra `train`.
    """
    if resume:
        refuse_without_effect("with --resume: the run keeps its settings", but=_RESUMED)
        plan, settings = read_run(out, networks)
    else:
        plan = plan_of(networks, data, images, form, split, init, scratch)
        settings = settings_of(settings_file, seed, ohem_ratio, steps, loss_weights)
        initial = plan.initial_model()  # raises before anything is written
        plan = replace(plan, init_sha256=initial.sha256 if initial else None)
        if is_there(out):
            what = "exists; --resume continues a run" if out.is_dir() else "is a file, not a folder"
            raise FileExistsError(f"{out} {what}")
    refuse_idle_workers(workers, settings)
    with needs("train"):
        import torch

        from mtcnn_rt.training import cascade  # imports all libraries that a training needs
        from mtcnn_rt.training.memory import keep_freed_memory
        from mtcnn_rt.training.plan import digest

    chosen = _device(device, torch.cuda.is_available())
    if threads is not None:
        torch.set_num_threads(threads)
    read, problems = plan.read_images(max_pixels)
    refuse_to_replace(out, plan, settings_file, read)
    for problem in problems:
        notify(problem)
    if not resume:
        make_run(out, replace(plan, data_sha256=digest(read)), settings)

    def report_problem(problem: str) -> None:
        if problem not in problems:  # the images are read again for each network
            problems.append(problem)
            notify(problem)

    keep_freed_memory()
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


def _device(name: str | None, has_cuda: bool) -> str:
    """Returns the device to use. Raises UsageError for one that is not available."""
    if name is None:
        return "cuda" if has_cuda else "cpu"
    if name != "cpu" and not (has_cuda and name.partition(":")[0] == "cuda"):
        raise click.UsageError(f"--device: {name!r} is not available")
    return name


def _show_progress(items: Sequence[T], title: str) -> Iterable[T]:
    """Yields the items and shows a progress bar, on a terminal."""
    from rich.console import Console
    from rich.progress import TextColumn

    with progress_bar(Console(stderr=True), TextColumn(title)) as bar:
        yield from bar.track(items)


def _report(line: str) -> None:
    """Prints a line to stderr."""
    echo(line, err=True)
