"""Computes WIDER FACE's average precision: `mtcnn-rt evaluate wider`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mtcnn_rt.cli.effects import refuse_without_effect
from mtcnn_rt.cli.evaluate.models import Models
from mtcnn_rt.cli.evaluate.options import detections_option, detectors_options
from mtcnn_rt.cli.evaluate.outputs import Outputs
from mtcnn_rt.cli.evaluate.run import Detect, Run, evaluating, read_stored
from mtcnn_rt.cli.option_kinds import folder_option, max_pixels_option

if TYPE_CHECKING:
    from mtcnn_rt.evaluation.detections import Detections
    from mtcnn_rt.evaluation.measurement import Measurement
    from mtcnn_rt.evaluation.wider_files import WiderAnnotation


@click.command("wider")
@folder_option(
    "--ground-truth",
    required=True,
    help="The folder of wider_face_val.mat, wider_easy_val.mat, wider_medium_val.mat and "
    "wider_hard_val.mat.",
)
@folder_option("--images", help="The folder of the events: WIDER_val/images.")
@detections_option(
    "[NAME=]FOLDER",
    "A folder of detections in the format of the official tools, event/image.txt; several.",
)
@max_pixels_option
@detectors_options
def command(
    ground_truth: Path,
    images: Path | None,
    detections: dict[str, Path],
    max_pixels: int,
    models: Models,
    outputs: Outputs,
) -> int:
    """Compute WIDER FACE's average precision: easy, medium and hard.

    Evaluates detections in files, or detectors that run on --images. An image without detections
    counts as one in which nothing is found.
    """
    from mtcnn_rt.evaluation.measurement import Evaluation, Plot
    from mtcnn_rt.evaluation.wider_files import SETTINGS, read_ground_truth

    with evaluating(outputs) as run:
        detectors = models.detectors(detections)
        if not detectors:
            refuse_without_effect("without --model", only={"images", "max_pixels"})
        outputs.plan.add_inputs([*ground_truth.glob("*.mat"), *detections.values()])
        truth = read_ground_truth(ground_truth)
        found = {name: _read(truth, folder, run) for name, folder in detections.items()}
        if detectors:
            if images is None:
                raise click.UsageError("a detector needs --images to run over")
            outputs.plan.add_inputs(_image(images, one) for one in truth)
            found |= _detect(truth, images, max_pixels, detectors, run)
        run.write(
            Evaluation(
                title="WIDER FACE",
                about={
                    "ground truth": str(ground_truth),
                    "images": str(len(truth)),
                    **(models.about() if detectors else {}),
                },
                plots=tuple(Plot(name, "recall", "precision", x_limit=1) for name in SETTINGS),
                measurements={name: _measure(truth, of_one) for name, of_one in found.items()},
            )
        )
    return run.status()


def _read(truth: list[WiderAnnotation], folder: Path, run: Run) -> dict[int, Detections]:
    """Reads detections by the index of the image. Raises ValueError where none exist."""
    from mtcnn_rt.evaluation.wider_files import read_detections

    found = {}
    for index, image in enumerate(truth):
        try:
            found[index] = read_detections(folder, image)
        except FileNotFoundError as error:
            run.warn([f"{error.filename}: no detections"])
        except ValueError as error:
            run.warn([f"{error}; the detections of the image are left out"])
    if not found:
        raise ValueError(
            f"{folder}: has no detections, such as {truth[0].event}/{truth[0].name}.txt"
        )
    return found


def _detect(
    truth: list[WiderAnnotation],
    images: Path,
    max_pixels: int,
    detectors: Mapping[str, Detect],
    run: Run,
) -> dict[str, dict[int, Detections]]:
    from mtcnn_rt.evaluation.detections import Detections

    found: dict[str, dict[int, Detections]] = {name: {} for name in detectors}
    for index, _, of_image in run.detect(
        range(len(truth)),
        lambda index: truth[index].name,
        lambda index, lines: read_stored(_image(images, truth[index]), max_pixels, lines),
        detectors,
    ):
        for name, faces in of_image.items():
            found[name][index] = Detections(faces.boxes, faces.scores)
    return found


def _image(images: Path, one: WiderAnnotation) -> Path:
    """Returns the path of an image."""
    return images / one.event / f"{one.name}.jpg"


def _measure(truth: list[WiderAnnotation], found: Mapping[int, Detections]) -> Measurement:
    from mtcnn_rt.evaluation.average_precision import area
    from mtcnn_rt.evaluation.detections import Detections
    from mtcnn_rt.evaluation.measurement import Measurement
    from mtcnn_rt.evaluation.wider import WiderJudgedImage, precision_recall, spread_scores
    from mtcnn_rt.evaluation.wider_files import SETTINGS

    of_each = [found.get(index, Detections.empty()) for index in range(len(truth))]
    scores = spread_scores([one.scores for one in of_each])
    curves = {
        setting: precision_recall(
            [
                WiderJudgedImage(image.boxes, image.counted[setting], one.boxes, spread)
                for image, one, spread in zip(truth, of_each, scores, strict=True)
            ]
        )
        for setting in SETTINGS
    }
    return Measurement({f"AP {setting}": area(curve) for setting, curve in curves.items()}, curves)
