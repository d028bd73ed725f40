"""`mtcnn-rt crops`: the faces of pictures, cut out and turned upright."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mtcnn_rt.cli.batch import Outputs, for_each, identities, read, refuse_inputs
from mtcnn_rt.cli.options import detector_options
from mtcnn_rt.cli.pictures import Picture, find_pictures
from mtcnn_rt.cli.results import Record, as_json, written_at_the_end
from mtcnn_rt.cli.signals import terminate_as_interrupt

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mtcnn_rt import MTCNN, Faces


@click.command
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default="crops",
    show_default=True,
    metavar="FOLDER",
    help="Where the crops go.",
)
@click.option(
    "--size",
    type=click.IntRange(16, 4096),
    default=112,
    show_default=True,
    metavar="PIXELS",
    help="Of a crop. ArcFace and its kin take 112, FaceNet 160.",
)
@click.option(
    "--margin",
    type=click.FloatRange(0, 4),
    default=0,
    show_default=True,
    metavar="SHARE",
    help="What to show more on every side, in sides of the crop.",
)
@click.option(
    "--min-score",
    type=click.FloatRange(0, 1),
    default=0,
    metavar="SCORE",
    help="Leave out faces below this score.",
)
@click.option(
    "--format",
    "extension",
    type=click.Choice(["png", "jpg"]),
    default="png",
    show_default=True,
    help="Of the files.",
)
@click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path, allow_dash=True),
    help="Write where the crops come from as JSON; - is stdout.",
)
@click.option("--overwrite", is_flag=True, help="Replace outputs that exist.")
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
    new_detector: Callable[[], MTCNN],
) -> int:
    """Cut the faces out of pictures.

    Every face is turned upright and scaled so that eyes, nose and mouth lie where networks that
    recognize faces expect them (ArcFace's template). NAME.jpg gives NAME-1.png, NAME-2.png, ...,
    best score first. Of a picture, either all crops are written or, where one exists, none.

    PATH is a file, a glob pattern or a folder, as for `mtcnn-rt image`, and the exit status is the
    same: 1 where something could not be read or written, 2 where nothing could be read.
    """
    from mtcnn_rt import align

    pictures, problems = find_pictures(paths, out)
    if not pictures:
        raise click.UsageError("; ".join(problems))
    outputs = Outputs(out, overwrite, identities(pictures))
    refuse_inputs([json_file] if json_file else [], outputs.inputs)
    stems = name_stems(pictures)

    def crop(picture: Picture) -> Record:
        image = read(picture)
        faces = detector.detect(image)
        faces = faces[faces.scores >= min_score]
        crops = align.crops(image, faces.landmarks, size, margin)
        return _write(picture, stems[picture], extension, faces, crops, outputs)

    with (
        terminate_as_interrupt(),
        written_at_the_end(json_file, as_json, overwrite) as for_json,
    ):
        detector = new_detector()
        tally = for_each(pictures, problems, crop)
        for_json += [face for record in tally.records for face in record["faces"]]
    click.echo(f"{tally.summary()}: {out}", err=str(json_file) == "-")
    return tally.status()


def _write(
    picture: Picture,
    stem: Path,
    extension: str,
    faces: Faces,
    crops: NDArray[np.uint8],
    outputs: Outputs,
) -> Record:
    """Raises OSError, before the first crop where it can."""
    names = [stem.with_name(f"{stem.name}-{n}.{extension}") for n in range(1, len(crops) + 1)]
    for name in names:
        outputs.check(name)
    for name, pixels in zip(names, crops, strict=True):
        outputs.write(name, pixels)
    return {
        "faces": [
            {"crop": str(outputs.out / name), "image": str(picture.path), "face": index, **face}
            for index, (name, face) in enumerate(zip(names, faces.to_dicts(), strict=True))
        ]
    }


def name_stems(pictures: Iterable[Picture]) -> dict[Picture, Path]:
    """What the names of a picture's crops begin with, below the output folder: the name of its copy
    without the extension, unless another picture has that. The number of the face follows, so that
    no two crops have one name if no two pictures have one stem."""
    stems: dict[Picture, Path] = {}
    taken: set[str] = set()
    for picture in pictures:
        stem = picture.copy.with_suffix("")
        numbered = (stem.with_name(f"{stem.name}-{n}") for n in count(2))
        free = next(s for s in chain([stem], numbered) if str(s).casefold() not in taken)
        taken.add(str(free).casefold())
        stems[picture] = free
    return stems
