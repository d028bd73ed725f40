"""Selects the crops of an image that become samples: not too many, and the hard ones among them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mtcnn_rt._arrays import Float32, Indices
from mtcnn_rt.training.distillation.samples import DOUBTFUL
from mtcnn_rt.training.samples import Kind

HARD = 0.5
"""Share of the negatives that are those with the highest scores; the others are random."""

LIMITED = (Kind.NEGATIVE, Kind.PART, Kind.POSITIVE, DOUBTFUL)
"""Kinds in the order of `NetworkSettings.version_samples`."""


def select(
    kinds: Indices, scores: Float32, limits: Sequence[int], rng: np.random.Generator
) -> Indices:
    """Selects crops, at most so many of each kind.

    Args:
        kinds: Kinds (N,) of the crops.
        scores: Score or logit (N,) that the network gives each crop; -inf for one that it has not
            seen.
        limits: The most negatives, parts, positives and doubtful crops.
        rng: Source of the random numbers.

    Returns:
        Indices of the selected crops.
    """
    chosen = [
        _hardest(found, scores, most, rng)
        if kind == Kind.NEGATIVE
        else rng.permutation(found)[:most]
        for kind, most in zip(LIMITED, limits, strict=True)
        for found in [np.flatnonzero(kinds == kind)]
    ]
    return np.concatenate(chosen).astype(np.int64)


def _hardest(found: Indices, scores: Float32, most: int, rng: np.random.Generator) -> Indices:
    """Returns at most so many of the found crops: those with the highest scores and random ones."""
    if len(found) <= most:
        return found
    order = found[np.argsort(-scores[found], kind="stable")]
    hard = int(HARD * most)
    return np.concatenate([order[:hard], rng.permutation(order[hard:])[: most - hard]])
