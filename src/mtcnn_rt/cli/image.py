"""`mtcnn-rt image`: finds the faces of images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mtcnn_rt.cli.detector_options import detector_options
from mtcnn_rt.cli.effects import refuse_without_effect
from mtcnn_rt.cli.face_choice import chosen, largest_option
from mtcnn_rt.cli.file_plan import FilePlan, model_files
from mtcnn_rt.cli.found_files import InputFile, find_files
from mtcnn_rt.cli.image_job import OutputFolder, for_each
from mtcnn_rt.cli.messages import echo
from mtcnn_rt.cli.option_kinds import max_pixels_option, path_option, results_option
from mtcnn_rt.cli.painting import PAINTING, paint_options
from mtcnn_rt.cli.records import Record, as_csv, as_json, written_at_the_end
from mtcnn_rt.cli.signals import terminate_as_interrupt
from mtcnn_rt.cli.sparing import SPARING, spare_options

if TYPE_CHECKING:
    from mtcnn_rt import MTCNN
    from mtcnn_rt._arrays import Pixels
    from mtcnn_rt.cli.painting import PaintOptions


@click.command
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@path_option(
    "--out",
    default="faces",
    metavar="FOLDER",
    help="Folder of the copies, with the faces drawn or covered.",
)
@click.option("--no-images", is_flag=True, help="Write no copies, only --json or --csv.")
@results_option(
    "--json", "json_file", help="Write the faces of all images as JSON; - is standard output."
)
@results_option("--csv", "csv_file", help="Write a row for each face; - is standard output.")
@click.option("--overwrite", is_flag=True, help="Replace outputs that exist.")
@max_pixels_option
@paint_options
@spare_options(ids=False)
@largest_option(covers=True)
@detector_options
def command(
    paths: tuple[str, ...],
    out: Path,
    no_images: bool,
    json_file: Path | None,
    csv_file: Path | None,
    overwrite: bool,
    max_pixels: int,
    painting: PaintOptions,
    largest: bool,
    model: str | None,
    new_detector: Callable[[], MTCNN],
) -> int:
    """Find the faces of images, and draw or cover them in copies.

    PATH is a file, a glob pattern, or a folder with all image files below it except hidden ones and
    --out. Copies keep the structure of a folder; copies with the same name are numbered. They have
    no metadata, such as the place or a preview, and transparent parts are laid on white.

    Coordinates are pixels of the upright image, with its EXIF orientation applied: boxes x1 y1 x2
    y2, landmarks x y, left and right as seen in the image.

    A file that cannot be read or written is named and left out, and the exit status is 1. It is 2
    if none can be read or written. Files of a folder in formats that cannot be decoded, such as
    HEIC, are named, too, with exit status 1 if --anonymize is given. An animation is refused: use
    `mtcnn-rt process`. No input is ever overwritten.
    """
    folder = None if no_images else out
    plan = FilePlan({"--json": json_file, "--csv": csv_file, "--out": folder})
    if no_images and not (json_file or csv_file):
        raise click.UsageError("--no-images leaves nothing to do without --json or --csv")
    if no_images:
        refuse_without_effect("with --no-images", only={"out", *PAINTING, *SPARING})
    found = find_files(paths, folder)
    if not found.files:
        raise click.UsageError("; ".join([*found.problems, *found.unreadable]))
    plan.add_inputs([*(file.path for file in found.files), *painting.inputs, *model_files(model)])
    copies = None if no_images else OutputFolder(out, overwrite, plan)
    hiding = painting.anonymize is not None

    def check(file: InputFile) -> None:
        if copies:
            copies.check(file.copy)

    def process(file: InputFile, image: Pixels) -> Record:
        faces = chosen(detector.detect(image), largest)
        height, width = image.shape[:2]
        if copies:
            from mtcnn_rt.drawing.painter import Found

            painter.paint(image, Found(faces))
            copies.write(file.copy, image)
        record = {"image": str(file.path), "width": width, "height": height}
        return {**record, "faces": faces.to_dicts()}

    with (
        terminate_as_interrupt(),
        written_at_the_end(json_file, as_json, overwrite) as for_json,
        written_at_the_end(csv_file, as_csv, overwrite) as for_csv,
    ):
        detector, painter = new_detector(), painting.painter()
        tally = for_each(found, check, process, max_pixels, unreadable_fails=hiding)
        for_json += tally.records
        for_csv += tally.records
    echo(
        tally.summary() + ("" if no_images else f": {out}"),
        err="-" in (str(json_file), str(csv_file)),
    )
    return tally.status()
