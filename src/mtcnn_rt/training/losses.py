"""Computes the losses that training minimizes (paper, section 2.2)."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from mtcnn_rt.training.networks import BOX, FACE, LANDMARKS
from mtcnn_rt.training.samples import Kind


@dataclass(frozen=True, eq=False)
class Targets:
    """The outputs that a mini-batch asks for.

    Attributes:
        kinds: Kinds (N,) of the samples.
        boxes: Regressions (N, 4); rows of kinds without a box are not used, and may be NaN.
        landmarks: Landmarks (N, 10); rows of kinds without landmarks are not used either.
    """

    kinds: Tensor
    boxes: Tensor
    landmarks: Tensor


@dataclass(frozen=True, eq=False)
class Losses:
    """The losses of a mini-batch: means over the samples that have them, 0 if none has.

    Attributes:
        face: Loss of the face logits.
        box: Loss of the box regression.
        landmarks: Loss of the landmarks.
        accuracy: Share of the negatives and positives whose score is on the right side of 0.5; NaN
            if there are none.
    """

    face: Tensor
    box: Tensor
    landmarks: Tensor
    accuracy: Tensor

    def weighted(self, weights: tuple[float, float, float]) -> Tensor:
        """Returns the sum of the three losses, times the weights of their tasks (equation 4)."""
        face, box, landmarks = weights
        return face * self.face + box * self.box + landmarks * self.landmarks

    def parts(self) -> dict[str, Tensor]:
        """Returns the losses by their names."""
        return {"face": self.face, "box": self.box, "landmarks": self.landmarks}


def multi_task(
    outputs: Tensor, targets: Targets, ohem_ratio: float, landmarks_are_faces: bool = False
) -> Losses:
    """Computes the losses of a mini-batch (equations 1 to 3).

    They are the cross-entropy of the face, and the squared Euclidean distances of box regression
    and landmarks. A sample has only the losses of its kind. Each loss is a mean over its own
    samples, so that a weight means the same for any mixture of kinds.

    Args:
        outputs: The network's outputs (N, 15).
        targets: The outputs that it must learn.
        ohem_ratio: Share of the face losses that count, see `hard_samples`.
        landmarks_are_faces: Whether landmark faces have the loss of the face too, which they do not
            in the paper.

    Returns:
        The losses.
    """
    kinds = targets.kinds
    marked = kinds == Kind.LANDMARKS
    boxed = (kinds == Kind.POSITIVE) | (kinds == Kind.PART)
    is_face = (kinds == Kind.POSITIVE) | (marked & landmarks_are_faces)
    judged = is_face | (kinds == Kind.NEGATIVE)
    logits, truth = outputs[judged, FACE].flatten(), is_face[judged].float()
    losses = binary_cross_entropy_with_logits(logits, truth, reduction="none")
    return Losses(
        face=mean(hard_samples(losses, ohem_ratio)),
        box=mean(squared_distances(outputs[boxed, BOX], targets.boxes[boxed])),
        landmarks=mean(squared_distances(outputs[marked, LANDMARKS], targets.landmarks[marked])),
        accuracy=((logits.detach() > 0) == (truth > 0.5)).float().mean(),
    )


def hard_samples(losses: Tensor, ratio: float) -> Tensor:
    """Selects the hard samples of a mini-batch: online hard sample mining (section 2.2).

    Args:
        losses: The losses (N,).
        ratio: Share of the losses to keep, above 0, at most 1.

    Returns:
        The largest losses, at least one unless there are none. Only these give gradients.
    """
    if len(losses) == 0:
        return losses
    count = max(1, round(ratio * len(losses)))
    return losses.topk(count).values


def squared_distances(outputs: Tensor, targets: Tensor) -> Tensor:
    """Returns the squared Euclidean distances (N,) of outputs (N, K) from targets (N, K)."""
    return (outputs - targets).square().sum(dim=1)


def mean(losses: Tensor) -> Tensor:
    """Returns the mean of losses (N,); 0 if there are none."""
    return losses.mean() if len(losses) else losses.sum()
