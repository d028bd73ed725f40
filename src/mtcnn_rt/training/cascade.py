"""Trains the cascade, network after network, in the folder of a run.

The folder holds:

- `settings.toml`: the settings.
- `run.json`: the plan, see `plan`.
- `held_out.jsonl`: the average precision on held-out images, with `watch_every`, see `watch`.
- `log.jsonl`: the course of the training, see `log`, with its plots `loss.png`, `accuracy.png` and
  `learning_rate.png`.
- `pnet/`, `rnet/`, `onet/`: `samples.npy` and `checkpoint.pt` of each network that is trained.
- `model/`: the result, a model folder.
"""

from __future__ import annotations

import copy
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from mtcnn_rt._packages import importing

with importing(__name__):
    import torch

    from mtcnn_rt._images.resizing import resize_by
    from mtcnn_rt.training.plots import plot

from mtcnn_rt._files.paths import is_there, path_of
from mtcnn_rt._layers import FeatureStatistics
from mtcnn_rt.annotations import Annotated
from mtcnn_rt.conversion.folder import write_model_folder
from mtcnn_rt.detector import MTCNN
from mtcnn_rt.images import Image, as_image
from mtcnn_rt.model import Model
from mtcnn_rt.training.averaging import blend
from mtcnn_rt.training.batches import Batches, open_samples
from mtcnn_rt.training.distillation.batches import TaughtBatches
from mtcnn_rt.training.distillation.losses import taught_losses
from mtcnn_rt.training.distillation.miner import Miner
from mtcnn_rt.training.distillation.mining import mine_in_one_pass
from mtcnn_rt.training.distillation.samples import taught_dtype
from mtcnn_rt.training.holdout import split_images
from mtcnn_rt.training.layers import from_layers, to_layers
from mtcnn_rt.training.log import Log
from mtcnn_rt.training.loop import Objective, Run, fit
from mtcnn_rt.training.mining import ShowProgress, mine, mining_detector, refuse_negatives_alone
from mtcnn_rt.training.networks import NETWORKS, Network
from mtcnn_rt.training.part_files import remove_parts
from mtcnn_rt.training.plan import Plan
from mtcnn_rt.training.reading import read_whole
from mtcnn_rt.training.settings import Settings
from mtcnn_rt.training.settings_check import ONE_PASS
from mtcnn_rt.training.statistics import feature_statistics
from mtcnn_rt.training.watch import HeldOutWatch, choose_images

Networks = Mapping[str, Network]
"""The three networks by their names."""

PHOTOGRAPHS, LONGEST_SIDE = 40, 640
"""Number of the photographs, spread over the images and shrunk to this size in pixels, in which
P-Net's features are measured: far fewer change the statistics little."""


def train(
    folder: str | os.PathLike[str],
    plan: Plan,
    settings: Settings,
    images: Sequence[Annotated],
    device: str = "cpu",
    threads: int | None = None,
    show_progress: ShowProgress[Any] = lambda items, _: items,
    report: Callable[[str], None] = lambda line: None,
    report_problem: Callable[[str], None] = lambda line: None,
    workers: int = 1,
) -> Path:
    """Trains the networks of a plan.

    Args:
        folder: The run's folder; work that is done there already is not repeated.
        plan: Networks and initial model.
        settings: Settings of the training.
        images: The annotated images, of which `settings.holdout` are not trained on.
        device: PyTorch's device, such as "cpu" or "cuda".
        threads: Threads of the detector that mines; None: one for every core.
        show_progress: Yields the items of a sequence and shows the progress, under a title.
        report: Receives a line about the samples of each network.
        report_problem: Receives a line about each image that cannot be read.
        workers: Processes that mine, in one pass; the samples do not depend on their number.

    Returns:
        The model folder.

    Raises:
        KeyboardInterrupt: There was an interrupt; everything is saved that another call needs to
            resume.
        ValueError: The data has no samples of faces, the initial model has no plain weights, or a
            file in the folder does not belong to this run.
    """
    folder = path_of(folder, written=True)
    init = plan.initial_model()
    networks = initial_networks(plan, settings, init)
    log = Log(folder / "log.jsonl")
    images, held_out = split_images(images, settings.holdout)
    watch = _watch(folder, networks, held_out, settings)
    trained = tuple(name for name in plan.networks if not settings.of(name).keep)
    if init is None and trained != plan.networks:
        raise ValueError("keep: a network that keeps its weights needs an initial model")
    if init is not None and (lost := left_out_of(init)):
        names = ", ".join(lost)
        report(f"the result does not have {names} of {init.name}, made for its networks alone")
    files = {name: folder / name / "samples.npy" for name in trained}
    if settings.mining == ONE_PASS:
        model = None if init is None else str(init.path)
        miner = Miner(settings, trained, model)
        left_out = mine_in_one_pass(images, miner, files, workers, show_progress)
        for problem in left_out:
            report_problem(problem)
        refuse_negatives_alone(files, left_out, len(images))
    for name, samples in files.items():
        if is_there(samples):
            remove_parts(samples)
        else:
            detector = None if name == "pnet" else _mining_detector(networks, settings, threads)
            left_out = mine(images, name, settings, detector, samples, show_progress)
            for problem in left_out:
                report_problem(problem)
            refuse_negatives_alone({name: samples}, left_out, len(images))
        batches = _batches(samples, name, settings)
        report(f"{name}: {batches.summary()}")
        checkpoint, on = samples.with_name("checkpoint.pt"), torch.device(device)
        objective = _objective(name, settings)
        run = Run(name, settings, checkpoint, log, on, show_progress, objective, watch)
        _fit_and_blend(networks[name], batches, run)
    statistics = _statistics(init, networks, settings, images)
    name, offset = folder.resolve().name, _box_offset(init, trained, settings)
    write_model(folder / "model", networks, name, plan.source(), offset, statistics)
    plot(log, folder)  # last: what goes wrong here must not cost the model
    return folder / "model"


