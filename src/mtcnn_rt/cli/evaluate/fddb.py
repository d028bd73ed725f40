"""Computes FDDB's curves: `mtcnn-rt evaluate fddb`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mtcnn_rt.cli.evaluate.models import Models
from mtcnn_rt.cli.evaluate.options import detections_option, detectors_options
from mtcnn_rt.cli.evaluate.outputs import Outputs
from mtcnn_rt.cli.evaluate.run import Run, evaluating, read_stored
from mtcnn_rt.cli.option_kinds import folder_option, max_pixels_option

if TYPE_CHECKING:
    from mtcnn_rt import Faces
    from mtcnn_rt._arrays import Float64
    from mtcnn_rt.evaluation.fddb import FddbJudgedImage
    from mtcnn_rt.evaluation.fddb_files import RegionDetections
    from mtcnn_rt.evaluation.measurement import Measurement

FALSE_POSITIVES = (100, 1000)
"""Numbers of false positives at which the share of the faces that are found is printed."""
SHOWN = 2000  # the most false positives in the plots


@click.command("fddb")
@folder_option(
    "--folds",
    required=True,
    help="The folder of FDDB-fold-01-ellipseList.txt and the other folds.",
)
@folder_option(
    "--images",
    required=True,
    help="The folder of the images: originalPics. The names in the folds are relative to it.",
)
@detections_option(
    "[NAME=]PATH", "Detections in the format of the official tool, a file or a folder; several."
)
@max_pixels_option
@detectors_options
def command(
    folds: Path,
    images: Path,
    detections: dict[str, Path],
    max_pixels: int,
    models: Models,
    outputs: Outputs,
) -> int:
    """Compute FDDB's discrete and continuous ROC.

    Evaluates detections in files, or detectors that run on --images. An image without detections
    counts as one in which nothing is found.
    """
    from mtcnn_rt.evaluation.fddb_files import find_image, read_ellipses
    from mtcnn_rt.evaluation.measurement import Evaluation, Plot

    with evaluating(outputs) as run:
        detectors = models.detectors(detections)
        outputs.plan.add_inputs([*folds.glob("FDDB-fold-*"), *detections.values()])
        annotated = read_ellipses(folds)
        outputs.plan.add_inputs(find_image(images, name) for name in annotated)
        read = _read(detections, annotated, run)
        judged: dict[str, list[FddbJudgedImage]] = {name: [] for name in (*detections, *detectors)}
        for image, pixels, faces in run.detect(
            list(annotated),
            str,
            lambda name, lines: read_stored(find_image(images, name), max_pixels, lines),
            detectors,
        ):
            here = {name: found[image] for name, found in read.items()}
            here |= {name: _as_rectangles(one) for name, one in faces.items()}
            for name, one in here.items():
                judged[name].append(_judge(one, annotated[image], pixels.shape[:2]))
        run.write(
            Evaluation(
                title="FDDB",
                about={
                    "folds": str(folds),
                    "images": str(len(next(iter(judged.values())))),
                    **(models.about() if detectors else {}),
                },
                plots=tuple(
                    Plot(title, "false positives", "true positive rate", x_limit=SHOWN)
                    for title in ("discrete", "continuous")
                ),
                measurements={name: _measure(of_one) for name, of_one in judged.items()},
            )
        )
    return run.status()


def _read(
    detections: Mapping[str, Path], images: Iterable[str], run: Run
) -> dict[str, dict[str, RegionDetections]]:
    """Reads the detections in files, of every image; those of an image without any are none."""
    from mtcnn_rt.evaluation.fddb_files import RegionDetections, read_detections

    problems: list[str] = []
    read = {name: read_detections(path, problems) for name, path in detections.items()}
    run.warn(problems)
    for name, found in read.items():
        missing = sorted(set(images) - found.keys())
        run.warn([f"{detections[name]}: {image}: no detections" for image in missing])
        found |= dict.fromkeys(missing, RegionDetections.empty())
    return read


def _as_rectangles(faces: Faces) -> RegionDetections:
    import numpy as np

    from mtcnn_rt.evaluation.fddb_files import RegionDetections

    boxes = faces.boxes.astype(np.float64)
    sides = np.hstack([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]])
    return RegionDetections(sides, faces.scores.astype(np.float64))


def _judge(found: RegionDetections, ellipses: Float64, size: tuple[int, int]) -> FddbJudgedImage:
    from mtcnn_rt.evaluation.fddb import FddbJudgedImage
    from mtcnn_rt.evaluation.regions import region_overlaps

    return FddbJudgedImage(region_overlaps(found.regions, ellipses, size), found.scores)


def _measure(images: Sequence[FddbJudgedImage]) -> Measurement:
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
