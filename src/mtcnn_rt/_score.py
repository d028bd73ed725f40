"""Computes the score of a face from the face logits of all networks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mtcnn_rt import _native
from mtcnn_rt._arrays import Float32, Float64

LARGEST_LOGIT: float = _native.LARGEST_LOGIT
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
        weights = self.weights_of(logits.shape[1])
        return None if weights is None else _native.fuse(logits, weights)

    def weights_of(self, networks: int) -> Float64 | None:
        """Returns the weights and the bias (K + 1,) for K networks; None if there are none."""
        return self._by_count.get(networks)

    @cached_property
    def _by_count(self) -> dict[int, Float64]:
        """Weights and bias (K + 1,) by the number of networks K."""
        every = (self.onet_alone, (*self.weights, self.bias), self.context)
        known = [one for one in every if one is not None]
        return {len(one) - 1: np.asarray(one, np.float64) for one in known}


def as_logits(probabilities: Float32) -> Float32:
    """Returns the logits (N,) of face probabilities (N,), limited to ±`LARGEST_LOGIT`."""
    return _native.as_logits(probabilities)


def as_probabilities(logits: Float32) -> Float32:
    """Returns the sigmoids (N,) of logits (N,) of any size."""
    return _native.as_probabilities(logits)
