"""Goes through image files for a command: reads them, writes copies, counts failures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from mtcnn_rt.cli.file_plan import FilePlan
from mtcnn_rt.cli.image_files import ImageFile
from mtcnn_rt.cli.progress import progress_bar
from mtcnn_rt.cli.records import Record

if TYPE_CHECKING:
    from mtcnn_rt._arrays import Pixels


@dataclass
class Tally:
    """Counts what became of the image files.

    Attributes:
        records: A record of each file that was done.
        unread: Files that could not be read.
        unwritten: Files whose copies could not be written.
        seconds: Time of the whole job.
    """

    records: list[Record] = field(default_factory=list)
    unread: int = 0
    unwritten: int = 0
    seconds: float = 0.0

    def summary(self) -> str:
        """Returns a line for the end of the job."""
        faces = sum(len(record["faces"]) for record in self.records)
        failed = self.unread + self.unwritten
        done = f"{len(self.records)} images, {faces} faces, {self.seconds:.2f} s"
        return f"{done}, {failed} failed" if failed else done

    def status(self) -> int:
        """Returns the exit status: 2 if nothing could be read, 1 if something failed, else 0."""
        if not self.records and not self.unwritten:
            return 2
        return 1 if self.unread or self.unwritten else 0


def for_each(
    files: list[ImageFile], problems: list[str], work: Callable[[ImageFile], Record]
) -> Tally:
    """Does the work for every file, with a progress bar, and prints a line for each failure.

    Args:
        files: The files.
        problems: Lines to print first; each counts as a file that cannot be read.
        work: Makes a file's record. Raises ValueError for one that cannot be read, OSError for a
            copy that cannot be written.
    """
    from rich.console import Console

    console = Console(stderr=True)
    tally = Tally(unread=len(problems))
    start = perf_counter()
    with progress_bar(console) as bar:
        for problem in problems:
            console.out(f"mtcnn-rt: {problem}", highlight=False)
        for file in bar.track(files):
            try:
                tally.records.append(work(file))
            except ValueError as error:
                tally.unread += 1
                console.out(f"mtcnn-rt: {error}", highlight=False)
            except OSError as error:
                tally.unwritten += 1
                console.out(f"mtcnn-rt: {error}", highlight=False)
    tally.seconds = perf_counter() - start
    return tally


def read(file: ImageFile) -> Pixels:
    """Returns the file's image, upright, BGR. Raises ValueError if it cannot be read."""
    from mtcnn_rt.images import read_image

    try:
        return read_image(file.path)
    except OSError as error:
        raise ValueError(f"cannot read {file.path}: {error.strerror or error}") from error


@dataclass(frozen=True)
class Outputs:
    """Writes images below a folder, never over an input.

    Attributes:
        out: The folder. Names are paths relative to it.
        overwrite: Whether files that exist are replaced.
        plan: The files that the command reads and writes.
    """

    out: Path
    overwrite: bool
    plan: FilePlan

    def check(self, name: Path) -> None:
        """Raises OSError if the file cannot be written for a reason that is known already."""
        path = self.out / name
        if self.plan.is_input(path):
            raise OSError(f"cannot write {path}: it is an input")
        if self.plan.is_output(path):
            raise OSError(f"cannot write {path}: another output has this name")
        if path.exists() and not self.overwrite:
            raise OSError(f"cannot write {path}: it exists (--overwrite replaces it)")

    def write(self, name: Path, image: Pixels) -> None:
        """Writes an image. Raises OSError that names the file."""
        from mtcnn_rt.images import write_image

        write_image(self.out / name, image, self.overwrite)
