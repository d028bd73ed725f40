"""Averages the weights of a network: over the last steps, or of its start and its end."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class MovingAverage:
    """The exponential moving average of a network's weights, less noisy than the last ones.

    It starts as the network's weights. At the n-th update the average keeps n / (n + 9) of itself,
    but no more than `decay`, so that the first weights are soon forgotten.

    Attributes:
        weights: The averaged weights by their names.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        """Begins with the weights of a network.

        Args:
            network: The network.
            decay: The largest share of the average that an update keeps, 0 to 1.
        """
        self._decay = decay
        self.weights = {name: value.clone() for name, value in network.state_dict().items()}

    def update(self, network: nn.Module, step: int) -> None:
        """Takes the weights after a step, counted from 0, into the average."""
        kept = min(self._decay, (step + 1) / (step + 10))
        with torch.no_grad():
            for name, value in network.state_dict().items():
                self.weights[name].mul_(kept).add_(value, alpha=1 - kept)

    def load(self, weights: Mapping[str, Tensor]) -> None:
        """Replaces the average, when a training resumes."""
        for name, value in weights.items():
            self.weights[name].copy_(value)


def blend(network: nn.Module, initial: Mapping[str, Tensor], share: float) -> None:
    """Replaces a network's weights by means of them and the initial ones.

    The mean of a network before and after fine-tuning keeps more of what it knew than the last
    weights do (Wortsman et al. 2022, arXiv 2109.01903).

    Args:
        network: The trained network.
        initial: Its weights before the training.
        share: Share of the initial weights, 0 to 1.
    """
    with torch.no_grad():
        for name, value in network.state_dict().items():
            value.mul_(1 - share).add_(initial[name].to(value.device), alpha=share)
