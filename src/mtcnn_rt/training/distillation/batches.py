"""Draws mini-batches of samples that have the teacher's outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._arrays import Float32, Float64, Indices
from mtcnn_rt.training.augment import erase, recolor, soften
from mtcnn_rt.training.batches import Batch, Batches, half_flipped
from mtcnn_rt.training.distillation.samples import DOUBTFUL
from mtcnn_rt.training.samples import Kind, regressions


@dataclass(frozen=True, eq=False)
class TaughtBatch(Batch):
    """A mini-batch with the teacher's outputs.

    Attributes:
        logits: The teacher's face logits (N,), NaN for none.
        probabilities: The annotations' probabilities (N,) of a face, NaN for none.
    """

    logits: Float32
    probabilities: Float32


class TaughtBatches(Batches):
    """The mini-batches of a network that learns from a teacher, too."""

    KINDS: ClassVar[Mapping[str, int]] = {**Batches.KINDS, "doubtful": DOUBTFUL}

    def __init__(
        self,
        samples: NDArray[Any],
        network: str,
        size: int,
        seed: int,
        shares: Sequence[float],
        strength: float = 0.0,
        erased: float = 0.0,
    ) -> None:
        """Prepares the mini-batches.

        Args:
            samples: An array of `taught_dtype`, in memory or mapped from a file.
            network: "pnet", "rnet" or "onet".
            size: Samples in a mini-batch.
            seed: Seed of all random choices.
            shares: Shares of the kinds, in the order of `KINDS`. Other kinds take the places of a
                kind that has no sample.
            strength: Strength of `recolor`.
            erased: Share of the positives of which a rectangle is painted over.

        Raises:
            ValueError: There are no samples of the kinds that have shares.
        """
        super().__init__(samples, network, size, seed, strength, shares)
        self._erased = erased
        weights = np.array(samples["weight"], np.float64)
        self._limits = {
            name: np.cumsum(weights[indices]) for name, indices in self._indices.items()
        }

    def __getitem__(self, step: int) -> TaughtBatch:
        samples, rng = self._drawn(step)
        pixels, boxes, landmarks = half_flipped(samples, landmarks_to_learn(samples), rng)
        pixels = soften(recolor(pixels, self._strength, rng), rng)
        positive = samples["kind"] == Kind.POSITIVE
        return TaughtBatch(
            pixels=erase(pixels, positive & (rng.random(len(samples)) < self._erased), rng),
            kinds=samples["kind"],
            boxes=regressions(boxes, samples["side"], self._network),
            landmarks=landmarks,
            logits=np.ascontiguousarray(samples["teacher"][:, 0]),
            probabilities=np.ascontiguousarray(samples["probability"]),
        )

    def _draw(self, kind: str, count: int, rng: np.random.Generator) -> Indices:
        return draw_weighted(self._indices[kind], self._limits[kind], count, rng)


def draw_weighted(
    indices: Indices, limits: Float64, count: int, rng: np.random.Generator
) -> Indices:
    """Draws indices with probabilities in proportion to their weights.

    Args:
        indices: The indices (N,).
        limits: Sums (N,) of the weights up to each index.
        count: Number of draws, with replacement.
        rng: Source of the random numbers.

    Returns:
        The drawn indices (count,).
    """
    if count == 0:
        return np.zeros(0, np.int64)
    places = np.searchsorted(limits, rng.random(count) * limits[-1], side="right")
    drawn: Indices = indices[np.minimum(places, len(indices) - 1)]
    return drawn


def landmarks_to_learn(samples: NDArray[Any]) -> Float32:
    """Returns the landmarks (N, 5, 2) of samples; where a positive has none, O-Net's teacher's."""
    landmarks: Float32 = samples["landmarks"].copy()
    if samples["teacher"].shape[1] > 5:
        taught = samples["teacher"][:, 5:].reshape(-1, 5, 2)
        without = (samples["kind"] == Kind.POSITIVE) & np.isnan(landmarks).any(axis=(1, 2))
        landmarks[without] = taught[without]
    return landmarks