def initial_networks(plan: Plan, settings: Settings, init: Model | None) -> dict[str, Network]:
    """Returns the three networks before the training.

    Args:
        plan: The plan; with `scratch` its networks get random weights.
        settings: Settings, of which the seed decides the random weights.
        init: The initial model; None: all weights are random.

    Returns:
        The networks by their names.

    Raises:
        ValueError: The model folder has no plain weights.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        return {name: _initial_network(name, plan, init) for name in NETWORKS}


def left_out_of(init: Model) -> list[str]:
    """Returns what the result lacks of an initial model, by the entries of model.json.

    Networks and a score beyond the paper fit the networks that they were made for. Presets are not
    among them: they are thresholds to choose from.
    """
    values = [init.score, init.nms_after_calibration, init.nms_output, init.sure_score]
    entries = ("score", "nms_after_calibration", "nms_output", "sure_score")
    given = [entry for entry, value in zip(entries, values, strict=True) if value is not None]
    return [*init.extra_networks, *given]


def _initial_network(name: str, plan: Plan, init: Model | None) -> Network:
    if init is None or (plan.scratch and name in plan.networks):
        return NETWORKS[name]()
    layers = init.networks[name].layers
    if layers is None:
        raise ValueError(f"{init.path}: has no plain weights of {name} to start from")
    return from_layers(name, layers)


def _box_offset(init: Model | None, trained: Sequence[str], settings: Settings) -> float:
    """Returns the offset of the initial model's boxes, as far as the result has its O-Net.

    O-Net gives the final boxes.
    """
    share = settings.onet.initial_share if "onet" in trained else 1.0
    return 0.0 if init is None else share * init.box_offset


def _fit_and_blend(network: Network, batches: Batches, run: Run) -> None:
    """Trains a network, and keeps the share of its initial weights that the settings have."""
    initial = copy.deepcopy(network.state_dict())
    fit(network, batches, run)
    if share := run.settings.of(run.name).initial_share:
        blend(network, initial, share)


def _statistics(
    init: Model | None, networks: Networks, settings: Settings, images: Sequence[Annotated]
) -> FeatureStatistics | None:
    """Returns the statistics of P-Net: those of the initial model if its P-Net is kept."""
    if init is not None and settings.pnet.keep:
        return init.networks["pnet"].statistics
    return feature_statistics(networks["pnet"].cpu(), _photographs(images))


def _photographs(images: Sequence[Annotated]) -> Iterator[Image]:
    """Yields photographs to measure P-Net's features in."""
    for annotated in images[:: max(1, -(-len(images) // PHOTOGRAPHS))]:
        try:
            pixels = read_whole(annotated)
        except (OSError, ValueError):
            continue  # mining has reported it
        scale = min(1.0, LONGEST_SIDE / max(pixels.shape))
        yield as_image(resize_by(pixels, scale))


def write_model(
    folder: Path,
    networks: Networks,
    name: str,
    source: str,
    box_offset: float = 0.0,
    statistics: FeatureStatistics | None = None,
) -> None:
    """Writes networks as a model folder, in place of an earlier one.

    Args:
        folder: The folder to write.
        networks: The three networks.
        name: Name of the model.
        source: Origin of the weights, for people.
        box_offset: See `write_model_folder`.
        statistics: See `write_model_folder`.
    """
    write_model_folder(
        folder,
        {name: to_layers(name, network) for name, network in networks.items()},
        name=name,
        license="unknown",
        source=source,
        box_offset=box_offset,
        statistics=statistics,
        overwrite=True,
    )


def _watch(
    folder: Path, networks: Networks, held_out: Sequence[Annotated], settings: Settings
) -> HeldOutWatch | None:
    """Returns what watches the networks; None if nothing does."""
    if not settings.watch_every:
        return None

    def write(model: Path, chosen: Networks) -> None:
        on_cpu = {name: copy.deepcopy(network).cpu() for name, network in chosen.items()}
        write_model(model, on_cpu, "watched", "a training")

    images = choose_images(held_out, settings.watch_images)
    log = Log(folder / "held_out.jsonl")
    return HeldOutWatch(networks, images, log, settings.min_face_size, write)


def _objective(name: str, settings: Settings) -> Objective | None:
    """Returns what computes the losses; None: those of the paper."""
    if settings.mining != ONE_PASS:
        return None
    return partial(taught_losses, settings=settings.of(name), ohem_ratio=settings.ohem_ratio)


def _batches(file: Path, name: str, settings: Settings) -> Batches:
    """Returns the mini-batches of a network."""
    network = settings.of(name)
    size, seed, strength = (
        network.batch_size or settings.batch_size,
        settings.seed,
        settings.recolor,
    )
    if settings.mining == ONE_PASS:
        samples = open_samples(file, name, taught_dtype(name))
        return TaughtBatches(samples, name, size, seed, network.shares, strength, network.erased)
    return Batches(open_samples(file, name), name, size, seed, strength, settings.ratio)


def _mining_detector(networks: Networks, settings: Settings, threads: int | None) -> MTCNN:
    """Returns the detector as far as it is trained."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "model"
        write_model(folder, networks, "mining", "a training")
        return mining_detector(folder, settings, threads)
