"""`mtcnn-rt image`: the faces of pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import click

from mtcnn_rt.cli.options import detector_options, progress_bar, terminate_as_interrupt
from mtcnn_rt.cli.pictures import Picture, find_pictures
from mtcnn_rt.cli.results import Record, as_csv, as_json, written_at_the_end
from mtcnn_rt.files import write_finished

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mtcnn_rt import MTCNN, Faces

_RESULTS = click.Path(path_type=Path, allow_dash=True)


@click.command
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default="faces",
    show_default=True,
    metavar="FOLDER",
    help="Where the annotated copies go.",
)
@click.option("--no-images", is_flag=True, help="Write no copies, only --json or --csv.")
@click.option("--json", "json_file", type=_RESULTS, help="Write the results as JSON; - is stdout.")
@click.option("--csv", "csv_file", type=_RESULTS, help="Write a row a face; - is stdout.")
@click.option("--overwrite", is_flag=True, help="Replace outputs that exist.")
@detector_options
def command(
    paths: tuple[str, ...],
    out: Path,
    no_images: bool,
    json_file: Path | None,
    csv_file: Path | None,
    overwrite: bool,
    new_detector: Callable[[], MTCNN],
) -> int:
    """Find the faces of pictures.

    PATH is a file, a glob pattern or a folder, with all that is below it except hidden files and
    --out. The copies of a folder's pictures keep its structure; those of one name are numbered.

    Coordinates are pixels of the upright picture, its EXIF orientation applied: boxes x1 y1 x2 y2,
    landmarks x y, left and right as seen in the picture.

    What cannot be read or written is named and left out, and the exit status is 1; it is 2 where
    nothing can be read. No input is ever overwritten.
    """
    results = [path for path in (json_file, csv_file) if path is not None]
    on_stdout = [str(path) for path in results].count("-")
    if on_stdout == 2:
        raise click.UsageError("only one of --json and --csv can go to standard output")
    if no_images and not results:
        raise click.UsageError("--no-images leaves nothing to do without --json or --csv")
    pictures, problems = find_pictures(paths, None if no_images else out)
    if not pictures:
        raise click.UsageError("; ".join(problems))
    inputs = {_identity(picture.path) for picture in pictures}
    for path in results:
        if path.exists() and _identity(path) in inputs:
            raise click.UsageError(f"{path} is an input, which is never overwritten")
    copies = None if no_images else Copies(out, overwrite, inputs)
    with (
        terminate_as_interrupt(),
        written_at_the_end(json_file, as_json, overwrite) as for_json,
        written_at_the_end(csv_file, as_csv, overwrite) as for_csv,
    ):
        tally = _process(pictures, problems, new_detector(), copies)
        for_json += tally.records
        for_csv += tally.records
    click.echo(tally.summary() + ("" if no_images else f": {out}"), err=bool(on_stdout))
    return tally.status()


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


def _process(
    pictures: list[Picture], problems: list[str], detector: MTCNN, copies: Copies | None
) -> Tally:
    from rich.console import Console

    console = Console(stderr=True)
    tally = Tally(unread=len(problems))
    start = perf_counter()
    with progress_bar(console) as bar:
        for problem in problems:
            console.out(f"mtcnn-rt: {problem}", highlight=False)
        for picture in bar.track(pictures):
            try:
                tally.records.append(_process_one(picture, detector, copies))
            except ValueError as error:
                tally.unread += 1
                console.out(f"mtcnn-rt: {error}", highlight=False)
            except OSError as error:
                tally.unwritten += 1
                console.out(f"mtcnn-rt: {error}", highlight=False)
    tally.seconds = perf_counter() - start
    return tally


def _process_one(picture: Picture, detector: MTCNN, copies: Copies | None) -> Record:
    """Raises ValueError where the picture cannot be read, OSError where its copy cannot be written,
    as early as can be."""
    if copies:
        copies.check(picture)
    image = _read(picture.path)
    faces = detector.detect(image)
    if copies:
        copies.write(picture, image, faces)
    height, width = image.shape[:2]
    record = {"image": str(picture.path), "width": width, "height": height}
    return {**record, "faces": faces.to_dicts()}


def _read(path: Path) -> NDArray[np.uint8]:
    from mtcnn_rt.images import read_image

    try:
        return read_image(path)
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror or error}") from error


@dataclass(frozen=True)
class Copies:
    """Annotated copies below the folder `out`. `inputs` are identities of what stays as it is."""

    out: Path
    overwrite: bool
    inputs: set[tuple[int, int]]

    def check(self, picture: Picture) -> None:
        """Raises OSError where the copy could not be written for a reason that is known already."""
        path = self.out / picture.copy
        if path.exists() and _identity(path) in self.inputs:
            raise OSError(f"cannot write {path}: it is an input")
        if path.exists() and not self.overwrite:
            raise OSError(f"cannot write {path}: it exists (--overwrite replaces it)")

    def write(self, picture: Picture, image: NDArray[np.uint8], faces: Faces) -> None:
        """Draws on `image`. Raises OSError."""
        import cv2

        from mtcnn_rt.draw import draw

        path = self.out / picture.copy
        draw(image, faces)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _, content = cv2.imencode(path.suffix, image)
            write_finished(path, content.tobytes(), self.overwrite)
        except (OSError, cv2.error) as error:
            reason = getattr(error, "strerror", None) or getattr(error, "err", None) or error
            raise OSError(f"cannot write {path}: {reason}") from error


def _identity(path: Path) -> tuple[int, int]:
    """The same for every name of a file."""
    status = path.stat()
    return status.st_dev, status.st_ino
