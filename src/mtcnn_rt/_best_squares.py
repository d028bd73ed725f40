"""Shows O-Net the best square of each face first, and the others only where it is not sure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mtcnn_rt import _native
from mtcnn_rt._arrays import Float32
from mtcnn_rt._proposals import Proposals
from mtcnn_rt.images import Image

if TYPE_CHECKING:
    from mtcnn_rt._cascade import Cascade

SAME_FACE = 0.4
"""IoU above which two squares of R-Net, or boxes of two rotations, show one face."""


def output_until_sure(
    cascade: Cascade, images: Sequence[Image], refined: Sequence[Proposals], sure_score: float
) -> tuple[list[Proposals], list[Float32]]:
    """Runs O-Net on the best square of each face, and on others where it is not sure.

    Several squares of R-Net show one face; where O-Net is sure of the best one, the others
    would be removed by the last NMS.

    Args:
        cascade: The cascade.
        images: The images.
        refined: R-Net's squares of each image.
        sure_score: Score from which O-Net is sure.

    Returns:
        The squares that O-Net has seen in each image, and its outputs.
    """
    with cascade.timer("NMS"):
        best = [
            cascade.nms(one.squares, np.ascontiguousarray(one.logits[:, -1]), SAME_FACE)
            for one in refined
        ]
    first = [one[kept] for one, kept in zip(refined, best, strict=True)]
    outputs = cascade.engine.output(images, [one.squares for one in first])
    unseen = []
    for one, kept, seen, output in zip(refined, best, first, outputs, strict=True):
        weights = cascade.score_weights(seen)
        unseen.append(
            _native.unsettled(
                one.squares, kept, seen.logits, output, weights, sure_score, SAME_FACE
            )
        )
    if not any(map(len, unseen)):
        return first, outputs
    others = [one[rest] for one, rest in zip(refined, unseen, strict=True)]
    more = cascade.engine.output(images, [one.squares for one in others])
    pairs = zip(first, others, strict=True)
    return (
        [Proposals.join(pair, networks=pair[0].logits.shape[1]) for pair in pairs],
        [np.concatenate(pair) for pair in zip(outputs, more, strict=True)],
    )
