"""Runs the three networks. The cascade knows the protocol `Engine` and nothing behind it.

Internal: `MTCNN(engine=...)` is the way in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mtcnn_rt._arrays import Float32
from mtcnn_rt._stage_timer import Timer
from mtcnn_rt.images import Image

Candidates = tuple[Float32, Float32, Float32]
"""Boxes (N, 4) in pixels of the image, scores (N,), regressions (N, 4)."""


class Engine(Protocol):
    """Runs P-Net, R-Net and O-Net on images. Safe to call from several threads."""

    @property
    def name(self) -> str:
        """The name that `MTCNN(engine=...)` takes."""

    @property
    def providers(self) -> list[str]:
        """The hardware behind it, in order of preference."""

    @property
    def stages(self) -> tuple[str, ...]:
        """The names of the stages that it tells its timer."""

    def propose(
        self, image: Image, levels: Sequence[tuple[int, int]], threshold: float
    ) -> list[Candidates]:
        """Slides P-Net in steps of 2 pixels over every level (height, width) of the image pyramid,
        and returns its cells with a face probability above `threshold`, for each level."""

    def refine(self, images: Sequence[Image], boxes: Sequence[Float32]) -> list[Float32]:
        """Runs R-Net on the boxes (N, 4) of every image, and returns (N, 5) for each: face logit
        and box regression."""

    def output(self, images: Sequence[Image], boxes: Sequence[Float32]) -> list[Float32]:
        """Runs O-Net as `refine` runs R-Net, and returns (N, 15): face logit, box regression and
        landmarks x1 y1 ... x5 y5."""

    def close(self) -> None:
        """Ends its threads. It must not be used any more."""

    def timed_by(self, timer: Timer) -> Engine:
        """Returns an engine that shares the networks and the threads, with a timer for `stages`."""
