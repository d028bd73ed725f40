"""What runs the three networks. The cascade knows this protocol and nothing of what is behind."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Engine(Protocol):
    """Safe to call from several threads. Pixels are planar RGB, 0 to 255, float32; the first value
    of an output is the face logit, then comes the box regression, then the landmarks."""

    @property
    def name(self) -> str: ...

    @property
    def providers(self) -> list[str]: ...

    def pnet(self, pixels: Floats) -> Floats:
        """Proposal network: (3, H, W), both >= 11 -> cells (5, rows, columns), P-Net slid over the
        image in steps of 2 pixels."""

    def rnet(self, crops: Floats) -> Floats:
        """Refinement network: (N, 3, 24, 24) -> (N, 5)."""

    def onet(self, crops: Floats) -> Floats:
        """Output network: (N, 3, 48, 48) -> (N, 15)."""
