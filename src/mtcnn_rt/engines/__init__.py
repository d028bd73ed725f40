"""Runs the networks. The cascade uses the protocol `Engine` and nothing behind it.

Internal: use `MTCNN(engine=...)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mtcnn_rt._arrays import Float32
from mtcnn_rt._stage_timer import Timer
from mtcnn_rt.images import Image

Candidates = tuple[Float32, Float32, Float32]
"""Boxes (N, 4) in pixels of the image, scores (N,), regressions (N, 4), all float32."""


class Engine(Protocol):
    """Runs P-Net, R-Net, O-Net and, if the model has them, C-Net and L-Net on images.

    Safe to call from several threads.
    """

    @property
    def name(self) -> str:
        """The name that `MTCNN(engine=...)` takes."""

    @property
    def providers(self) -> list[str]:
        """The providers that run the networks, in order of preference."""

    @property
    def stages(self) -> tuple[str, ...]:
        """The names of the stages that the engine times."""

    def propose(
        self, image: Image, levels: Sequence[tuple[int, int]], threshold: float
    ) -> list[Candidates]:
        """Slides P-Net in steps of 2 pixels over every level of the image pyramid.

        Args:
            image: The image.
            levels: Height and width of each level, in pixels.
            threshold: Face probability that a cell must exceed.

        Returns:
            The candidates of each level.
        """

    def refine(self, images: Sequence[Image], boxes: Sequence[Float32]) -> list[Float32]:
        """Runs R-Net on crops.

        Args:
            images: The images.
            boxes: Squares (N, 4) of each image, x1 y1 x2 y2 in pixels.

        Returns:
            (N, 5) for each image: face logit and box regression.
        """

    def output(self, images: Sequence[Image], boxes: Sequence[Float32]) -> list[Float32]:
        """Runs O-Net on crops.

        Args:
            images: The images.
            boxes: Squares (N, 4) of each image, x1 y1 x2 y2 in pixels.

        Returns:
            (N, 15) for each image: face logit, box regression and landmarks x1 y1 ... x5 y5.
        """

    def context(self, images: Sequence[Image], boxes: Sequence[Float32]) -> list[Float32]:
        """Runs C-Net on crops.

        Args:
            images: The images.
            boxes: Squares (N, 4) of each image, x1 y1 x2 y2 in pixels.

        Returns:
            (N, 15) for each image, as O-Net's; the cascade uses the face logit and the box
            regression.
        """

    def landmarks(self, images: Sequence[Image], boxes: Sequence[Float32]) -> list[Float32]:
        """Runs L-Net on crops.

        Args:
            images: The images.
            boxes: Squares (N, 4) of each image, x1 y1 x2 y2 in pixels.

        Returns:
            (N, 15) for each image, as O-Net's; only the landmarks are of use.
        """

    def close(self) -> None:
        """Ends the engine's threads, after the calls that are under way.

        Later calls raise RuntimeError.
        """

    def timed_by(self, timer: Timer) -> Engine:
        """Returns an engine that shares the networks and the threads, with a timer for `stages`."""
