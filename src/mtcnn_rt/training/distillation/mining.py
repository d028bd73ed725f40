"""Mines images in one pass, in parallel, into a file of samples for each network."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mtcnn_rt._signals import delayed_signals
from mtcnn_rt.annotations import Annotated
from mtcnn_rt.training.distillation.miner import Miner, Parts
from mtcnn_rt.training.distillation.parallel import map_in_order
from mtcnn_rt.training.distillation.samples import taught_dtype
from mtcnn_rt.training.mining import IMAGES_IN_A_PART, ShowProgress, join_parts
from mtcnn_rt.training.sample_files import write_samples


@dataclass(frozen=True)
class PartJob:
    """A part of the images, to be mined into files.

    Attributes:
        images: The images of the part.
        files: The file to write for each network.
    """

    images: tuple[Annotated, ...]
    files: Mapping[str, Path]


@dataclass(frozen=True)
class MinePart:
    """Mines a part; a function that may be sent to other processes.

    Attributes:
        miner: Mines the images.
    """

    miner: Miner

    def __call__(self, job: PartJob) -> list[str]:
        """Writes the files of a part. Returns a line for each image that cannot be read."""
        problems: list[str] = []
        found: list[Parts] = []
        for image in job.images:
            try:
                found.append(self.miner.mine(image))
            except ValueError as error:
                problems.append(str(error))
        for name, file in job.files.items():
            nothing = np.zeros(0, taught_dtype(name))
            samples = np.concatenate([nothing, *(parts[name] for parts in found)])
            write_samples(file, taught_dtype(name), [samples], overwrite=True)
        return problems


def mine_in_one_pass(
    images: Sequence[Annotated],
    miner: Miner,
    files: Mapping[str, Path],
    workers: int = 1,
    show_progress: ShowProgress[Any] = lambda items, _: items,
) -> list[str]:
    """Cuts the samples of several networks out of images, and writes a file for each network.

    A file is complete or absent. The parts wait in folders beside the files, so that another call
    continues an interrupted one. The result does not depend on interruptions or on the number of
    processes.

    Args:
        images: The annotated images.
        miner: Mines single images.
        files: The file to write for each of its networks, a .npy of `taught_dtype`.
        workers: Number of processes; 1: this one.
        show_progress: Shows the progress.

    Returns:
        A line for each image that cannot be read and is left out.

    Raises:
        OSError: A file cannot be written.
    """
    starts = range(0, len(images), IMAGES_IN_A_PART)
    files = {name: file for name, file in files.items() if not file.exists()}
    folders = {name: file.with_name(file.name + ".parts") for name, file in files.items()}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)

    def part(start: int) -> dict[str, Path]:
        return {name: folder / f"{start:08}.npy" for name, folder in folders.items()}

    jobs = [
        PartJob(tuple(images[start : start + IMAGES_IN_A_PART]), part(start))
        for start in starts
        if not all(file.exists() for file in part(start).values())
    ]
    problems: list[str] = []
    done = map_in_order(MinePart(miner), jobs, workers)
    for _ in show_progress(jobs, "mining"):
        problems += next(done)
    for name, file in files.items():
        join_parts([part(start)[name] for start in starts], taught_dtype(name), file)
        with delayed_signals():
            shutil.rmtree(folders[name])
    return problems
