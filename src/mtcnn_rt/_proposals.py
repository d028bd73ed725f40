"""Holds the squares that a stage of the cascade hands to the next one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mtcnn_rt._arrays import Float32


@dataclass(frozen=True, eq=False)
class Proposals:
    """The squares of one image, with what the networks so far found in each.

    Attributes:
        squares: (N, 4) float32, x1 y1 x2 y2 in pixels.
        logits: (N, K) float32, the face logits of the networks so far: K = 1 after P-Net, 2 after
            R-Net, 0 for squares that come from elsewhere.
    """

    squares: Float32
    logits: Float32

    @staticmethod
    def of(squares: Float32) -> Proposals:
        """Returns squares (N, 4) that no network has seen."""
        return Proposals(squares, np.zeros((len(squares), 0), np.float32))

    @staticmethod
    def join(parts: Sequence[Proposals], networks: int) -> Proposals:
        """Returns the proposals of several parts, which have the logits of `networks` networks."""
        none = Proposals(np.zeros((0, 4), np.float32), np.zeros((0, networks), np.float32))
        every = [none, *parts]
        return Proposals(
            np.concatenate([part.squares for part in every]),
            np.concatenate([part.logits for part in every]),
        )

    def __len__(self) -> int:
        """Returns the number of squares."""
        return len(self.squares)

    def __getitem__(self, index: Any) -> Proposals:
        """Returns the proposals at a slice, a mask or an array of indices."""
        return Proposals(self.squares[index], self.logits[index])

    def with_logits(self, logits: Float32) -> Float32:
        """Returns all logits (N, K + 1), with those (N,) of the next network."""
        return np.concatenate([self.logits, logits[:, np.newaxis]], axis=1)
