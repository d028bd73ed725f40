"""The training of the cascade, network after network, in the folder of a run:

settings.toml       the settings
run.json            what the run was asked for
log.jsonl           how it goes, see `log`; loss.png, accuracy.png, learning_rate.png: its plots
pnet/ rnet/ onet/   samples.npy and checkpoint.pt of each network that is trained
model/              the result, a model folder
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import torch

from mtcnn_rt._layers import FeatureStatistics
from mtcnn_rt.annotations import Annotated
from mtcnn_rt.conversion.folder import write_model_folder
from mtcnn_rt.detector import MTCNN
from mtcnn_rt.images import Image, as_image
from mtcnn_rt.model import Model
from mtcnn_rt.training.batches import Batches, open_samples
from mtcnn_rt.training.layers import from_layers, to_layers
from mtcnn_rt.training.log import Log
from mtcnn_rt.training.loop import Run, fit
from mtcnn_rt.training.mining import Progress, mine
from mtcnn_rt.training.networks import NETWORKS, Network
from mtcnn_rt.training.plan import Plan
from mtcnn_rt.training.plots import plot
from mtcnn_rt.training.settings import Settings
from mtcnn_rt.training.statistics import feature_statistics

Networks = Mapping[str, Network]

PHOTOGRAPHS, LONGEST_SIDE = 40, 640
"""From which, spread over the images and shrunk to that size, the statistics of P-Net's features
come: far fewer change them little."""


def train(
    folder: Path,
    plan: Plan,
    settings: Settings,
    images: Sequence[Annotated],
    device: str = "cpu",
    threads: int | None = None,
    progress: Progress[Any] = lambda items, _: items,
    tell: Callable[[str], None] = lambda line: None,
    warn: Callable[[str], None] = lambda line: None,
) -> Path:
    """Trains the plan's networks on images, and returns the model folder.

    folder: the run's; what is there already is not done again. device: PyTorch's. threads: of the
    detector that mines; None is every core. progress: goes through a sequence and shows it.
    tell: is told what there is to learn from. warn: is told of images that cannot be read.

    Raises KeyboardInterrupt when interrupted, with everything saved that another call needs to go
    on; ValueError for data without samples, an initial model without plain weights and files that
    are none of this run."""
    init = plan.initial_model()
    networks = initial_networks(plan, settings, init)
    log = Log(folder / "log.jsonl")
    for name in plan.networks:
        place = folder / name
        samples = place / "samples.npy"
        if not samples.exists():
            detector = None if name == "pnet" else _miner(networks, settings, threads)
            for problem in mine(images, name, settings, detector, samples, progress):
                warn(problem)
        batches = _batches(samples, name, settings)
        tell(f"{name}: {batches.summary()}")
        run = Run(name, settings, place / "checkpoint.pt", log, torch.device(device), progress)
        fit(networks[name], batches, run)
    plot(log, folder)
    # The initial model's offset belongs to its O-Net, whose boxes are the last.
    offset = init.box_offset if init is not None and "onet" not in plan.networks else 0.0
    statistics = feature_statistics(networks["pnet"].cpu(), _photographs(images))
    name, source = folder.resolve().name, plan.source()
    write_model(folder / "model", networks, name, source, offset, statistics)
    return folder / "model"


def initial_networks(plan: Plan, settings: Settings, init: Model | None) -> dict[str, Network]:
    """The three networks as the training finds them: those of `init`, or of chance. Raises
    ValueError for a model folder without plain weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        return {name: _initial_network(name, plan, init) for name in NETWORKS}


def _initial_network(name: str, plan: Plan, init: Model | None) -> Network:
    if init is None or (plan.scratch and name in plan.networks):
        return NETWORKS[name]()
    layers = init.networks[name].layers
    if layers is None:
        raise ValueError(f"{init.path}: has no plain weights of {name} to begin with")
    return from_layers(name, layers)


def _photographs(images: Sequence[Annotated]) -> Iterator[Image]:
    for annotated in images[:: -(-len(images) // PHOTOGRAPHS)]:
        try:
            pixels = annotated.read()
        except (OSError, ValueError):
            continue  # mining has warned of it
        scale = min(1.0, LONGEST_SIDE / max(pixels.shape))
        yield as_image(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))


def write_model(
    folder: Path,
    networks: Networks,
    name: str,
    source: str,
    box_offset: float = 0.0,
    statistics: FeatureStatistics | None = None,
) -> None:
    """Writes a model folder, in place of one of before. box_offset, statistics: as for
    `write_model_folder`."""
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


def _batches(file: Path, name: str, settings: Settings) -> Batches:
    return Batches(
        open_samples(file, name),
        name,
        size=settings.batch_size,
        seed=settings.seed,
        strength=settings.recolor,
        ratio=settings.ratio,
    )


def _miner(networks: Networks, settings: Settings, threads: int | None) -> MTCNN:
    """The detector as far as it is trained."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "model"
        write_model(folder, networks, "mining", "a training")
        return MTCNN(
            min_face_size=settings.min_face_size,
            thresholds=(*settings.mining_thresholds, 0.0),
            threads=threads,
            model=folder,
        )
