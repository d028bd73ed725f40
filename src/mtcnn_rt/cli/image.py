"""`mtcnn-rt image`: the faces of pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mtcnn_rt.cli.batch import Outputs, for_each, identities, read, refuse_inputs
from mtcnn_rt.cli.options import detector_options
from mtcnn_rt.cli.painting import paint_options
from mtcnn_rt.cli.pictures import Picture, find_pictures
from mtcnn_rt.cli.results import Record, as_csv, as_json, written_at_the_end
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
    help="Where the copies go, annotated or anonymized.",
)
@click.option("--no-images", is_flag=True, help="Write no copies, only --json or --csv.")
@click.option("--json", "json_file", type=_RESULTS, help="Write the results as JSON; - is stdout.")
@click.option("--csv", "csv_file", type=_RESULTS, help="Write a row a face; - is stdout.")
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
    """Find the faces of pictures.

    PATH is a file, a glob pattern or a folder, with all that is below it except hidden files and
    --out. The copies of a folder's pictures keep its structure; those of one name are numbered.
    They have no metadata, such as a place or a preview.

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
    inputs = identities(pictures)
    refuse_inputs(results, inputs)
    copies = None if no_images else Outputs(out, overwrite, inputs)
    with (
        terminate_as_interrupt(),
        written_at_the_end(json_file, as_json, overwrite) as for_json,
        written_at_the_end(csv_file, as_csv, overwrite) as for_csv,
    ):
        detector, painter = new_detector(), painting.painter()
        tally = for_each(pictures, problems, lambda one: _process(one, detector, copies, painter))
        for_json += tally.records
        for_csv += tally.records
    click.echo(tally.summary() + ("" if no_images else f": {out}"), err=bool(on_stdout))
    return tally.status()


def _process(picture: Picture, detector: MTCNN, copies: Outputs | None, painter: Painter) -> Record:
    """Raises ValueError where the picture cannot be read, OSError where its copy cannot be written,
    as early as can be."""
    if copies:
        copies.check(picture.copy)
    image = read(picture)
    faces = detector.detect(image)
    height, width = image.shape[:2]
    if copies:
        painter.paint(image, faces)
        copies.write(picture.copy, image)
    record = {"image": str(picture.path), "width": width, "height": height}
    return {**record, "faces": faces.to_dicts()}
