"""Computes the losses of networks that learn from labels and from a teacher."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, smooth_l1_loss

from mtcnn_rt.training.distillation.batches import TaughtBatch
from mtcnn_rt.training.distillation.samples import DOUBTFUL
from mtcnn_rt.training.losses import Losses, hard_samples, mean, squared_distances
from mtcnn_rt.training.networks import BOX, FACE, LANDMARKS
from mtcnn_rt.training.samples import Kind
from mtcnn_rt.training.settings import NetworkSettings

LOWEST_IOU, IOU_RANGE, LEAST_QUALITY = 0.35, 0.4, 0.5
"""The quality of a box rises from 0 to 1 while its IoU rises from 0.35 to 0.75; that of a positive
is at least 0.5."""

LARGEST_TAUGHT_LOGIT = 8.0
"""The teacher's logits are clipped to this: beyond, a network has nothing to learn."""


@dataclass(frozen=True, eq=False)
class TaughtLosses(Losses):
    """The losses of the paper, and those that come on top.

    Attributes:
        extras: Other losses by their names: `doubtful`, `pull` and `box_iou`.
        extra_weights: Their weights.
    """

    extras: Mapping[str, Tensor]
    extra_weights: Mapping[str, float]

    def weighted(self, weights: tuple[float, float, float]) -> Tensor:
        """Returns the sum of all losses, times their weights."""
        total = super().weighted(weights)
        for name, weight in self.extra_weights.items():
            if weight:
                total = total + weight * self.extras[name]
        return total

    def parts(self) -> dict[str, Tensor]:
        """Returns the losses by their names."""
        return {**super().parts(), **self.extras}


def taught_losses(
    outputs: Tensor, batch: TaughtBatch, settings: NetworkSettings, ohem_ratio: float
) -> TaughtLosses:
    """Computes the losses of a mini-batch.

    Args:
        outputs: The network's outputs (N, 15).
        batch: The samples.
        settings: Settings of the network, which switch the losses on.
        ohem_ratio: Share of the face losses that count, see `hard_samples`.

    Returns:
        The losses.
    """
    device = outputs.device
    kinds = torch.from_numpy(batch.kinds).to(device)
    boxes = torch.from_numpy(batch.boxes).to(device)
    landmarks = torch.from_numpy(batch.landmarks).to(device).flatten(1)
    taught = (
        torch.from_numpy(batch.logits).to(device).clamp(-LARGEST_TAUGHT_LOGIT, LARGEST_TAUGHT_LOGIT)
    )
    annotated = torch.from_numpy(batch.probabilities).to(device)

    logits = outputs[:, FACE].flatten()
    near = (kinds == Kind.POSITIVE) | (kinds == Kind.PART)
    overlap = box_iou(outputs[near, BOX], boxes[near])

    labels = (kinds == Kind.POSITIVE).float()
    labeled = (kinds == Kind.NEGATIVE) | (kinds == Kind.POSITIVE)
    if settings.quality:
        labels[near] = quality(overlap.detach(), kinds[near] == Kind.POSITIVE)
        labeled = labeled | near
    face = excess_cross_entropy(logits[labeled], labels[labeled])

    has_teacher = ~torch.isnan(taught)
    unlabeled = ((kinds == DOUBTFUL) | (near & ~labeled)) & has_teacher
    targets = mixed_probabilities(taught[unlabeled], annotated[unlabeled])
    judged = (kinds == Kind.NEGATIVE) | (kinds == Kind.POSITIVE)
    agreed = judged & has_teacher & ((taught > 0) == (kinds == Kind.POSITIVE))
    return TaughtLosses(
        face=mean(hard_samples(face, ohem_ratio)),
        box=mean(squared_distances(outputs[near, BOX], boxes[near])),
        landmarks=landmark_loss(outputs[:, LANDMARKS], landmarks, kinds, settings.smooth_landmarks),
        accuracy=((logits[judged].detach() > 0) == (kinds[judged] == Kind.POSITIVE)).float().mean(),
        extras={
            "doubtful": mean(_cross_entropy(logits[unlabeled], targets)),
            "pull": mean(pull(logits[agreed], taught[agreed])),
            "box_iou": mean(1 - overlap),
        },
        extra_weights={
            "doubtful": settings.doubtful,
            "pull": settings.pull,
            "box_iou": settings.box_iou,
        },
    )


