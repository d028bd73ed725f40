"""Offers a folder, and pickles that leave a trace in it where something executes them."""

from __future__ import annotations

import atexit
import io
import shutil
import tempfile
from pathlib import Path

import torch

FOLDER = Path(tempfile.mkdtemp())
"""A folder for the files of a run, removed at its end."""
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)


class Executed:
    """Leaves a trace where a pickle executes something."""

    def __reduce__(self) -> tuple[object, ...]:
        return (Path(FOLDER / "executed").write_text, ("x",))


def assert_nothing_executed() -> None:
    """Raises AssertionError if `Executed` has left its trace."""
    assert not (FOLDER / "executed").exists()


def saved(state: object) -> bytes:
    """Returns what PyTorch saves of an object."""
    content = io.BytesIO()
    torch.save(state, content)
    return content.getvalue()
