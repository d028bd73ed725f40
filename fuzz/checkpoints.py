"""Resumes from mutated checkpoints: a step, or a ValueError that names the file."""

from __future__ import annotations

import atexit
import io
import shutil
import tempfile
from pathlib import Path

import torch

from mtcnn_rt.training.log import Log
from mtcnn_rt.training.loop import Run, _restore
from mtcnn_rt.training.networks import NETWORKS
from mtcnn_rt.training.settings import Settings

_FOLDER = Path(tempfile.mkdtemp())
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)


class Executed:
    """Leaves a trace where a pickle executes something."""

    def __reduce__(self) -> tuple[object, ...]:
        return (Path(_FOLDER / "executed").write_text, ("x",))


def target(content: bytes) -> None:
    """Resumes P-Net's training from the content."""
    run = Run(
        "pnet", Settings(), _FOLDER / "checkpoint.pt", Log(_FOLDER / "log"), torch.device("cpu")
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
    assert not (_FOLDER / "executed").exists()


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
    return [_saved(each) for each in (state, *others)]


def _pnet() -> tuple[torch.nn.Module, torch.optim.Optimizer]:
    network = NETWORKS["pnet"]()
    return network, torch.optim.AdamW(network.parameters())


def _saved(state: object) -> bytes:
    content = io.BytesIO()
    torch.save(state, content)
    return content.getvalue()
