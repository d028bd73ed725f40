"""An engine out of three networks that take arrays, such as an inference library's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from mtcnn_rt import _native
from mtcnn_rt.engines import Candidates, Floats
from mtcnn_rt.engines.batches import classify, strips
from mtcnn_rt.images import Image


class Networks(Protocol):
    """Pixels are planar RGB, 0 to 255, float32; the first value of an output is the face logit,
    then comes the box regression, then the landmarks. Safe to call from several threads."""

    def pnet(self, pixels: Floats) -> Floats:
        """Proposal network: (3, H, W), both >= 11 -> cells (5, rows, columns), P-Net slid over the
        image in steps of 2 pixels."""

    def rnet(self, crops: Floats) -> Floats:
        """Refinement network: (N, 3, 24, 24) -> (N, 5)."""

    def onet(self, crops: Floats) -> Floats:
        """Output network: (N, 3, 48, 48) -> (N, 15)."""


class ArrayEngine:
    """Resizes levels and crops for `networks`, in arrays of bounded size."""

    def __init__(self, name: str, providers: list[str], networks: Networks) -> None:
        self.name, self.providers, self.networks = name, providers, networks
        self.native: Any = _native

    def propose(
        self, image: Image, levels: Sequence[tuple[int, int]], threshold: float
    ) -> list[Candidates]:
        halves = self.native.Halves(image.pixels, image.bgr, levels)
        return [self._propose_in(image, halves, level, threshold) for level in levels]

    def refine(self, images: Sequence[Image], boxes: Sequence[Floats]) -> list[Floats]:
        return classify(self.networks.rnet, 24, 5, images, boxes, self.native)

    def output(self, images: Sequence[Image], boxes: Sequence[Floats]) -> list[Floats]:
        return classify(self.networks.onet, 48, 15, images, boxes, self.native)

    def close(self) -> None: ...

    def _propose_in(
        self, image: Image, halves: Any, level: tuple[int, int], threshold: float
    ) -> Candidates:
        native = self.native
        scale = (level[0] / image.size[0], level[1] / image.size[1])
        found = []
        for first_row, rows in strips(level):
            pixels = native.resize(halves, level, first_row, rows)
            cells = self.networks.pnet(pixels)
            found.append(native.candidates(cells, threshold, first_row, scale))
        boxes, scores, regressions = map(np.concatenate, zip(*found, strict=True))
        return boxes, scores, regressions
