"""Goes through image files for a command: reads them, writes copies, counts failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, TypeAlias

from mtcnn_rt._files.paths import is_missing, is_there
from mtcnn_rt._images.library_lines import heard_libraries
from mtcnn_rt._log import LOG
from mtcnn_rt.cli.file_plan import FilePlan
from mtcnn_rt.cli.found_files import FoundFiles, InputFile
from mtcnn_rt.cli.messages import with_counts
from mtcnn_rt.cli.progress import tracked

if TYPE_CHECKING:
    from mtcnn_rt._arrays import Pixels
    from mtcnn_rt._images.decoding import Decoded
    from mtcnn_rt._images.library_lines import LibraryLines
    from mtcnn_rt.cli.records import Record


@dataclass
class Tally:
    """Counts what became of the image files.

    Attributes:
        records: A record of each file that was done.
        unread: Files that could not be read.
        kept: Files whose copies are in the way of a file, which is kept.
        unwritten: Files whose copies could not be written for another reason.
        damaged: Files that were done, but are damaged.
        seconds: Time of the whole job.
    """

    records: list[Record] = field(default_factory=list)
    unread: int = 0
    kept: int = 0
    unwritten: int = 0
    damaged: int = 0
    seconds: float = 0.0

    def summary(self) -> str:
        """Returns a line for the end of the job."""
        faces = sum(len(record["faces"]) for record in self.records)
        done = f"{len(self.records)} images, {faces} faces, {self.seconds:.2f} s"
        failed = self.unread + self.kept + self.unwritten
        return with_counts(done, failed=failed, damaged=self.damaged)

    def status(self) -> int:
        """Returns the exit status: 2 if nothing was done, 1 if something failed, else 0.

        Copies that exist already count as done: the command was given again.
        """
        if not self.records and not self.kept:
            return 2
        return 1 if self.unread or self.kept or self.unwritten or self.damaged else 0


Work: TypeAlias = "Callable[[InputFile, Pixels], Record]"
"""Makes the record of a file from its pixels. Raises OSError for a copy that cannot be written."""


def for_each(
    found: FoundFiles,
    check: Callable[[InputFile], None],
    work: Work,
    max_pixels: int,
    unreadable_fails: bool = False,
) -> Tally:
    """Does the work for every file, with a progress bar, and prints a line for each failure.

    Args:
        found: The files, and the lines to print first.
        check: Raises OSError before a file is read if its copy cannot be written.
        work: The work.
        max_pixels: Most pixels of a file that is decoded.
        unreadable_fails: Count the unreadable files of folders as failures; else only name them.
    """
    tally = Tally(unread=len(found.problems) + unreadable_fails * len(found.unreadable))
    start = perf_counter()
    with heard_libraries() as lines, tracked(found.files) as (files, complain):
        for line in (*found.problems, *found.unreadable):
            complain(line)
        for file in files:
            with _failures_counted(tally, complain):
                began = perf_counter()
                check(file)
                decoded = read_upright(file.path, max_pixels, lines)
                read = perf_counter()
                tally.records.append(work(file, decoded.pixels))
                _log(file, tally.records[-1], read - began, perf_counter() - read)
                tally.damaged += bool(decoded.note)
                for line in filter(None, (decoded.left_out, decoded.note)):
                    complain(line)
    tally.seconds = perf_counter() - start
    return tally


@contextmanager
def _failures_counted(tally: Tally, complain: Callable[[str], None]) -> Iterator[None]:
    """Counts and prints the error that ends the block, which works on a file."""
    try:
        yield
    except ValueError as error:
        tally.unread += 1
        complain(str(error))
    except FileExistsError as error:
        tally.kept += 1
        complain(str(error))
    except OSError as error:
        tally.unwritten += 1
        complain(str(error))


def _log(file: InputFile, record: Record, reading: float, working: float) -> None:
    times = 1e3 * reading, 1e3 * working
    text = "%s: %d faces; read and decoded in %.1f ms, searched and written in %.1f ms"
    LOG.debug(text, file.path, len(record["faces"]), *times)


def read_upright(path: Path, max_pixels: int, lines: LibraryLines) -> Decoded:
    """Returns an image of one frame, upright, BGR. Raises ValueError if it cannot be read.

    Args:
        path: The image file.
        max_pixels: Most pixels to decode.
        lines: Holds what libraries write to standard error meanwhile.
    """
    from mtcnn_rt._images.decoding import decode
    from mtcnn_rt._images.reading import read_content

    try:
        content = read_content(path, max_pixels)
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror or error}") from error
    return decode(content, str(path), max_pixels=max_pixels, only_frame=True, lines=lines)


@dataclass
class OutputFolder:
    """Writes images below a folder, never over an input.

    Attributes:
        out: The folder. Names are paths relative to it.
        overwrite: Whether files that exist are replaced.
        plan: The files that the command reads and writes.
    """

    out: Path
    overwrite: bool
    plan: FilePlan
    _existed: bool = False

    def check(self, name: Path) -> None:
        """Raises OSError if the file cannot be written for a reason that is known already.

        It is a FileExistsError where another file would be replaced.
        """
        path = self.out / name
        try:
            self._refuse_to_replace(path)
        except OSError as error:
            if error.strerror is None:
                raise
            raise OSError(f"cannot write {path}: {error.strerror}") from error
        self.check_folder(path)

    def _refuse_to_replace(self, path: Path) -> None:
        if self.plan.is_input(path):
            raise FileExistsError(f"cannot write {path}: it is an input")
        if self.plan.is_output(path):
            raise FileExistsError(f"cannot write {path}: another output has this name")
        if is_there(path) and not self.overwrite:
            raise FileExistsError(f"cannot write {path}: it exists (--overwrite replaces it)")

    def write(self, name: Path, image: Pixels) -> None:
        """Writes an image. Raises OSError that names the file."""
        self.write_to(self.out / name, image)

    def write_to(self, path: Path, image: Pixels) -> None:
        """Writes an image to a path within the folder. Raises OSError that names the file."""
        from mtcnn_rt.images import write_image

        self.check_folder(path)
        write_image(path, image, self.overwrite)

    def check_folder(self, path: Path) -> None:
        """Raises OSError if the folder was there before and is not any more.

        A new one would lack what was written before.

        Args:
            path: The file that is to be written.
        """
        exists = not is_missing(self.out)
        if self._existed and not exists:
            raise OSError(f"cannot write {path}: the folder {self.out} was removed")
        self._existed = exists
