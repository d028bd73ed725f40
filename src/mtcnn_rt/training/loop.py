"""Trains one network."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mtcnn_rt._errors import one_line
from mtcnn_rt._files.paths import is_there
from mtcnn_rt.training import checkpoints
from mtcnn_rt.training.averaging import MovingAverage
from mtcnn_rt.training.batches import Batch
from mtcnn_rt.training.checkpoints import held_interrupts
from mtcnn_rt.training.log import Log
from mtcnn_rt.training.losses import Losses, Targets, multi_task
from mtcnn_rt.training.networks import Network
from mtcnn_rt.training.read_ahead import Steps, read_ahead
from mtcnn_rt.training.settings import NetworkSettings, Settings

WARM_UP = 0.03
"""Share of the steps in which the learning rate rises."""

LOG_EVERY, SAVE_EVERY = 20, 500  # steps

Objective = Callable[[Tensor, Any], Losses]
"""Computes the losses of a network's outputs (N, 15) for a mini-batch."""

Watcher = Callable[[str, int, Network], None]
"""Receives the name of a network, the number of steps it has done, and the network as it would be
the result; it may change neither the network nor PyTorch's random numbers."""


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
        objective: Computes the losses; None: those of the paper, of a `Batch`.
        watch: Watches the network every `watch_every` steps and at the end; None: nothing does.
    """

    name: str
    settings: Settings
    checkpoint: Path
    log: Log
    device: torch.device
    show_progress: Callable[[Sequence[int], str], Iterable[int]] = lambda steps, _: steps
    objective: Objective | None = None
    watch: Watcher | None = None


def fit(network: Network, batches: Steps[Batch], run: Run) -> None:
    """Trains a network, from its checkpoint if there is one.

    On a CPU an interrupted and resumed training ends in the same weights, bit for bit, as one that
    was not interrupted.

    Args:
        network: The network; it stays on `run.device`.
        batches: The mini-batch of each step.
        run: Settings, files and device.

    Raises:
        KeyboardInterrupt: There was an interrupt; the state is saved.
        ValueError: The checkpoint does not belong to this network, or the training diverged: the
            loss is no finite number. This is noticed where the loss is logged, so that a GPU does
            not have to wait for it in every step.
    """
    settings = run.settings.of(run.name)
    layout: dict[str, Any] = {"memory_format": torch.channels_last}  # not in PyTorch's annotations
    network.to(run.device).to(**layout)
    optimizer = _optimizer(network, run.settings)
    average = MovingAverage(network, run.settings.ema) if run.settings.ema else None
    first = _restore(network, optimizer, average, run)
    steps = range(first, settings.steps)
    network.train()
    with held_interrupts() as interrupted, closing(read_ahead(batches, steps)) as ahead:
        for step in run.show_progress(steps, f"training {run.name}"):
            rate = learning_rate(step, settings)
            for group in optimizer.param_groups:
                group["lr"] = rate
            losses = _step(network, optimizer, next(ahead), run)
            if average is not None:
                average.update(network, step)
            last = step == settings.steps - 1
            if step % LOG_EVERY == 0 or last:
                entry = _entry(run, step, losses, rate)
                _check_finite(entry, run)
                run.log.append(entry)
            if run.watch is not None and ((step + 1) % run.settings.watch_every == 0 or last):
                run.watch(run.name, step + 1, _result(network, average))
            stop = interrupted()  # asked once, since it may become true at any moment
            if stop or last or (step + 1) % SAVE_EVERY == 0:
                _save(network, optimizer, average, step + 1, run)
            if stop:
                raise KeyboardInterrupt
    if average is not None:
        network.load_state_dict(average.weights)
    network.eval()


def learning_rate(step: int, settings: NetworkSettings) -> float:
    """Returns the learning rate of a step: a short warm-up, then a cosine down to `last_rate`."""
    warm_up = math.ceil(WARM_UP * settings.steps)
    rise = min(1.0, (step + 1) / warm_up)
    rate = settings.learning_rate * rise * (1 + math.cos(math.pi * step / settings.steps)) / 2
    if settings.last_rate == 0:
        return rate
    return (1 - settings.last_rate) * rate + settings.last_rate * settings.learning_rate * rise


def _optimizer(network: Network, settings: Settings) -> torch.optim.AdamW:
    """Returns the optimizer; with `decay_all` off only the kernels decay."""
    if settings.decay_all:
        return torch.optim.AdamW(network.parameters(), weight_decay=settings.weight_decay)
    kernels = [each for each in network.parameters() if each.dim() > 1]
    others = [each for each in network.parameters() if each.dim() <= 1]
    groups: list[dict[str, Any]] = [
        {"params": kernels, "weight_decay": settings.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups)


def _step(network: Network, optimizer: torch.optim.Optimizer, batch: Batch, run: Run) -> Losses:
    """Runs a mini-batch forward and backward, and updates the weights."""
    layout: dict[str, Any] = {"memory_format": torch.channels_last}
    pixels = torch.from_numpy(batch.pixels).to(run.device, **layout)
    half = run.device.type == "cuda" or run.settings.bfloat16
    with torch.autocast(run.device.type, torch.bfloat16, enabled=half):
        outputs = network(pixels)
    objective = run.objective or _paper_objective(run.settings)
    losses = objective(outputs.float(), batch)
    optimizer.zero_grad()
    torch.autograd.backward(losses.weighted(run.settings.of(run.name).loss_weights))
    if run.settings.clip_norm:
        torch.nn.utils.clip_grad_norm_(network.parameters(), run.settings.clip_norm)
    optimizer.step()
    return losses


def _paper_objective(settings: Settings) -> Objective:
    """Returns the losses of the paper."""

    def losses(outputs: Tensor, batch: Batch) -> Losses:
        device = outputs.device
        targets = Targets(
            kinds=torch.from_numpy(batch.kinds).to(device),
            boxes=torch.from_numpy(batch.boxes).to(device),
            landmarks=torch.from_numpy(batch.landmarks).to(device).flatten(1),
        )
        return multi_task(outputs, targets, settings.ohem_ratio, settings.landmarks_are_faces)

    return losses


def _result(network: Network, average: MovingAverage | None) -> Network:
    """Returns a copy of the network as it would be the result now."""
    result = copy.deepcopy(network)
    if average is not None:
        result.load_state_dict(average.weights)
    result.cpu().eval()
    return result


def _entry(run: Run, step: int, losses: Losses, rate: float) -> dict[str, Any]:
    """Returns a step's entry in the log."""
    weighted = losses.weighted(run.settings.of(run.name).loss_weights)
    accuracy = losses.accuracy.item()
    return {
        "network": run.name,
        "step": step,
        "loss": weighted.item(),
        **{name: loss.item() for name, loss in losses.parts().items()},
        "accuracy": None if math.isnan(accuracy) else accuracy,
        "learning_rate": rate,
    }


