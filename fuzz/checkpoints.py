"""Resumes from mutated checkpoints: a step, or a ValueError that names the file."""

from __future__ import annotations

import torch

from fuzz.pickles import FOLDER, Executed, assert_nothing_executed, saved
from mtcnn_rt.training.log import Log
from mtcnn_rt.training.loop import Run, _restore
from mtcnn_rt.training.networks import NETWORKS
from mtcnn_rt.training.settings import Settings


def target(content: bytes) -> None:
    """Resumes P-Net's training from the content."""
    run = Run(
        "pnet", Settings(), FOLDER / "checkpoint.pt", Log(FOLDER / "log"), torch.device("cpu")
    )
    run.checkpoint.write_bytes(content)
    network, optimizer = _pnet()
    try:
        step = _restore(network, optimizer, None, run)
    except ValueError as error:
        assert str(error).startswith(f"{run.checkpoint}: "), error
        assert "\n" not in str(error), error
    else:
        assert 0 <= step <= Settings().pnet.steps
        for parameter in network.parameters():
            parameter.grad = torch.zeros_like(parameter)
        optimizer.step()
    assert_nothing_executed()


def seeds() -> list[bytes]:
    """Returns a checkpoint, one of another network's name, and files that would execute."""
    network, optimizer = _pnet()
    for parameter in network.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    state = {
        **{"name": "pnet", "step": 3, "network": network.state_dict()},
        "optimizer": optimizer.state_dict(),
    }
    others = ({**state, "name": "rnet"}, {**state, "step": "x"}, {**state, "step": -1}, Executed())
    return [saved(each) for each in (state, *others)]


def _pnet() -> tuple[torch.nn.Module, torch.optim.Optimizer]:
    network = NETWORKS["pnet"]()
    return network, torch.optim.AdamW(network.parameters())
