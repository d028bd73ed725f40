"""Computes the score of a face from the face logits of all networks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mtcnn_rt._arrays import Float32, Float64

LARGEST_LOGIT = 16.0
"""Size to which a logit is clipped, either way. P-Net's logits come from probabilities in float32,
which are 1 from about 17 on."""


@dataclass(frozen=True)
class ScoreModel:
    """A logistic model of the probability that a detection is a face.

    The logits are clipped to ±`LARGEST_LOGIT`.

    Attributes:
        weights: Weights of P-Net's, R-Net's and O-Net's logit.
        bias: Is added to the weighted sum of the three.
        onet_alone: Weight of O-Net's logit, and bias, for a face that O-Net alone sees, as in
            tracking; None if the model has none.
        context: Weights of P-Net's, R-Net's, O-Net's and C-Net's logit, and bias, for a face that
            C-Net sees; None if the model has none.
    """

    weights: tuple[float, float, float]
    bias: float
    onet_alone: tuple[float, ...] | None = None
    context: tuple[float, ...] | None = None

    def fuse(self, logits: Float32) -> Float32 | None:
        """Returns the logits (N,) of the scores.

        Args:
            logits: The networks' logits: (N, 3) of P-Net, R-Net and O-Net, (N, 4) with C-Net's, or
                (N, 1) of O-Net.

        Returns:
            The logits; None if the model has no weights for this number of networks.
        """
        chosen = self._by_count.get(logits.shape[1])
        if chosen is None:
            return None
        weights, bias = chosen
        # No matrix product: for a few faces, fetching BLAS's code takes longer than all else.
        weighted = _clipped(logits) * weights
        fused: Float32 = (np.add.reduce(weighted, axis=1) + bias).astype(np.float32)
        return fused

    @cached_property
    def _by_count(self) -> dict[int, tuple[Float64, float]]:
        """Weights (K,) and bias by the number of networks K."""
        every = (self.onet_alone, (*self.weights, self.bias), self.context)
        known = [one for one in every if one is not None]
        return {len(one) - 1: (np.asarray(one[:-1], np.float64), one[-1]) for one in known}


def as_logits(probabilities: Float32) -> Float32:
    """Returns the logits of face probabilities, clipped to ±`LARGEST_LOGIT`."""
    inside = np.minimum(np.maximum(probabilities.astype(np.float64), 1e-7), 1 - 1e-7)
    return _clipped(np.log(inside / (1 - inside)).astype(np.float32))


def as_probabilities(logits: Float32) -> Float32:
    """Returns the sigmoids of logits of any size."""
    # tanh does not overflow, unlike exp.
    probabilities: Float32 = (0.5 + 0.5 * np.tanh(logits.astype(np.float64) / 2)).astype(np.float32)
    return probabilities


def _clipped(logits: Float32) -> Float32:
    """Returns logits clipped to ±`LARGEST_LOGIT`, for few in half the time of `np.clip`."""
    clipped: Float32 = np.minimum(np.maximum(logits, -LARGEST_LOGIT), LARGEST_LOGIT)
    return clipped
