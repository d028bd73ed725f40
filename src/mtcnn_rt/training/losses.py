"""What the networks are trained to make small (paper, section 2.2)."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from mtcnn_rt.training.networks import BOX, FACE, LANDMARKS
from mtcnn_rt.training.samples import Kind


@dataclass(frozen=True, eq=False)
class Targets:
    """What a mini-batch asks for: kinds (N,), boxes (N, 4), landmarks (N, 10); the rows of the last
    two whose kind does not carry them are not looked at, and may be NaN."""

    kinds: Tensor
    boxes: Tensor
    landmarks: Tensor


@dataclass(frozen=True, eq=False)
class Losses:
    """Means over the samples that carry each loss, 0 where there is none; and the share of the
    negatives and positives on the right side of 0.5, NaN where there is none."""

    face: Tensor
    box: Tensor
    landmarks: Tensor
    accuracy: Tensor

    def weighted(self, weights: tuple[float, float, float]) -> Tensor:
        """Equation 4: the sum of the three losses, times the weights of their tasks."""
        face, box, landmarks = weights
        return face * self.face + box * self.box + landmarks * self.landmarks


def multi_task(
    outputs: Tensor, targets: Targets, ohem_ratio: float, landmarks_are_faces: bool = False
) -> Losses:
    """Equations 1 to 3 for outputs (N, 15): cross-entropy of the face, squared Euclidean distances
    of box regression and landmarks. A sample has only the losses that its kind carries.

    Each loss is a mean over its own samples, so that a weight means the same whatever the mixture
    of kinds. ohem_ratio: see `hard_samples`. landmarks_are_faces: landmark faces carry the loss of
    the face too, which they do not in the paper."""
    kinds = targets.kinds
    marked = kinds == Kind.LANDMARKS
    boxed = (kinds == Kind.POSITIVE) | (kinds == Kind.PART)
    is_face = (kinds == Kind.POSITIVE) | (marked & landmarks_are_faces)
    judged = is_face | (kinds == Kind.NEGATIVE)
    logits, truth = outputs[judged, FACE].flatten(), is_face[judged].float()
    losses = binary_cross_entropy_with_logits(logits, truth, reduction="none")
    return Losses(
        face=_mean(hard_samples(losses, ohem_ratio)),
        box=_mean(_squared_distances(outputs[boxed, BOX], targets.boxes[boxed])),
        landmarks=_mean(_squared_distances(outputs[marked, LANDMARKS], targets.landmarks[marked])),
        accuracy=((logits.detach() > 0) == (truth > 0.5)).float().mean(),
    )


def hard_samples(losses: Tensor, ratio: float) -> Tensor:
    """Online hard sample mining (section 2.2): of the losses (N,) of a mini-batch the highest, a
    share of `ratio` of them, at least one. Only these give gradients."""
    if len(losses) == 0:
        return losses
    count = max(1, round(ratio * len(losses)))
    return losses.topk(count).values


def _squared_distances(outputs: Tensor, targets: Tensor) -> Tensor:
    return (outputs - targets).square().sum(dim=1)


def _mean(losses: Tensor) -> Tensor:
    return losses.mean() if len(losses) else losses.sum()
