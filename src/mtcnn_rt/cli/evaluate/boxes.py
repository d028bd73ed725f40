"""Computes average precision: `mtcnn-rt evaluate boxes`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from mtcnn_rt.cli.evaluate.counting import Counting
from mtcnn_rt.cli.evaluate.crops import mistakes_of
from mtcnn_rt.cli.evaluate.models import Models
from mtcnn_rt.cli.evaluate.options import data_options, detectors_options
from mtcnn_rt.cli.evaluate.outputs import Outputs
from mtcnn_rt.cli.evaluate.run import Run, evaluating
from mtcnn_rt.cli.option_kinds import NumberRange, WholeNumberRange, length_option

if TYPE_CHECKING:
    from mtcnn_rt.annotations import Annotated, Annotations
    from mtcnn_rt.cli.file_plan import FilePlan
    from mtcnn_rt.evaluation.judging import JudgedImage


@click.command("boxes")
@data_options
@click.option(
    "--label",
    "labels",
    multiple=True,
    metavar="NAME",
    help="Also count the boxes of this label alone and ignore the others; several.",
)
@length_option(
    "--min-size",
    type=NumberRange(min=0),
    default=20,
    help="Ignore annotated boxes less than this high.",
)
@click.option(
    "--iou",
    type=NumberRange(0, 1, min_open=True),
    default=0.5,
    show_default=True,
    help="The overlap (IoU) from which a face is found.",
)
@click.option(
    "--resamples",
    type=WholeNumberRange(min=0),
    default=1000,
    show_default=True,
    metavar="N",
    help="Resamples of the images for the confidence intervals; 0 computes none.",
)
@detectors_options
def command(
    data: str,
    read_data: Callable[[FilePlan, bool], Annotations],
    labels: tuple[str, ...],
    min_size: float,
    iou: float,
    resamples: int,
    models: Models,
    outputs: Outputs,
) -> int:
    """Compute average precision, recall and F1, of all faces and by size and label.

    Each detection, best score first, takes the free box that it overlaps most. A detection that
    overlaps only an ignored box is dropped; any other is a false positive. Intervals are those of
    95 percent, by the bootstrap over images. In images without faces, counts false positives.
    """
    from mtcnn_rt.evaluation.judging import judged_image

    with evaluating(outputs) as run:
        annotations = read_data(outputs.plan, True)
        run.warn(annotations.problems)
        boxed = _with_all_boxes(data, annotations.images, run)
        labels = tuple(dict.fromkeys(labels))
        _refuse_unknown(labels, boxed)
        detectors, thresholds = models.detectors(), models.thresholds()
        judged: dict[str, list[JudgedImage]] = {name: [] for name in detectors}
        images: list[Annotated] = []
        for image, _, found in run.detect(
            boxed, lambda one: one.name, lambda one, lines: one.read_with_faces(lines), detectors
        ):
            images.append(image)
            for name, faces in found.items():
                judged[name].append(judged_image(image, faces.boxes, faces.scores))
        counting = Counting(labels, min_size, iou, resamples)
        run.write(
            counting.evaluation(judged, thresholds, _about(data, images, min_size, models)),
            mistakes_of(images, judged, thresholds, counting.everything, iou)
            if run.has_report
            else (),
        )
    return run.status()


def _with_all_boxes(data: str, images: Sequence[Annotated], run: Run) -> list[Annotated]:
    """Returns the images whose faces all have a box; the others are named.

    A face without its box would count as background. Raises ValueError if there is no such image.
    """
    boxed = [image for image in images if image.has_all_boxes()]
    if not boxed:
        raise ValueError(
            f"{data}: every image has a face without a box, which `evaluate boxes` needs; "
            "`evaluate landmarks` takes faces that have landmarks alone"
        )
    others = [image.name for image in images if not image.has_all_boxes()]
    run.warn([f"{name}: a face without a box" for name in others])
    return boxed


def _refuse_unknown(labels: Sequence[str], images: Sequence[Annotated]) -> None:
    known = {label for image in images for label in image.labels} - {""}
    for label in labels:
        if label not in known:
            there_is = ", ".join(sorted(known)) or "none"
            raise click.UsageError(f"--label: no box is called {label!r}; there is {there_is}")


def _about(
    data: str, images: Sequence[Annotated], min_size: float, models: Models
) -> dict[str, str]:
    return {
        "data": data,
        "photos": str(len(images)),
        "boxes": f"at least {min_size:g} pixels high",
        **models.about(),
    }
