"""What runs the three networks. The cascade knows this protocol and nothing of what is behind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt.images import Image

Floats = NDArray[np.float32]
Candidates = tuple[Floats, Floats, Floats]
"""Boxes (N, 4) in pixels of the image, scores (N,), regressions (N, 4)."""


class Engine(Protocol):
    """Safe to call from several threads.

    name       what `MTCNN(engine=...)` calls it.
    providers  the hardware behind it, in order of preference."""

    @property
    def name(self) -> str: ...

    @property
    def providers(self) -> list[str]: ...

    def propose(
        self, image: Image, levels: Sequence[tuple[int, int]], threshold: float
    ) -> list[Candidates]:
        """P-Net, slid in steps of 2 pixels over every level (height, width) of the image pyramid:
        its cells with a face probability above `threshold`, for each level."""

    def refine(self, images: Sequence[Image], boxes: Sequence[Floats]) -> list[Floats]:
        """R-Net on the boxes (N, 4) of every image: (N, 5), face logit and box regression."""

    def output(self, images: Sequence[Image], boxes: Sequence[Floats]) -> list[Floats]:
        """O-Net, as `refine`: (N, 15), face logit, box regression and landmarks x1 y1 ... x5 y5."""

    def close(self) -> None:
        """Ends its threads. It must not be used any more."""
