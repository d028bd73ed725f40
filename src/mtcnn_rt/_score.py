"""Holds the weights with which the logits of all networks become the score of a face."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mtcnn_rt._arrays import Float64


@dataclass(frozen=True)
class ScoreModel:
    """A logistic model of the probability that a detection is a face.

    The core computes it (`cpp/core/score.hpp`); this module is read before the core is compiled.

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

    def weights_of(self, networks: int) -> Float64 | None:
        """Returns the weights and the bias (K + 1,) for K networks; None if there are none."""
        return self._by_count.get(networks)

    @cached_property
    def _by_count(self) -> dict[int, Float64]:
        """Weights and bias (K + 1,) by the number of networks K."""
        every = (self.onet_alone, (*self.weights, self.bias), self.context)
        known = [one for one in every if one is not None]
        return {len(one) - 1: np.asarray(one, np.float64) for one in known}
