"""`mtcnn-rt image`: finds the faces of images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mtcnn_rt.cli.detector_options import detector_options
from mtcnn_rt.cli.image_files import ImageFile, find_image_files
from mtcnn_rt.cli.image_job import Outputs, for_each, identities, read, refuse_inputs
from mtcnn_rt.cli.painting import paint_options
from mtcnn_rt.cli.records import Record, as_csv, as_json, written_at_the_end
from mtcnn_rt.cli.signals import terminate_as_interrupt

if TYPE_CHECKING:
    from mtcnn_rt import MTCNN
    from mtcnn_rt.cli.painting import PaintOptions
    from mtcnn_rt.drawing.painter import Painter

_RESULTS = click.Path(path_type=Path, allow_dash=True)


@click.command
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default="faces",
    show_default=True,
    metavar="FOLDER",
    help="Folder of the copies, with the faces drawn or covered.",
)
@click.option("--no-images", is_flag=True, help="Write no copies, only --json or --csv.")
@click.option(
    "--json",
    "json_file",
    type=_RESULTS,
    help="Write the faces of all images as JSON; - is standard output.",
)
@click.option(
    "--csv", "csv_file", type=_RESULTS, help="Write a row for each face; - is standard output."
)
@click.option("--overwrite", is_flag=True, help="Replace outputs that exist.")
@paint_options
@detector_options
def command(
    paths: tuple[str, ...],
    out: Path,
    no_images: bool,
    json_file: Path | None,
    csv_file: Path | None,
    overwrite: bool,
    painting: PaintOptions,
    new_detector: Callable[[], MTCNN],
) -> int:
    """Find the faces of images, and write copies with the faces drawn or covered.

    PATH is a file, a glob pattern, or a folder with all image files below it except hidden ones and
    --out. Copies keep the structure of a folder; copies with the same name are numbered. They have
    no metadata, such as the place or a preview.

    Coordinates are pixels of the upright image, with its EXIF orientation applied: boxes x1 y1 x2
    y2, landmarks x y, left and right as seen in the image.

    A file that cannot be read or written is named and left out, and the exit status is 1. It is 2
    if nothing can be read. No input is ever overwritten.
    """
    outputs = [path for path in (json_file, csv_file) if path is not None]
    on_stdout = [str(path) for path in outputs].count("-")
    if on_stdout == 2:
        raise click.UsageError("only one of --json and --csv can go to standard output")
    if no_images and not outputs:
        raise click.UsageError("--no-images leaves nothing to do without --json or --csv")
    files, problems = find_image_files(paths, None if no_images else out)
    if not files:
        raise click.UsageError("; ".join(problems))
    inputs = identities(files)
    refuse_inputs(outputs, inputs)
    copies = None if no_images else Outputs(out, overwrite, inputs)
    with (
        terminate_as_interrupt(),
        written_at_the_end(json_file, as_json, overwrite) as for_json,
        written_at_the_end(csv_file, as_csv, overwrite) as for_csv,
    ):
        detector, painter = new_detector(), painting.painter()
        tally = for_each(files, problems, lambda one: _process(one, detector, copies, painter))
        for_json += tally.records
        for_csv += tally.records
    click.echo(tally.summary() + ("" if no_images else f": {out}"), err=bool(on_stdout))
    return tally.status()


def _process(file: ImageFile, detector: MTCNN, copies: Outputs | None, painter: Painter) -> Record:
    """Detects, and writes the copy.

    Raises ValueError if the file cannot be read, and OSError, as early as possible, if its copy
    cannot be written.
    """
    if copies:
        copies.check(file.copy)
    image = read(file)
    faces = detector.detect(image)
    height, width = image.shape[:2]
    if copies:
        painter.paint(image, faces)
        copies.write(file.copy, image)
    record = {"image": str(file.path), "width": width, "height": height}
    return {**record, "faces": faces.to_dicts()}
