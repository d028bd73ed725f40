"""`mtcnn-rt export`: writes results as annotations for other programs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import click

from mtcnn_rt._files.paths import is_there
from mtcnn_rt.cli.effects import refuse_without_effect
from mtcnn_rt.cli.file_plan import FilePlan
from mtcnn_rt.cli.messages import echo, notify
from mtcnn_rt.cli.option_kinds import PathType, min_score_option, path_option
from mtcnn_rt.cli.signals import terminate_as_interrupt
from mtcnn_rt.exports import FORMATS, LOCAL_FILES

_SHOWN = 20
"""Most lines about images that are left out."""


@click.command
@click.argument("results", type=PathType(exists=True, dir_okay=False))
@click.option(
    "--format",
    "export_format",
    type=click.Choice(FORMATS),
    required=True,
    help="Format to write.",
)
@path_option(
    "--out",
    required=True,
    metavar="PATH",
    help="File to write, or folder: yolo, yolo-pose, and wider unless PATH ends in .txt.",
)
@path_option(
    "--images",
    metavar="FOLDER",
    help="Folder that the names of images become relative to.  [default: names as in RESULTS]",
)
@min_score_option
@click.option(
    "--url-prefix",
    default=LOCAL_FILES,
    show_default=True,
    metavar="TEXT",
    help="Text before the names of images in label-studio.",
)
@click.option("--overwrite", is_flag=True, help="Replace outputs that exist.")
def command(
    results: Path,
    export_format: str,
    out: Path,
    images: Path | None,
    min_score: float,
    url_prefix: str,
    overwrite: bool,
) -> int:
    """Write results as labels for annotation tools and trainers.

    RESULTS is what `mtcnn-rt batch --out` (.parquet, .jsonl, .csv) or `mtcnn-rt image --json`
    writes. Formats:

    \b
    coco          COCO: a JSON file with boxes and keypoints
    yolo          YOLO: a folder with labels/ and data.yaml
    yolo-pose     the same with five keypoints
    cvat          CVAT for images 1.1: an XML file with boxes and points
    label-studio  Label Studio: a JSON file of tasks with predictions
    wider         WIDER FACE: a text file for each image, or one for all
    jsonl         JSON lines: annotations for `mtcnn-rt train` and `evaluate`

    Images without faces are in the output, too. Images that could not be read, and frames of
    videos, are named and left out; the exit status is then 1. All formats but jsonl and wider have
    boxes cut at the edges of the image. A face whose box then has no area is left out, too.
    """
    from mtcnn_rt.exports.images import ExportedImages
    from mtcnn_rt.exports.writing import export

    if export_format != "label-studio":
        refuse_without_effect(f"with --format {export_format}", only={"url_prefix"})
    if not results.is_file():
        raise click.UsageError(f"{results}: a pipe, which is not read twice; write it to a file")
    plan = FilePlan({"--out": out})
    plan.add_inputs([results])
    with terminate_as_interrupt():
        if is_there(out):
            plan.add_inputs(_searched_files(results))
        chosen = ExportedImages(results, images, min_score)
        done = export(chosen, export_format, out, overwrite, url_prefix)
    for problem in done.problems[:_SHOWN]:
        notify(problem)
    if len(done.problems) > _SHOWN:
        notify(f"{len(done.problems) - _SHOWN} more are left out")
    echo(f"{done.images} images, {done.faces} faces: {out}")
    return 1 if done.problems else 0


def _searched_files(results: Path) -> Iterator[Path]:
    """Yields the files that results are of: images, videos, and archives of images."""
    from mtcnn_rt.exports.results import read_results

    for image in read_results(results):
        path = Path(image.name)
        if os.path.isfile(path):
            yield path
        else:
            yield from filter(os.path.isfile, path.parents)