def _check_finite(entry: dict[str, Any], run: Run) -> None:
    """Raises ValueError where the loss of a step is NaN or infinite: the weights are lost then."""
    if math.isfinite(entry["loss"]):
        return
    rate = run.settings.of(run.name).learning_rate
    raise ValueError(
        f"{run.name}: the training diverged: the loss of step {entry['step']} is {entry['loss']}; "
        f"start another run with {run.name}.learning_rate below {rate:g}, or with clip_norm"
    )


def _save(
    network: Network,
    optimizer: torch.optim.Optimizer,
    average: MovingAverage | None,
    step: int,
    run: Run,
) -> None:
    state = {
        "name": run.name,
        "step": step,
        "network": network.state_dict(),
        "optimizer": optimizer.state_dict(),
    }
    if average is not None:
        state["average"] = average.weights
    checkpoints.save(run.checkpoint, state)


def _restore(
    network: Network,
    optimizer: torch.optim.Optimizer,
    average: MovingAverage | None,
    run: Run,
) -> int:
    """Loads the checkpoint if there is one. Returns the next step."""
    if not is_there(run.checkpoint):
        run.log.drop_from(run.name, 0)
        return 0
    state = checkpoints.load(run.checkpoint)
    try:
        if state["name"] != run.name:
            raise ValueError(f"it is of {state['name']}")
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        if average is not None:
            average.load(state["average"])
        _check_moments(optimizer)
        step = int(state["step"])
        if not 0 <= step <= run.settings.of(run.name).steps:
            raise ValueError(f"it is of step {step}")
    except Exception as error:  # what the content of a file causes shares no narrower base
        message = f"{run.checkpoint}: not a checkpoint of {run.name}: {one_line(error)}"
        raise ValueError(message) from error
    run.log.drop_from(run.name, step)
    return step


def _check_moments(optimizer: torch.optim.Optimizer) -> None:
    """Raises ValueError if the optimizer's state does not fit its parameters."""
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            state = optimizer.state.get(parameter)
            if not state:  # as before the first step
                continue
            for name in ("exp_avg", "exp_avg_sq"):
                moment = state[name]
                if moment.shape != parameter.shape or moment.dtype != parameter.dtype:
                    raise ValueError(f"{name} is of another shape")
