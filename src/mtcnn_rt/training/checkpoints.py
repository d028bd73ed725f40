"""The state of a training in a file: tensors, numbers and their names, nothing that runs."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import torch

from mtcnn_rt.files import finished_file


def save(path: Path, state: dict[str, Any]) -> None:
    """Writes a checkpoint, in place of the one before: the file is always a whole one."""
    with finished_file(path, overwrite=True) as temporary:
        torch.save(state, temporary)


def load(path: Path) -> dict[str, Any]:
    """Reads a checkpoint, on the CPU. Raises ValueError in one line where it is none."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError) as error:
        raise ValueError(f"{path}: not a checkpoint") from error
    if not isinstance(state, dict):
        raise ValueError(f"{path}: not a checkpoint")
    return state
