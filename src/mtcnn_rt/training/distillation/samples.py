"""Cuts samples that have the teacher's outputs beside their labels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Boxes, Float32, Indices
from mtcnn_rt._boxes import overlaps
from mtcnn_rt._layers import INPUT_SIZES, OUTPUT_SIZES
from mtcnn_rt.images import Image
from mtcnn_rt.training.distillation.teacher import Teacher
from mtcnn_rt.training.samples import (
    NEGATIVE_BELOW,
    POSITIVE_ABOVE,
    Kind,
    boxes_in,
    covered_fractions,
    crop_samples,
    points_in,
    sample_dtype,
)

DOUBTFUL = 4
"""Kind, beside those of `Kind`, of a crop that shows an ignored box: it has no label, but the
teacher's output."""

SAME = 0.5
"""IoU from which a square shows the face of an ignored box, so that its probability counts."""


def taught_dtype(network: str) -> np.dtype[Any]:
    """Returns the type of one sample in an array.

    Its fields are those of `sample_dtype`, of which `landmarks` may belong to positives too, and:

    - `teacher`: the outputs of the teacher, `OUTPUT_SIZES` of them; NaN without a teacher and for
      landmark faces.
    - `probability`: the annotation's probability that the crop shows a face, NaN for none.
    - `weight`: how often the sample is drawn, in relation to others of its kind.

    Args:
        network: "pnet", "rnet" or "onet".
    """
    plain = sample_dtype(INPUT_SIZES[network])
    assert plain.fields is not None
    return np.dtype(
        [
            *((name, *_type_and_shape(plain.fields[name][0])) for name in plain.names or ()),
            ("teacher", np.float32, (OUTPUT_SIZES[network],)),
            ("probability", np.float32),
            ("weight", np.float32),
        ]
    )


def _type_and_shape(field: np.dtype[Any]) -> tuple[Any, ...]:
    return (field,) if field.subdtype is None else field.subdtype


def as_taught(samples: NDArray[Any], network: str) -> NDArray[Any]:
    """Returns plain samples with NaN for the teacher's outputs, and a weight of 1."""
    taught = np.zeros(len(samples), taught_dtype(network))
    for name in samples.dtype.names or ():
        taught[name] = samples[name]
    taught["teacher"] = taught["probability"] = np.nan
    taught["weight"] = 1
    return taught


def assign_taught_kinds(squares: Boxes, faces: Boxes, ignored: Boxes) -> tuple[Indices, Indices]:
    """Decides which kind of sample each square is; every square is one.

    Unlike in `assign_kinds`, parts begin where negatives end, and a square that would be a negative
    but has more than 0.3 of its area in an ignored box, or one without area in it, is doubtful.

    Args:
        squares: Squares (N, 4), x1 y1 x2 y2 in pixels.
        faces: Boxes (M, 4) of the faces.
        ignored: Boxes (K, 4) that count neither as faces nor against them.

    Returns:
        The kinds (N,), and the index (N,) of the face that each square overlaps most; 0 if there is
        no face.
    """
    overlap = overlaps(squares, faces)
    best = overlap.max(axis=1, initial=0)
    doubtful = covered_fractions(squares, ignored).max(axis=1, initial=0) > NEGATIVE_BELOW
    kinds = np.full(len(squares), int(Kind.PART), np.int64)
    kinds[best > POSITIVE_ABOVE] = Kind.POSITIVE
    kinds[best < NEGATIVE_BELOW] = Kind.NEGATIVE
    kinds[(best < NEGATIVE_BELOW) & doubtful] = DOUBTFUL
    nearest = overlap.argmax(axis=1) if len(faces) else np.zeros(len(squares), np.int64)
    return kinds, nearest


def annotated_probabilities(squares: Boxes, ignored: Boxes, probabilities: Float32) -> Float32:
    """Returns the annotation's probability that each square shows a face.

    Args:
        squares: Squares (N, 4), x1 y1 x2 y2 in pixels.
        ignored: Ignored boxes (K, 4).
        probabilities: Probabilities (K,) of these, NaN for none.

    Returns:
        Probabilities (N,), NaN for a square that overlaps no ignored box by an IoU of 0.5.
    """
    found = np.full(len(squares), np.nan, np.float32)
    if len(ignored):
        overlap = overlaps(squares, ignored)
        near = overlap.max(axis=1) > SAME
        found[near] = probabilities[overlap[near].argmax(axis=1)]
    return found


def cut_taught(
    image: Image,
    network: str,
    squares: Float32,
    kinds: Indices,
    boxes: Float32,
    landmarks: Float32,
    teacher: Teacher | None,
    teacher_boxes: float = 0.0,
) -> NDArray[Any]:
    """Cuts squares of an image as samples.

    Args:
        image: The image.
        network: "pnet", "rnet" or "onet".
        squares: Squares (N, 4), x1 y1 x2 y2 in pixels.
        kinds: Kinds (N,) of the squares.
        boxes: Box (N, 4) of the face that each overlaps most; not used for negatives and doubtful
            squares.
        landmarks: Landmarks (N, 5, 2) of this face, NaN for none.
        teacher: The teacher; None for none.
        teacher_boxes: Share of the teacher's boxes in the boxes to learn.

    Returns:
        An array of `taught_dtype(network)`; `probability` and `weight` are still to be set.
    """
    samples = as_taught(crop_samples(image, squares, INPUT_SIZES[network]), network)
    samples["kind"] = kinds
    near = (kinds == Kind.PART) | (kinds == Kind.POSITIVE)
    samples["box"][near] = boxes_in(squares[near], boxes[near])
    samples["landmarks"][near] = points_in(squares[near], landmarks[near])
    if teacher is not None:
        samples["teacher"] = teacher.outputs(network, samples["pixels"])
        theirs = teacher.boxes(network, samples["teacher"], samples["side"])
        samples["box"] = mixed_boxes(samples["box"], theirs, teacher_boxes)
    return samples


def mixed_boxes(boxes: Float32, taught: Float32, share: float) -> Float32:
    """Returns means of annotated boxes and the teacher's, where both show the same face.

    Args:
        boxes: Annotated boxes (N, 4), NaN for none.
        taught: The teacher's boxes (N, 4).
        share: Weight of the teacher's box, 0 to 1.

    Returns:
        Boxes (N, 4): the means where the two overlap by an IoU above 0.5, elsewhere the annotated.
    """
    if share == 0:
        return boxes
    same = np.array([overlaps(a[None], b[None])[0, 0] for a, b in zip(boxes, taught, strict=True)])
    mixed: Float32 = np.where(
        (same > SAME)[:, np.newaxis], (1 - share) * boxes + share * taught, boxes
    ).astype(np.float32)
    return mixed
