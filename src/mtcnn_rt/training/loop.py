"""Trains one network."""

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

WARM_UP = 0.03
"""Share of the steps in which the learning rate rises."""

LOG_EVERY, SAVE_EVERY = 20, 500  # steps


@dataclass(frozen=True)
class Run:
    """The surroundings of a network's training: its settings, files and device.

    Attributes:
        name: "pnet", "rnet" or "onet".
        settings: Settings of the training.
        checkpoint: The checkpoint file.
        log: Receives the losses.
        device: PyTorch's device.
        show_progress: Yields the steps and shows the progress, under a title.
    """

    name: str
    settings: Settings
    checkpoint: Path
    log: Log
    device: torch.device
    show_progress: Callable[[Sequence[int], str], Iterable[int]] = lambda steps, _: steps


def fit(network: Network, batches: Batches, run: Run) -> None:
    """Trains a network, from its checkpoint if there is one.

    On a CPU an interrupted and resumed training ends in the same weights, bit for bit, as one that
    was not interrupted.

    Args:
        network: The network; it stays on `run.device`.
        batches: Its mini-batches.
        run: Settings, files and device.

    Raises:
        KeyboardInterrupt: There was an interrupt; the state is saved.
        ValueError: The checkpoint does not belong to this network.
    """
    settings = run.settings.of(run.name)
    layout: dict[str, Any] = {"memory_format": torch.channels_last}  # not in PyTorch's annotations
    network.to(run.device).to(**layout)
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=run.settings.weight_decay)
    first = _restore(network, optimizer, run)
    network.train()
    with held_interrupts() as interrupted:
        for step in run.show_progress(range(first, settings.steps), f"training {run.name}"):
            rate = learning_rate(step, settings)
            for group in optimizer.param_groups:
                group["lr"] = rate
            losses = _step(network, optimizer, batches[step], run)
            last = step == settings.steps - 1
            if step % LOG_EVERY == 0 or last:
                run.log.append(_entry(run, step, losses, rate))
            stop = interrupted()  # asked once, since it may become true at any moment
            if stop or last or (step + 1) % SAVE_EVERY == 0:
                _save(network, optimizer, step + 1, run)
            if stop:
                raise KeyboardInterrupt
    network.eval()


def learning_rate(step: int, settings: NetworkSettings) -> float:
    """Returns the learning rate of a step: a short warm-up, then a cosine down to 0."""
    warm_up = math.ceil(WARM_UP * settings.steps)
    rise = min(1.0, (step + 1) / warm_up)
    return settings.learning_rate * rise * (1 + math.cos(math.pi * step / settings.steps)) / 2


def _step(network: Network, optimizer: torch.optim.Optimizer, batch: Batch, run: Run) -> Losses:
    """Runs a mini-batch forward and backward, and updates the weights."""
    pixels, targets = _to(run.device, batch)
    with torch.autocast(run.device.type, torch.bfloat16, enabled=run.device.type == "cuda"):
        outputs = network(pixels)
    settings = run.settings
    losses = multi_task(outputs.float(), targets, settings.ohem_ratio, settings.landmarks_are_faces)
    optimizer.zero_grad()
    torch.autograd.backward(losses.weighted(settings.of(run.name).loss_weights))
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
    """Returns a step's entry in the log."""
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
    """Loads the checkpoint if there is one. Returns the next step."""
    if not run.checkpoint.exists():
        run.log.drop_from(run.name, 0)
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
    run.log.drop_from(run.name, step)
    return step
