"""Saves and loads the state of a training, and holds back interrupts until it is saved."""

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
from mtcnn_rt._signals import END_SIGNALS, handled_signals


def save(path: Path, state: dict[str, Any]) -> None:
    """Writes a checkpoint in place of the previous one; the file is complete at any moment."""
    with finished_file(path, overwrite=True) as temporary:
        torch.save(state, temporary)


def load(path: Path) -> dict[str, Any]:
    """Reads a checkpoint to the CPU. Nothing in the file is executed.

    Raises:
        ValueError: The file is not a checkpoint; the message is one line.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError) as error:
        raise ValueError(f"{path}: not a checkpoint") from error
    if not isinstance(state, dict):
        raise ValueError(f"{path}: not a checkpoint")
    return state


@contextmanager
def held_interrupts() -> Iterator[Callable[[], bool]]:
    """Holds back Ctrl-C, SIGTERM and SIGHUP in the block.

    Yields:
        A function that returns whether there was an interrupt. Outside the main thread, where no
        signals arrive, it always returns False.
    """
    interrupted = threading.Event()

    def hold(signal_number: int, frame: FrameType | None) -> None:
        interrupted.set()

    if threading.current_thread() is not threading.main_thread():
        yield interrupted.is_set
        return
    with handled_signals(hold, signal.SIGINT, *END_SIGNALS):
        yield interrupted.is_set