def box_iou(regressions: Tensor, targets: Tensor) -> Tensor:
    """Returns the IoU of the boxes that regressions (N, 4) give with those of the targets (N, 4).

    Both move the same square, so that its place and size do not matter.
    """
    square = torch.tensor([0.0, 0.0, 1.0, 1.0], device=regressions.device)
    ours, theirs = regressions + square, targets + square
    low = torch.maximum(ours[:, :2], theirs[:, :2])
    high = torch.minimum(ours[:, 2:], theirs[:, 2:])
    common = (high - low).clamp(min=0).prod(dim=1)
    areas = (ours[:, 2:] - ours[:, :2]).clamp(min=1e-3).prod(dim=1)
    areas = areas + (theirs[:, 2:] - theirs[:, :2]).prod(dim=1)
    overlap: Tensor = common / (areas - common).clamp(min=1e-4)
    return overlap


def quality(overlap: Tensor, positive: Tensor) -> Tensor:
    """Returns the labels (N,) of parts and positives by the IoU (N,) of the network's own boxes.

    Scores that rise with the IoU let the last NMS keep the best box of a face.
    """
    label = ((overlap - LOWEST_IOU) / IOU_RANGE).clamp(0, 1)
    at_least: Tensor = torch.where(positive, label.clamp(min=LEAST_QUALITY), label)
    return at_least


def excess_cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Returns the cross-entropies (N,) less their minimum, the entropy of soft labels (N,).

    So a sample that is learned has a loss of 0 whatever its label, and is not a hard one.
    """
    entropy: Tensor = torch.special.entr(labels) + torch.special.entr(1 - labels)
    return _cross_entropy(logits, labels) - entropy


def mixed_probabilities(logits: Tensor, annotated: Tensor) -> Tensor:
    """Returns the teacher's probabilities (N,), each averaged with the annotation's if it has one.

    Args:
        logits: The teacher's logits (N,), NaN without a teacher.
        annotated: The annotations' probabilities (N,), NaN for none.
    """
    taught = torch.sigmoid(logits)
    mixed: Tensor = torch.where(torch.isnan(annotated), taught, (taught + annotated) / 2)
    return mixed


def pull(logits: Tensor, taught: Tensor) -> Tensor:
    """Returns the distances (N,) of logits from the teacher's: smooth, and linear from 1 on."""
    clipped = logits.clamp(-LARGEST_TAUGHT_LOGIT - 1, LARGEST_TAUGHT_LOGIT + 1)
    distances: Tensor = smooth_l1_loss(clipped, taught, reduction="none")
    return distances


def landmark_loss(outputs: Tensor, targets: Tensor, kinds: Tensor, smooth: float) -> Tensor:
    """Computes the loss of the landmarks: the sum of its means over positives and landmark faces.

    Args:
        outputs: Landmarks (N, 10) of the network.
        targets: Landmarks (N, 10) to learn, NaN for none.
        kinds: Kinds (N,) of the samples.
        smooth: Error up to which the loss is squared, above which it is linear, as a mean over the
            ten numbers; 0: the squared distance, as in the paper.
    """
    known = ~torch.isnan(targets).any(dim=1)
    total = outputs[:0].sum()
    for kind in (Kind.POSITIVE, Kind.LANDMARKS):
        chosen = known & (kinds == kind)
        ours, theirs = outputs[chosen], targets[chosen]
        if smooth:
            losses = smooth_l1_loss(ours, theirs, reduction="none", beta=smooth).mean(dim=1)
        else:
            losses = squared_distances(ours, theirs)
        total = total + mean(losses)
    return total


def _cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    losses: Tensor = binary_cross_entropy_with_logits(logits, labels, reduction="none")
    return losses
