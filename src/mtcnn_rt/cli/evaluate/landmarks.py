"""Measures landmark errors: `mtcnn-rt evaluate landmarks`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from mtcnn_rt.cli.evaluate.models import Models
from mtcnn_rt.cli.evaluate.options import data_options, detectors_options
from mtcnn_rt.cli.evaluate.outputs import Outputs
from mtcnn_rt.cli.evaluate.run import Detect, evaluating
from mtcnn_rt.cli.option_kinds import WholeNumberRange, length_option

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mtcnn_rt._arrays import Float64
    from mtcnn_rt.annotations import Annotated, Annotations
    from mtcnn_rt.cli.file_plan import FilePlan

TITLE = "cumulative errors"
LARGEST = 0.3  # the largest error in the plot


@click.command("landmarks", context_settings={"default_map": {"min_face_size": 60}})
@data_options
@length_option(
    "--size",
    type=WholeNumberRange(min=12),
    default=240,
    help="Enlarge smaller images to this length of the longer side.",
)
@detectors_options
def command(
    data: str,
    read_data: Callable[[FilePlan], Annotations],
    size: int,
    models: Models,
    outputs: Outputs,
) -> int:
    """Measure landmark errors over the distance of the eyes (NME).

    The face found is the one whose center of landmarks is nearest to the annotated center. A face
    is missed where that center is farther than half the width of its box, or none is found. Mean,
    median and failure rate, the share of errors above 0.1, are those of the faces found. The
    cumulative curve is that of all faces.
    """
    import numpy as np

    from mtcnn_rt.evaluation.landmarks import cumulative, errors, numbers
    from mtcnn_rt.evaluation.measurement import Evaluation, Measurement, Plot

    with evaluating(outputs) as run:
        annotations = read_data(outputs.plan)
        run.warn(annotations.problems)
        images = [image for image in annotations.images if _measurable(image).any()]
        if not images:
            raise ValueError(f"{data}: no face has all five landmarks, with the eyes apart")
        run.warn(
            [
                f"{image.name}: the annotated eyes are one point"
                for image in annotations.images
                if (image.has_usable_landmarks() & _eyes_are_one_point(image)).any()
            ]
        )
        detectors = {name: _enlarging(detect, size) for name, detect in models.detectors().items()}
        found_errors: dict[str, list[Float64]] = {name: [] for name in detectors}
        for image, _, found in run.detect(
            images, lambda one: one.name, lambda one, lines: one.read_with_faces(lines), detectors
        ):
            landmarks = image.landmarks[_measurable(image)]
            for name, faces in found.items():
                found_errors[name].append(errors(landmarks, faces))
        together = {name: np.concatenate(parts) for name, parts in found_errors.items()}
        run.write(
            Evaluation(
                title="Landmarks: errors over the distance of the eyes",
                about={
                    "data": data,
                    "images": f"enlarged to {size} pixels where they are smaller",
                    **models.about(),
                },
                plots=(Plot(TITLE, "error", "share of the faces", x_limit=LARGEST),),
                measurements={
                    name: Measurement(numbers(of_one), {TITLE: cumulative(of_one)})
                    for name, of_one in together.items()
                },
            )
        )
    return run.status()


def _eyes_are_one_point(image: Annotated) -> NDArray[np.bool_]:
    """Returns True for the faces whose eyes have no distance, by which errors are divided."""
    same: NDArray[np.bool_] = (image.landmarks[:, 0] == image.landmarks[:, 1]).all(axis=1)
    return same


def _measurable(image: Annotated) -> NDArray[np.bool_]:
    """Returns True for the faces whose errors can be measured, each of them once."""
    repeated = image.is_repeated()
    return image.has_usable_landmarks() & ~_eyes_are_one_point(image) & ~repeated


def _enlarging(detect: Detect, size: int) -> Detect:
    from mtcnn_rt.evaluation.landmarks import detect_enlarged

    return lambda image: detect_enlarged(image, size, detect)
