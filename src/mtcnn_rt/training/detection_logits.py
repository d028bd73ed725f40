"""Collects the logits of all three networks for the detections in images, to fit a score on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt import _native
from mtcnn_rt._arrays import Float32, Float64
from mtcnn_rt._score import ScoreModel
from mtcnn_rt.annotations import Annotated
from mtcnn_rt.detector import MTCNN
from mtcnn_rt.evaluation.judging import DROPPED, HIT, judge, judged_image
from mtcnn_rt.images import Image
from mtcnn_rt.training.reading import read_whole
from mtcnn_rt.training.score import fit_score, score_of

ROUNDS = 3
"""The last NMS keeps other detections with another score, so the fit is repeated."""

SIMPLE = (0.0, 0.5, 0.5), 0.0
"""Weights and bias of the score in the first round."""

ONET_ALONE = (0.0, 0.0, 1.0)
"""Leaves O-Net's logit alone."""

SMALLEST = 16.0
"""Height in pixels of the smallest faces that count."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """The detections that O-Net accepts in an image, before the last NMS.

    Attributes:
        boxes: Boxes (N, 4), x1 y1 x2 y2 in pixels.
        logits: Logits (N, 3) of P-Net, R-Net and O-Net.
    """

    boxes: Float32
    logits: Float64


def find_candidates(detector: MTCNN, image: Image) -> Candidates:
    """Runs the cascade, and keeps the logits of every stage.

    Args:
        detector: The detector.
        image: The image.

    Returns:
        What O-Net accepts.
    """
    cascade = detector._cascade
    [refined] = cascade.refine([image], [cascade.propose(image)])
    [outputs] = cascade.engine.output([image], [refined.squares])
    passed, _ = _native.accept(outputs, cascade.thresholds[2])
    accepted, outputs = refined[passed], outputs[passed]
    boxes = _native.calibrate(accepted.squares, outputs[:, 1:5])
    logits = accepted.with_logits(outputs[:, 0])
    return Candidates(boxes + np.float32(cascade.box_offset), logits.astype(np.float64))


def fit_on_images(
    detector: MTCNN, images: Sequence[Annotated]
) -> tuple[ScoreModel, Float64, NDArray[np.bool_]]:
    """Fits the score of a detector on images that its networks did not train on.

    Every data set counts the same. The last NMS is the detector's own.

    Args:
        detector: The detector, with low thresholds.
        images: Annotated images, such as those held out. Those with a face without a box, or that
            cannot be read, are left out.

    Returns:
        The model of the score, and the scores (N,) and labels (N,) of the detections.

    Raises:
        ValueError: The detections are of one kind only, or there are none.
    """
    found = _found(detector, images)
    weights: tuple[float, ...]
    weights, bias = SIMPLE
    for _ in range(ROUNDS):
        logits, labels, sets = _judged(detector, found, weights, bias)
        sizes = {name: int((sets == name).sum()) for name in np.unique(sets)}
        shares = np.array([len(sets) / len(sizes) / sizes[name] for name in sets])
        weights, bias = fit_score(logits, labels, shares)
    (_, _, alone), alone_bias = fit_score(logits * ONET_ALONE, labels, shares)
    logits, labels, _ = _judged(detector, found, weights, bias)
    pnet, rnet, onet = weights
    model = ScoreModel((pnet, rnet, onet), bias, (alone, alone_bias))
    return model, score_of(logits, weights, bias), labels


def judged_scores(
    detector: MTCNN, images: Sequence[Annotated], model: ScoreModel
) -> tuple[Float64, NDArray[np.bool_]]:
    """Returns scores (N,) and labels (N,) of the detections in images."""
    logits, labels, _ = _judged(detector, _found(detector, images), model.weights, model.bias)
    return score_of(logits, model.weights, model.bias), labels


def _found(detector: MTCNN, images: Sequence[Annotated]) -> list[tuple[Annotated, Candidates]]:
    """Returns the usable images with what O-Net accepts in them."""
    found = []
    for image in images:
        if not image.has_all_boxes():
            continue
        try:
            pixels = read_whole(image)
        except ValueError:
            continue
        found.append((image, find_candidates(detector, Image(pixels, bgr=True))))
    return found


def _judged(
    detector: MTCNN,
    found: Sequence[tuple[Annotated, Candidates]],
    weights: Sequence[float],
    bias: float,
) -> tuple[Float64, NDArray[np.bool_], NDArray[np.str_]]:
    """Returns logits (N, 3), labels (N,) and data sets (N,) of what the last NMS keeps."""
    logits, labels, sets = [np.zeros((0, 3))], [np.zeros(0, bool)], [np.zeros(0, np.str_)]
    for image, candidates in found:
        scores = score_of(candidates.logits, weights, bias).astype(np.float32)
        kept = detector._cascade.last_nms(candidates.boxes, scores)
        judged = judged_image(image, candidates.boxes[kept], scores[kept])
        outcomes = judge(judged, judged.counted(None, SMALLEST), 0.5)
        counted = outcomes != DROPPED
        logits.append(candidates.logits[kept][counted])
        labels.append(outcomes[counted] == HIT)
        sets.append(np.full(int(counted.sum()), image.data_set or "all"))
    return np.concatenate(logits), np.concatenate(labels), np.concatenate(sets)
