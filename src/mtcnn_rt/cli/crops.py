"""`mtcnn-rt crops`: cuts faces out of images and turns them upright."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mtcnn_rt._files.paths import is_there
from mtcnn_rt.cli.detector_options import detector_options
from mtcnn_rt.cli.face_choice import chosen, largest_option
from mtcnn_rt.cli.file_plan import FilePlan, model_files
from mtcnn_rt.cli.found_files import InputFile, find_files, free_name, stem_of
from mtcnn_rt.cli.image_job import OutputFolder, for_each
from mtcnn_rt.cli.messages import echo
from mtcnn_rt.cli.option_kinds import (
    NumberRange,
    WholeNumberRange,
    choice_option,
    length_option,
    max_pixels_option,
    min_score_option,
    path_option,
    results_option,
)
from mtcnn_rt.cli.records import Record, as_json, written_at_the_end
from mtcnn_rt.cli.signals import terminate_as_interrupt

if TYPE_CHECKING:
    from mtcnn_rt import MTCNN, Faces
    from mtcnn_rt._arrays import Pixels


@click.command
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@path_option("--out", default="crops", metavar="FOLDER", help="Folder of the crops.")
@length_option(
    "--size",
    type=WholeNumberRange(16, 4096),
    default=112,
    help="Side of a crop. ArcFace and similar networks take 112, FaceNet 160.",
)
@click.option(
    "--margin",
    type=NumberRange(0, 4),
    default=0,
    show_default=True,
    metavar="SHARE",
    help="More to show on every side, as a share of the crop's side.",
)
@min_score_option
@choice_option(
    "--format",
    "extension",
    choices=["png", "jpg"],
    default="png",
    help="File format of the crops.",
)
@results_option(
    "--json", "json_file", help="Write the source of each crop as JSON; - is standard output."
)
@click.option("--overwrite", is_flag=True, help="Replace outputs that exist.")
@max_pixels_option
@largest_option(covers=False)
@detector_options
def command(
    paths: tuple[str, ...],
    out: Path,
    size: int,
    margin: float,
    min_score: float,
    extension: str,
    json_file: Path | None,
    overwrite: bool,
    max_pixels: int,
    largest: bool,
    model: str | None,
    new_detector: Callable[[], MTCNN],
) -> int:
    """Cut faces out of images, turned upright.

    Each face is scaled so that eyes, nose and mouth lie where networks that recognize faces expect
    them (ArcFace's template). NAME.jpg gives NAME-1.png, NAME-2.png, ..., best score first. If one
    of an image's crops exists already, or cannot be written, none of them is added.

    PATH is a file, a glob pattern or a folder, as for `mtcnn-rt image`. The exit status is 1 if
    something could not be read or written, and 2 if nothing could.
    """
    from mtcnn_rt import align

    plan = FilePlan({"--json": json_file, "--out": out})
    found = find_files(paths, out)
    if not found.files:
        raise click.UsageError("; ".join([*found.problems, *found.unreadable]))
    plan.add_inputs([*(file.path for file in found.files), *model_files(model)])
    outputs = OutputFolder(out, overwrite, plan)
    stems = name_stems(found.files)

    def crop(file: InputFile, image: Pixels) -> Record:
        faces = detector.detect(image)
        faces = chosen(faces[faces.scores >= min_score], largest)
        # One after the other: those of a crowd at a large size may exceed the memory.
        crops = (align.crop(image, points, size, margin) for points in faces.landmarks)
        return _write(file, stems[file], extension, faces, crops, outputs)

    with (
        terminate_as_interrupt(),
        written_at_the_end(json_file, as_json, overwrite) as for_json,
    ):
        detector = new_detector()
        tally = for_each(found, lambda file: None, crop, max_pixels)
        for_json += [face for record in tally.records for face in record["faces"]]
    echo(f"{tally.summary()}: {out}", err=str(json_file) == "-")
    return tally.status()


def _write(
    file: InputFile,
    stem: str,
    extension: str,
    faces: Faces,
    crops: Iterable[Pixels],
    outputs: OutputFolder,
) -> Record:
    """Writes all crops of a file, or none of them. Raises OSError, if possible before the first."""
    names = [Path(f"{stem}-{n}.{extension}") for n in range(1, len(faces) + 1)]
    for name in names:
        outputs.check(name)
    added: list[Path] = []
    try:
        for name, pixels in zip(names, crops, strict=True):
            path = outputs.out / name
            replaces = is_there(path)
            outputs.write(name, pixels)
            added += [] if replaces else [path]
    except BaseException:  # such as a full disk; the next run would not replace what is left
        for path in added:
            path.unlink(missing_ok=True)
        raise
    return {
        "faces": [
            {"crop": str(outputs.out / name), "image": str(file.path), "face": index, **face}
            for index, (name, face) in enumerate(zip(names, faces.to_dicts(), strict=True))
        ]
    }


def name_stems(files: Iterable[InputFile]) -> dict[InputFile, str]:
    """Returns the beginning of the names of each file's crops, below the output folder.

    It is the name of the file's copy without the extension, unless another file has that. The
    number of the face follows, so that no two crops have the same name.
    """
    taken: set[str] = set()
    return {file: free_name(stem_of(file.copy), "", taken) for file in files}
