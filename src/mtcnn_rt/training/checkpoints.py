"""Saves and loads the state of a training, which Ctrl-C interrupts only when it is whole."""

from __future__ import annotations

import pickle
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import torch

from mtcnn_rt._files import finished_file
from mtcnn_rt._signals import handled_signals


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


@contextmanager
def held_interrupts() -> Iterator[Callable[[], bool]]:
    """Ctrl-C and SIGTERM do nothing within the block but make the function that it gets say True.
    In a thread, where signals never arrive, it always says False."""
    asked = threading.Event()

    def hold(signal_number: int, frame: FrameType | None) -> None:
        asked.set()

    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return
    with handled_signals(hold, signal.SIGINT, signal.SIGTERM):
        yield asked.is_set
