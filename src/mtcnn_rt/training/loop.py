"""The training of one network."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mtcnn_rt.training import checkpoints
from mtcnn_rt.training.batches import Batch, Batches
from mtcnn_rt.training.checkpoints import held_interrupts
from mtcnn_rt.training.log import Log
from mtcnn_rt.training.losses import Losses, Targets, multi_task
from mtcnn_rt.training.networks import Network
from mtcnn_rt.training.settings import NetworkSettings, Settings

WARM_UP = 0.03  # of the steps: the learning rate rises
LOG_EVERY, SAVE_EVERY = 20, 500  # steps


@dataclass(frozen=True)
class Run:
    """What a network's training belongs to.

    checkpoint: its file. progress: goes through the steps, and shows how far they are."""

    name: str
    settings: Settings
    checkpoint: Path
    log: Log
    device: torch.device
    progress: Callable[[Sequence[int], str], Iterable[int]] = lambda steps, _: steps


def fit(network: Network, batches: Batches, run: Run) -> None:
    """Trains a network, which stays on `run.device`, from the checkpoint where there is one.

    On a CPU a training that was interrupted ends in the same weights, bit for bit, as one that was
    not. Raises KeyboardInterrupt after Ctrl-C, when the state is saved; ValueError for a checkpoint
    that is none of this network."""
    settings = run.settings.of(run.name)
    layout: dict[str, Any] = {"memory_format": torch.channels_last}  # not in PyTorch's annotations
    network.to(run.device).to(**layout)
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=run.settings.weight_decay)
    first = _restore(network, optimizer, run)
    network.train()
    with held_interrupts() as interrupted:
        for step in run.progress(range(first, settings.steps), f"training {run.name}"):
            rate = learning_rate(step, settings)
            for group in optimizer.param_groups:
                group["lr"] = rate
            losses = _step(network, optimizer, batches[step], run)
            if step % LOG_EVERY == 0 or step == settings.steps - 1:
                run.log.append(_entry(run, step, losses, rate))
            stop = interrupted()  # once: it may become true at any moment
            if stop or (step + 1) % SAVE_EVERY == 0 or step == settings.steps - 1:
                _save(network, optimizer, step + 1, run)
            if stop:
                raise KeyboardInterrupt
    network.eval()


def learning_rate(step: int, settings: NetworkSettings) -> float:
    """A cosine from the highest to 0 after a short warm-up."""
    warm_up = math.ceil(WARM_UP * settings.steps)
    rise = min(1.0, (step + 1) / warm_up)
    return settings.learning_rate * rise * (1 + math.cos(math.pi * step / settings.steps)) / 2


def _step(network: Network, optimizer: torch.optim.Optimizer, batch: Batch, run: Run) -> Losses:
    pixels, targets = _to(run.device, batch)
    with torch.autocast(run.device.type, torch.bfloat16, enabled=run.device.type == "cuda"):
        outputs = network(pixels)
    settings = run.settings
    losses = multi_task(outputs.float(), targets, settings.ohem_ratio, settings.landmarks_are_faces)
    optimizer.zero_grad()
    torch.autograd.backward(losses.weighted(run.settings.of(run.name).loss_weights))
    optimizer.step()
    return losses


def _to(device: torch.device, batch: Batch) -> tuple[Tensor, Targets]:
    pixels = torch.from_numpy(batch.pixels).to(device, memory_format=torch.channels_last)
    targets = Targets(
        kinds=torch.from_numpy(batch.kinds).to(device),
        boxes=torch.from_numpy(batch.boxes).to(device),
        landmarks=torch.from_numpy(batch.landmarks).to(device).flatten(1),
    )
    return pixels, targets


def _entry(run: Run, step: int, losses: Losses, rate: float) -> dict[str, Any]:
    weighted = losses.weighted(run.settings.of(run.name).loss_weights)
    accuracy = losses.accuracy.item()
    return {
        "network": run.name,
        "step": step,
        "loss": weighted.item(),
        "face": losses.face.item(),
        "box": losses.box.item(),
        "landmarks": losses.landmarks.item(),
        "accuracy": None if math.isnan(accuracy) else accuracy,
        "learning_rate": rate,
    }


def _save(network: Network, optimizer: torch.optim.Optimizer, step: int, run: Run) -> None:
    state = {
        "name": run.name,
        "step": step,
        "network": network.state_dict(),
        "optimizer": optimizer.state_dict(),
    }
    checkpoints.save(run.checkpoint, state)


def _restore(network: Network, optimizer: torch.optim.Optimizer, run: Run) -> int:
    """Takes up the checkpoint where there is one. Returns the step to do next."""
    if not run.checkpoint.exists():
        run.log.forget(run.name, 0)
        return 0
    state = checkpoints.load(run.checkpoint)
    try:
        if state["name"] != run.name:
            raise ValueError(f"it is of {state['name']}")
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        step = int(state["step"])
    except (KeyError, RuntimeError, TypeError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ValueError(f"{run.checkpoint}: not a checkpoint of {run.name}: {reason}") from error
    run.log.forget(run.name, step)
    return step
