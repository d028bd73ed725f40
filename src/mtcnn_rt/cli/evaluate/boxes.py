"""Computes average precision: `mtcnn-rt evaluate boxes`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from mtcnn_rt.cli.evaluate.options import Models, data_options, detectors_options
from mtcnn_rt.cli.evaluate.outputs import Outputs
from mtcnn_rt.cli.evaluate.run import evaluating

if TYPE_CHECKING:
    from mtcnn_rt.annotations import Annotated, Annotations
    from mtcnn_rt.cli.file_plan import FilePlan
    from mtcnn_rt.evaluation.average_precision import JudgedImage
    from mtcnn_rt.evaluation.measurement import Measurement


@click.command("boxes")
@data_options
@click.option(
    "--label",
    "labels",
    multiple=True,
    metavar="NAME",
    help="Also count the boxes of this label alone and ignore the others; several.",
)
@click.option(
    "--min-size",
    type=click.FloatRange(min=0),
    default=20,
    show_default=True,
    metavar="PIXELS",
    help="Ignore annotated boxes less than this high.",
)
@click.option(
    "--iou",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.5,
    show_default=True,
    help="The overlap (IoU) from which a face is found.",
)
@detectors_options
def command(
    data: str,
    read_data: Callable[[FilePlan], Annotations],
    labels: tuple[str, ...],
    min_size: float,
    iou: float,
    models: Models,
    outputs: Outputs,
) -> int:
    """Compute average precision with all-point interpolation.

    Each detection, best score first, takes the free box that it overlaps most. A detection that
    overlaps only an ignored box is dropped; any other is a false positive.
    """
    from mtcnn_rt.evaluation.average_precision import judged_image
    from mtcnn_rt.evaluation.measurement import Evaluation, Plot

    with evaluating(outputs) as run:
        annotations = read_data(outputs.plan)
        run.warn(annotations.problems)
        labels = tuple(dict.fromkeys(labels))
        _refuse_unknown(labels, annotations.images)
        detectors = models.detectors()
        judged: dict[str, list[JudgedImage]] = {name: [] for name in detectors}
        for image, _, found in run.detect(
            annotations.images, lambda one: one.name, lambda one: one.read(), detectors
        ):
            for name, faces in found.items():
                judged[name].append(judged_image(image, faces.boxes, faces.scores))
        titles = [_title(label) for label in (None, *labels)]
        run.write(
            Evaluation(
                title=f"Average precision at IoU {iou:g}",
                about={
                    "data": data,
                    "photos": str(len(next(iter(judged.values())))),
                    "boxes": f"at least {min_size:g} pixels high",
                    "detector": models.settings,
                },
                plots=tuple(Plot(title, "recall", "precision", x_limit=1) for title in titles),
                measurements={
                    name: _measure(of_one, labels, min_size, iou) for name, of_one in judged.items()
                },
            )
        )
    return run.status()


def _refuse_unknown(labels: Sequence[str], images: Sequence[Annotated]) -> None:
    known = {label for image in images for label in image.labels} - {""}
    for label in labels:
        if label not in known:
            there_is = ", ".join(sorted(known)) or "none"
            raise click.UsageError(f"--label: no box is called {label!r}; there is {there_is}")


def _title(label: str | None) -> str:
    return "all faces" if label is None else f"label {label}"


def _measure(
    images: Sequence[JudgedImage], labels: Sequence[str], min_size: float, iou: float
) -> Measurement:
    """Measures one detector. Raises ValueError where no box counts."""
    from mtcnn_rt.evaluation.average_precision import area, precision_recall
    from mtcnn_rt.evaluation.measurement import Measurement

    numbers, curves = {}, {}
    for label in (None, *labels):
        curve = precision_recall(images, label, min_size, iou)
        if curve is None:
            raise ValueError(f"{_title(label)}: no box counts")
        suffix = "" if label is None else f" {label}"
        numbers[f"AP{suffix}"] = area(curve)
        numbers[f"recall{suffix}"] = float(curve.x[-1]) if curve.x.size else 0.0
        curves[_title(label)] = curve
    return Measurement(numbers, curves)
