"""Tests the losses of distillation, sample by sample."""

import math
from dataclasses import replace

import numpy as np
import pytest
from helpers import reference

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from mtcnn_rt.training.distillation.batches import TaughtBatch  # noqa: E402
from mtcnn_rt.training.distillation.losses import (  # noqa: E402
    box_iou,
    quality,
    taught_losses,
)
from mtcnn_rt.training.distillation.samples import DOUBTFUL  # noqa: E402
from mtcnn_rt.training.samples import Kind  # noqa: E402
from mtcnn_rt.training.settings import NetworkSettings  # noqa: E402

ALL_ON = NetworkSettings(
    loss_weights=(1.0, 2.0, 5.0),
    doubtful=0.5,
    pull=0.1,
    quality=True,
    box_iou=1.0,
    smooth_landmarks=0.02,
)


def batch_of(count=60, seed=0):
    rng = np.random.default_rng(seed)
    kinds = rng.integers(0, 5, count).astype(np.uint8)
    boxes = rng.normal(0, 0.1, (count, 4)).astype(np.float32)
    boxes[(kinds != Kind.PART) & (kinds != Kind.POSITIVE)] = np.nan
    landmarks = rng.uniform(0, 1, (count, 5, 2)).astype(np.float32)
    landmarks[kinds == Kind.NEGATIVE] = np.nan
    probabilities = rng.uniform(0, 1, count).astype(np.float32)
    probabilities[rng.random(count) < 0.5] = np.nan
    pixels = np.zeros((count, 3, 2, 2), np.float32)
    logits = rng.normal(0, 6, count).astype(np.float32)
    batch = TaughtBatch(pixels, kinds, boxes, landmarks, logits, probabilities)
    outputs = np.hstack([rng.normal(0, 5, (count, 1)), rng.normal(0, 0.1, (count, 14))])
    return batch, outputs.astype(np.float32)


def cross_entropy(logit, label):
    p = 1 / (1 + math.exp(-logit))
    return -label * math.log(p) - (1 - label) * math.log(1 - p)


def entropy(label):
    return -sum(p * math.log(p) for p in (label, 1 - label) if p > 0)


def smooth(error, beta):
    error = abs(error)
    return error**2 / (2 * beta) if error < beta else error - beta / 2


def reference_losses(batch, outputs, settings, ohem_ratio):
    """Computes the losses with loops over the samples."""
    face, doubtful, pulls, boxes, overlaps = [], [], [], [], []
    landmarks = {Kind.POSITIVE: [], Kind.LANDMARKS: []}
    square = np.array([0, 0, 1, 1])
    for index, kind in enumerate(batch.kinds):
        logit = float(outputs[index, 0])
        taught = float(np.clip(batch.logits[index], -8, 8))
        near = kind in (Kind.PART, Kind.POSITIVE)
        if near:
            ours, theirs = outputs[index, 1:5], batch.boxes[index]
            overlap = reference.iou(ours + square, (theirs + square)[np.newaxis])[0]
            overlaps.append(1 - overlap)
            boxes.append(((ours - theirs) ** 2).sum())
        if kind in (Kind.NEGATIVE, Kind.POSITIVE) or (near and settings.quality):
            label = float(kind == Kind.POSITIVE)
            if near and settings.quality:
                label = min(max((overlap - 0.35) / 0.4, 0.0), 1.0)
                label = max(label, 0.5) if kind == Kind.POSITIVE else label
            face.append(cross_entropy(logit, label) - entropy(label))
        elif kind in (DOUBTFUL, Kind.PART):
            target = 1 / (1 + math.exp(-taught))
            if not math.isnan(batch.probabilities[index]):
                target = (target + batch.probabilities[index]) / 2
            doubtful.append(cross_entropy(logit, target))
        if kind in (Kind.NEGATIVE, Kind.POSITIVE) and (taught > 0) == (kind == Kind.POSITIVE):
            pulls.append(smooth(min(max(logit, -9), 9) - taught, 1.0))
        if kind in landmarks:
            errors = outputs[index, 5:] - batch.landmarks[index].ravel()
            beta = settings.smooth_landmarks
            parts = [smooth(error, beta) if beta else error**2 for error in errors]
            landmarks[kind].append(np.mean(parts) if beta else np.sum(parts))
    hardest = sorted(face, reverse=True)[: max(1, round(ohem_ratio * len(face)))]
    return {
        "face": np.mean(hardest),
        "box": np.mean(boxes),
        "landmarks": sum(np.mean(each) for each in landmarks.values()),
        "doubtful": np.mean(doubtful),
        "pull": np.mean(pulls),
        "box_iou": np.mean(overlaps),
    }


@pytest.mark.parametrize("on", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_losses_against_loops(on, seed):
    batch, outputs = batch_of(seed=seed)
    settings = ALL_ON if on else NetworkSettings()
    losses = taught_losses(torch.from_numpy(outputs), batch, settings, 0.7)
    expected = reference_losses(batch, outputs, settings, 0.7)
    found = {name: value.item() for name, value in losses.parts().items()}
    assert found == pytest.approx(expected, rel=1e-4)
    weights = settings.loss_weights
    total = sum(w * expected[n] for w, n in zip(weights, ("face", "box", "landmarks"), strict=True))
    total += sum(getattr(settings, name) * expected[name] for name in losses.extra_weights)
    assert losses.weighted(weights).item() == pytest.approx(total, rel=1e-4)


def test_gradients_are_finite():
    batch, outputs = batch_of()
    given = torch.from_numpy(outputs).requires_grad_()
    taught_losses(given, batch, ALL_ON, 0.7).weighted(ALL_ON.loss_weights).backward()
    assert torch.isfinite(given.grad).all()
    assert given.grad.abs().sum() > 0


def test_without_a_teacher_its_losses_are_zero():
    batch, outputs = batch_of()
    alone = replace(batch, logits=np.full_like(batch.logits, np.nan))
    losses = taught_losses(torch.from_numpy(outputs), alone, NetworkSettings(), 1.0)
    assert losses.extras["doubtful"] == losses.extras["pull"] == 0
    assert all(math.isfinite(loss.item()) for loss in losses.parts().values())


def test_no_samples_of_a_kind_is_no_loss():
    batch, outputs = batch_of()
    chosen = batch.kinds == Kind.NEGATIVE
    few = TaughtBatch(**{name: array[chosen] for name, array in vars(batch).items()})
    losses = taught_losses(torch.from_numpy(outputs[chosen]), few, ALL_ON, 0.7)
    assert losses.box == losses.landmarks == losses.extras["box_iou"] == 0
    assert losses.face > 0


def test_the_iou_of_boxes_without_overlap_is_0():
    moves = torch.tensor([[3.0, 3, 3, 3], [0, 0, 0, 0], [2, 0, -2, 0]])
    assert box_iou(moves, torch.zeros(3, 4)).tolist() == [0, 1, 0]


def test_quality_rises_with_the_iou():
    overlap = torch.tensor([0.2, 0.55, 0.9])
    part, positive = torch.zeros(3, dtype=bool), torch.ones(3, dtype=bool)
    np.testing.assert_allclose(quality(overlap, part), [0, 0.5, 1], atol=1e-6)
    np.testing.assert_allclose(quality(overlap, positive), [0.5, 0.5, 1], atol=1e-6)
