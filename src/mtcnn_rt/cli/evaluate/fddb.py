"""`mtcnn-rt evaluate fddb`: FDDB's protocol."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mtcnn_rt.cli.evaluate.options import Models, NamedPath, detectors_options, unique_names
from mtcnn_rt.cli.evaluate.outputs import Outputs
from mtcnn_rt.cli.evaluate.run import evaluating, read_stored

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mtcnn_rt import Faces
    from mtcnn_rt.evaluation.fddb import FddbImage
    from mtcnn_rt.evaluation.fddb_files import Found
    from mtcnn_rt.evaluation.measurement import Measurement

FALSE_POSITIVES = (100, 1000)
"""At which the share of the faces that are found is told."""
SHOWN = 2000  # false positives in the plots


@click.command("fddb")
@click.option(
    "--folds",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=True,
    help="The folder of FDDB-fold-01-ellipseList.txt and so on.",
)
@click.option(
    "--images",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=True,
    help="The folder that the images' names are relative to: originalPics.",
)
@click.option(
    "--detections",
    type=NamedPath(),
    multiple=True,
    metavar="[NAME=]PATH",
    help="Detections in the format of the official tool, one file or a folder of them; several.",
)
@detectors_options
def command(
    folds: Path,
    images: Path,
    detections: tuple[tuple[str, Path], ...],
    models: Models,
    outputs: Outputs,
) -> int:
    """FDDB's discrete and continuous ROC.

    Of detections in files, or of detectors that run over --images. An image without detections
    counts as one in which nothing is found.
    """
    from mtcnn_rt.evaluation.fddb_files import Found, find_image, read_detections, read_ellipses
    from mtcnn_rt.evaluation.measurement import Evaluation, Plot

    paths = unique_names("--detections", detections)
    with evaluating(outputs) as run:
        detectors = models.detectors(paths)
        annotated = read_ellipses(folds)
        read = {name: read_detections(path) for name, path in paths.items()}
        for name, found in read.items():
            missing = annotated.keys() - found.keys()
            run.tell([f"{paths[name]}: {image}: no detections" for image in sorted(missing)])
        judged: dict[str, list[FddbImage]] = {name: [] for name in (*paths, *detectors)}
        for image, pixels, faces in run.detect(
            list(annotated), str, lambda name: read_stored(find_image(images, name)), detectors
        ):
            here = {name: found.get(image, Found.empty()) for name, found in read.items()}
            here |= {name: _as_rectangles(one) for name, one in faces.items()}
            for name, one in here.items():
                judged[name].append(_judge(one, annotated[image], pixels.shape[:2]))
        run.write(
            Evaluation(
                title="FDDB",
                about={
                    "folds": str(folds),
                    "images": str(len(next(iter(judged.values())))),
                    **({"detector": models.settings} if detectors else {}),
                },
                plots=tuple(
                    Plot(title, "false positives", "true positive rate", x_limit=SHOWN)
                    for title in ("discrete", "continuous")
                ),
                results={name: _result(of_one) for name, of_one in judged.items()},
            )
        )
    return run.status()


def _as_rectangles(faces: Faces) -> Found:
    import numpy as np

    from mtcnn_rt.evaluation.fddb_files import Found

    boxes = faces.boxes.astype(np.float64)
    sides = np.hstack([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]])
    return Found(sides, faces.scores.astype(np.float64))


def _judge(found: Found, ellipses: NDArray[np.float64], size: tuple[int, int]) -> FddbImage:
    from mtcnn_rt.evaluation.fddb import FddbImage
    from mtcnn_rt.evaluation.regions import region_overlaps

    return FddbImage(region_overlaps(found.regions, ellipses, size), found.scores)


def _result(images: Sequence[FddbImage]) -> Measurement:
    from mtcnn_rt.evaluation.fddb import rate_at, roc
    from mtcnn_rt.evaluation.measurement import Measurement

    both = roc(images)
    curves = {"discrete": both.discrete, "continuous": both.continuous}
    numbers = {
        f"{title} at {count}": rate_at(curve, count)
        for title, curve in curves.items()
        for count in FALSE_POSITIVES
    }
    return Measurement(numbers, curves)
