"""Keeps mined samples in parts, in a folder beside their file, until they are joined."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._files.finished import write_finished
from mtcnn_rt._files.paths import is_there
from mtcnn_rt._signals import delayed_signals
from mtcnn_rt.training.sample_files import write_samples


def part_file(file: Path, start: int) -> Path:
    """Returns the file of the part that begins with an image.

    Args:
        file: The file of all samples.
        start: Number of the part's first image.
    """
    return _folder(file) / f"{start:08}.npy"


def write_part(
    part: Path, layout: np.dtype[Any], samples: NDArray[Any], problems: Sequence[str]
) -> None:
    """Writes a part in place of an earlier one, and keeps the problems of its images.

    Args:
        part: The file of the part, see `part_file`.
        layout: Type of the samples.
        samples: The samples (N,).
        problems: A line for each image that cannot be read.

    Raises:
        OSError: A file cannot be written.
    """
    part.parent.mkdir(parents=True, exist_ok=True)
    if problems:  # before the samples: whoever finds these has the problems, too
        write_finished(_problems(part), json.dumps(list(problems)).encode(), overwrite=True)
    else:
        _problems(part).unlink(missing_ok=True)
    write_samples(part, layout, [samples], overwrite=True)


def read_problems(part: Path) -> list[str]:
    """Returns the problems of a part's images, in the order of the images."""
    try:
        lines = json.loads(_problems(part).read_bytes())
    except FileNotFoundError:
        return []
    return [str(line) for line in lines]


def join_parts(file: Path, parts: Sequence[Path], layout: np.dtype[Any]) -> None:
    """Joins parts into their file, without holding them in memory, and removes them."""
    arrays = [np.load(part, mmap_mode="r", allow_pickle=False) for part in parts]
    file.parent.mkdir(parents=True, exist_ok=True)
    write_samples(file, layout, arrays)
    del arrays  # Windows removes no file that is mapped
    with delayed_signals():
        remove_parts(file)


def remove_parts(file: Path) -> None:
    """Removes the parts of a file that is written, where a killed process has left them."""
    folder = _folder(file)
    if is_there(folder):
        shutil.rmtree(folder)


def _folder(file: Path) -> Path:
    return file.with_name(file.name + ".parts")


def _problems(part: Path) -> Path:
    return part.with_suffix(".json")
