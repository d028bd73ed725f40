"""Saves and loads the state of a training, and holds back interrupts until it is saved."""

from __future__ import annotations

import io
import signal
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import torch

from mtcnn_rt._files.finished import write_finished
from mtcnn_rt._files.guarded import read_regular_file
from mtcnn_rt._signals import END_SIGNALS, handled_signals

LARGEST = 1 << 30
"""Most bytes of a checkpoint; those of O-Net have 5 MB."""
_ZIP = b"PK\x03\x04"


def save(path: Path, state: dict[str, Any]) -> None:
    """Writes a checkpoint in place of the previous one; the file is complete at any moment."""
    content = io.BytesIO()  # of a file that cannot be written PyTorch raises a RuntimeError
    torch.save(state, content)
    write_finished(path, content.getvalue(), overwrite=True)


def load(path: Path) -> dict[str, Any]:
    """Reads a checkpoint to the CPU. Nothing in the file is executed.

    Raises:
        ValueError: The file is not a checkpoint; the message is one line.
    """
    try:
        content = read_regular_file(path, LARGEST)
        if not content.startswith(_ZIP):  # the only format that `save` writes
            raise ValueError("not a file of PyTorch")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PyTorch's, about the pickle in a broken file
            state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror or error}") from error
    except Exception as error:  # what PyTorch raises for a broken file shares no narrower base
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

    Raises:
        KeyboardInterrupt: There was an interrupt in the block, which has ended by itself, so that
            none is forgotten that came after the block last asked.
    """
    interrupted = threading.Event()

    def hold(signal_number: int, frame: FrameType | None) -> None:
        interrupted.set()

    if threading.current_thread() is not threading.main_thread():
        yield interrupted.is_set
        return
    with handled_signals(hold, signal.SIGINT, *END_SIGNALS):
        yield interrupted.is_set
    if interrupted.is_set():
        raise KeyboardInterrupt
