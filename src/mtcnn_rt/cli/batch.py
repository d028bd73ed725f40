"""What commands for pictures share: going through them, what is written, what is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import click

from mtcnn_rt.cli.options import progress_bar
from mtcnn_rt.cli.pictures import Picture
from mtcnn_rt.cli.results import Record

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass
class Tally:
    """What became of the pictures; `seconds` is the time of it all."""

    records: list[Record] = field(default_factory=list)
    unread: int = 0
    unwritten: int = 0
    seconds: float = 0.0

    def summary(self) -> str:
        faces = sum(len(record["faces"]) for record in self.records)
        failed = self.unread + self.unwritten
        done = f"{len(self.records)} images, {faces} faces, {self.seconds:.2f} s"
        return f"{done}, {failed} failed" if failed else done

    def status(self) -> int:
        if not self.records and not self.unwritten:
            return 2
        return 1 if self.unread or self.unwritten else 0


def for_each(
    pictures: list[Picture], problems: list[str], work: Callable[[Picture], Record]
) -> Tally:
    """Does `work` for every picture, with a progress bar, and tells of `problems` and of pictures
    that it raises ValueError (cannot be read) or OSError (cannot be written) for."""
    from rich.console import Console

    console = Console(stderr=True)
    tally = Tally(unread=len(problems))
    start = perf_counter()
    with progress_bar(console) as bar:
        for problem in problems:
            console.out(f"mtcnn-rt: {problem}", highlight=False)
        for picture in bar.track(pictures):
            try:
                tally.records.append(work(picture))
            except ValueError as error:
                tally.unread += 1
                console.out(f"mtcnn-rt: {error}", highlight=False)
            except OSError as error:
                tally.unwritten += 1
                console.out(f"mtcnn-rt: {error}", highlight=False)
    tally.seconds = perf_counter() - start
    return tally


def read(picture: Picture) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 BGR, upright. Raises ValueError."""
    from mtcnn_rt.images import read_image

    try:
        return read_image(picture.path)
    except OSError as error:
        raise ValueError(f"cannot read {picture.path}: {error.strerror or error}") from error


Inputs = set[tuple[int, int]]
"""Identities of files that stay as they are."""


def identities(pictures: Iterable[Picture]) -> Inputs:
    return {_identity(picture.path) for picture in pictures}


def refuse_inputs(results: Iterable[Path], inputs: Inputs) -> None:
    """Raises UsageError where a file of results is one of the inputs."""
    for path in results:
        if path.exists() and _identity(path) in inputs:
            raise click.UsageError(f"{path} is an input, which is never overwritten")


@dataclass(frozen=True)
class Outputs:
    """Pictures below the folder `out`. Names are paths relative to it."""

    out: Path
    overwrite: bool
    inputs: Inputs

    def check(self, name: Path) -> None:
        """Raises OSError where it could not be written for a reason that is known already."""
        path = self.out / name
        if path.exists() and _identity(path) in self.inputs:
            raise OSError(f"cannot write {path}: it is an input")
        if path.exists() and not self.overwrite:
            raise OSError(f"cannot write {path}: it exists (--overwrite replaces it)")

    def write(self, name: Path, image: NDArray[np.uint8]) -> None:
        """Raises OSError that names the file."""
        from mtcnn_rt.images import write_image

        write_image(self.out / name, image, self.overwrite)


def _identity(path: Path) -> tuple[int, int]:
    """The same for every name of a file."""
    status = path.stat()
    return status.st_dev, status.st_ino
