"""Plans, makes and reads the runs of `mtcnn-rt train`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from errno import ENOENT
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mtcnn_rt._files.addresses import ADDRESS, is_address
from mtcnn_rt._files.paths import is_there
from mtcnn_rt.cli.effects import is_given
from mtcnn_rt.cli.file_plan import FilePlan, model_files
from mtcnn_rt.model import NETWORKS

if TYPE_CHECKING:
    from mtcnn_rt.annotations import Annotated
    from mtcnn_rt.training.plan import Plan
    from mtcnn_rt.training.settings import Settings


def plan_of(
    networks: str,
    data: tuple[Path, ...],
    images: Path | None,
    form: str | None,
    split: str,
    init: str | None,
    scratch: bool,
) -> Plan:
    """Returns the plan of the options. Raises UsageError for options that contradict each other."""
    from mtcnn_rt.training.plan import Plan

    if not data:
        raise click.UsageError("--data is missing: annotated images to train on")
    if images is not None and len(data) > 1:
        raise click.UsageError("--images needs a single --data")
    if networks != "all" and init is None:
        raise click.UsageError(f"{networks} alone needs --init, which gives the other networks")
    if scratch and (networks == "all" or init is None):
        raise click.UsageError("--scratch needs a single network and --init")
    return Plan(
        networks=tuple(NETWORKS) if networks == "all" else (networks,),
        data=tuple(str(path.resolve()) for path in data),
        images=None if images is None else str(images.resolve()),
        format=form,
        split=split,
        init=None if init is None else _place_of(init),
        scratch=scratch,
    )


def _place_of(model: str) -> str:
    """Returns the name of a model in the package as it is, and else the whole path of a folder."""
    from mtcnn_rt.model import packaged_models

    names = packaged_models()
    if model in names:
        return model
    if is_address(model):
        raise click.UsageError(f"--init: {ADDRESS}")
    folder = Path(model).resolve()
    if not is_there(folder):
        reason = f"{os.strerror(ENOENT)}, and the package has: {', '.join(names)}"
        raise click.UsageError(f"--init: {folder / 'model.json'}: {reason}")
    return str(folder)


def settings_of(
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


def refuse_idle_workers(workers: int, settings: Settings) -> None:
    """Raises UsageError for --workers on the command line where one process alone mines."""
    from mtcnn_rt.training.settings_check import ONE_PASS

    if workers > 1 and is_given("workers") and settings.mining != ONE_PASS:
        raise click.UsageError(f"--workers needs mining = {ONE_PASS!r} in --settings")


def make_run(out: Path, plan: Plan, settings: Settings) -> None:
    """Makes the run's folder with its plan and settings."""
    from mtcnn_rt._files.finished import finished_folder, naming
    from mtcnn_rt.training.settings import as_toml

    with finished_folder(out) as temporary, naming(out):
        (temporary / "settings.toml").write_text(as_toml(settings), encoding="utf-8")
        (temporary / "run.json").write_text(plan.as_json(), encoding="utf-8")


def read_run(out: Path, networks: str) -> tuple[Plan, Settings]:
    """Reads the plan and the settings of a run. Raises ValueError if the folder has no run."""
    from mtcnn_rt.training.plan import read_plan
    from mtcnn_rt.training.settings import read_settings

    if not is_there(out / "run.json"):
        raise ValueError(f"{out}: has no run to resume")
    plan = read_plan(out / "run.json")
    if plan.networks != (tuple(NETWORKS) if networks == "all" else (networks,)):
        raise click.UsageError(f"{out} is a run of {' '.join(plan.networks)}, not of {networks}")
    return plan, read_settings(out / "settings.toml")


def refuse_to_replace(
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
