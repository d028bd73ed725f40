"""Mines images in one pass, in parallel, into a file of samples for each network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mtcnn_rt._files.paths import is_there
from mtcnn_rt.annotations import Annotated
from mtcnn_rt.training.distillation.miner import Miner, Parts
from mtcnn_rt.training.distillation.parallel import map_in_order
from mtcnn_rt.training.distillation.samples import taught_dtype
from mtcnn_rt.training.mining import IMAGES_IN_A_PART, ShowProgress
from mtcnn_rt.training.part_files import (
    join_parts,
    part_file,
    read_problems,
    remove_parts,
    write_part,
)


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

    def __call__(self, job: PartJob) -> None:
        """Writes the files of a part, and a line for each image that cannot be read."""
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
            write_part(file, taught_dtype(name), samples, problems)


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
        A line for each image that cannot be read and is left out, also of an interrupted call;
        none if all files were there already.

    Raises:
        OSError: A file cannot be written.
    """
    starts = range(0, len(images), IMAGES_IN_A_PART)
    for file in files.values():
        if is_there(file):
            remove_parts(file)
    files = {name: file for name, file in files.items() if not is_there(file)}

    def part(start: int) -> dict[str, Path]:
        return {name: part_file(file, start) for name, file in files.items()}

    jobs = [
        PartJob(tuple(images[start : start + IMAGES_IN_A_PART]), part(start))
        for start in starts
        if not all(is_there(file) for file in part(start).values())
    ]
    done = map_in_order(MinePart(miner), jobs, workers)
    for _ in show_progress(jobs, "mining"):
        next(done)
    left_out: list[str] = []
    for name, file in files.items():
        parts = [part_file(file, start) for start in starts]
        left_out = [line for one in parts for line in read_problems(one)]  # the same of each file
        join_parts(file, parts, taught_dtype(name))
    return left_out
