"""Makes an engine from networks that take arrays, such as those of an inference library."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from threading import Event
from typing import Protocol

import numpy as np

from mtcnn_rt import _native
from mtcnn_rt._arrays import Float32
from mtcnn_rt._layers import INPUT_SIZES, OUTPUT_SIZES
from mtcnn_rt._stage_timer import Timer, untimed
from mtcnn_rt.engines import Candidates
from mtcnn_rt.engines.batches import classify, strips
from mtcnn_rt.images import Image


class Networks(Protocol):
    """Networks that take and return arrays. Safe to call from several threads.

    Networks that have threads or sessions to end also have a method `close`; those of a model with
    C-Net and L-Net have methods `cnet` and `lnet`, which take and return the same as `onet`.

    Pixels are planar RGB, 0 to 255, float32. The first value of an output is the face logit; then
    come the box regression and, in O-Net and L-Net, the landmarks.
    """

    def pnet(self, pixels: Float32) -> Float32:
        """Slides the proposal network over an image in steps of 2 pixels.

        Args:
            pixels: (3, H, W), H and W at least 11.

        Returns:
            Cells (5, rows, columns).
        """

    def rnet(self, crops: Float32) -> Float32:
        """Runs the refinement network on crops (N, 3, 24, 24); returns (N, 5)."""

    def onet(self, crops: Float32) -> Float32:
        """Runs the output network on crops (N, 3, 48, 48); returns (N, 15)."""


class NetworksByName:
    """The calls of `Networks`, for a library that runs each network in batches, by its name."""

    def pnet(self, pixels: Float32) -> Float32:
        """Slides P-Net over an image; see `Networks.pnet`."""
        cells: Float32 = self.run("pnet", pixels[np.newaxis])[0]
        return cells

    def rnet(self, crops: Float32) -> Float32:
        """Runs R-Net; see `Networks.rnet`."""
        return self.run("rnet", crops)

    def onet(self, crops: Float32) -> Float32:
        """Runs O-Net; see `Networks.onet`."""
        return self.run("onet", crops)

    def lnet(self, crops: Float32) -> Float32:
        """Runs L-Net; see `Networks`."""
        return self.run("lnet", crops)

    def cnet(self, crops: Float32) -> Float32:
        """Runs C-Net; see `Networks`."""
        return self.run("cnet", crops)

    def run(self, name: str, batch: Float32) -> Float32:
        """Runs a network.

        Args:
            name: "pnet", "rnet", "onet", "cnet" or "lnet".
            batch: Images of one size, (N, 3, H, W).

        Returns:
            The output, one row for each image.
        """
        raise NotImplementedError


class ArrayEngine:
    """An engine that resizes levels and crops for `networks`, in arrays of bounded size.

    Args:
        name: The name of the engine.
        providers: The providers that run the networks, in order of preference.
        networks: The networks.

    Attributes:
        timer: Measures the stages.
    """

    stages = ("pyramid", "P-Net", "crops", "R-Net", "O-Net", "C-Net", "L-Net")

    def __init__(self, name: str, providers: list[str], networks: Networks) -> None:
        self.name, self.providers, self.networks = name, providers, networks
        self.timer: Timer = untimed
        self._closed = Event()  # engines with other timers share it

    def propose(
        self, image: Image, levels: Sequence[tuple[int, int]], threshold: float
    ) -> list[Candidates]:
        """Slides P-Net over every level, see `Engine.propose`."""
        self._check_open()
        with self.timer("pyramid"):
            halves = _native.Halves(image.pixels, image.bgr, levels)
        return [self._propose_in(image, halves, level, threshold) for level in levels]

    def refine(self, images: Sequence[Image], boxes: Sequence[Float32]) -> list[Float32]:
        """Runs R-Net on crops, see `Engine.refine`."""
        return self._classify("rnet", "R-Net", images, boxes)

    def output(self, images: Sequence[Image], boxes: Sequence[Float32]) -> list[Float32]:
        """Runs O-Net on crops, see `Engine.output`."""
        return self._classify("onet", "O-Net", images, boxes)

    def context(self, images: Sequence[Image], boxes: Sequence[Float32]) -> list[Float32]:
        """Runs C-Net on crops, see `Engine.context`."""
        return self._classify("cnet", "C-Net", images, boxes)

    def landmarks(self, images: Sequence[Image], boxes: Sequence[Float32]) -> list[Float32]:
        """Runs L-Net on crops, see `Engine.landmarks`."""
        return self._classify("lnet", "L-Net", images, boxes)

    def close(self) -> None:
        """Ends the networks' threads, see `Engine.close`."""
        self._closed.set()
        close = getattr(self.networks, "close", None)
        if close is not None:
            close()

    def timed_by(self, timer: Timer) -> ArrayEngine:
        """Returns an engine with the same networks and a timer for `stages`."""
        timed = copy(self)
        timed.timer = timer
        return timed

    def _classify(
        self, network: str, stage: str, images: Sequence[Image], boxes: Sequence[Float32]
    ) -> list[Float32]:
        self._check_open()

        def run(crops: Float32) -> Float32:
            with self.timer(stage):
                outputs: Float32 = getattr(self.networks, network)(crops)
            return outputs

        sizes = INPUT_SIZES[network], OUTPUT_SIZES[network]
        return classify(run, *sizes, images, boxes, self.timer)

    def _check_open(self) -> None:
        if self._closed.is_set():
            raise RuntimeError("the detector is closed")

    def _propose_in(
        self, image: Image, halves: _native.Halves, level: tuple[int, int], threshold: float
    ) -> Candidates:
        scale = (level[0] / image.size[0], level[1] / image.size[1])
        found = []
        for first_row, rows in strips(level):
            with self.timer("pyramid"):
                pixels = _native.resize(halves, level, first_row, rows)
            with self.timer("P-Net"):
                cells = self.networks.pnet(pixels)
            found.append(_native.candidates(cells, threshold, first_row, scale))
        boxes, scores, regressions = map(np.concatenate, zip(*found, strict=True))
        return boxes, scores, regressions
