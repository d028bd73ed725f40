"""Runs the networks in the C++ core, on the CPU."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy

from mtcnn_rt import _native
from mtcnn_rt._arrays import Float32, Pixels
from mtcnn_rt._cores import usable_cores
from mtcnn_rt._stage_timer import Timer, untimed
from mtcnn_rt.engines import Candidates
from mtcnn_rt.images import Image
from mtcnn_rt.model import Model, ModelError

_Classify = Callable[[Pixels, bool, Float32], Float32]


class NativeEngine:
    """An engine that runs the paper's networks (figure 2), each fused from pixels to outputs.

    Args:
        model: The model.
        threads: Number of threads of one call; None is one for each core that the process may use.
            The engine owns the threads until `close`.
        precision: Number type of P-Net, "float32" or "int16".

    Raises:
        ModelError: The model folder does not have the plain weights of the paper's networks, or,
            for integers, the statistics of P-Net's features.
        RuntimeError: The system cannot start the threads; the message has the number that it did
            start.
    """

    name = "native"
    stages = ("pyramid+P-Net", "crops+R-Net", "crops+O-Net", "crops+C-Net", "crops+L-Net")

    def __init__(
        self, model: Model, threads: int | None = None, precision: str = "float32"
    ) -> None:
        self.providers = ["cpu"]
        self.instruction_set: str = _native.isa()
        self._timer: Timer = untimed
        pnet, rnet, onet = (network.layers for network in model.networks.values())
        if pnet is None or rnet is None or onet is None:
            raise ModelError(f"{model.path}: has no weights for the native engine")
        statistics, integers = model.networks["pnet"].statistics, precision == "int16"
        if integers and statistics is None:
            raise ModelError(
                f"{model.path}: has no statistics of P-Net's features, which precision 'int16' "
                "needs"
            )
        extra = {}
        for name in model.extra_networks:
            layers = model.all_networks[name].layers
            if layers is None:
                raise ModelError(f"{model.path}: has no weights of {name} for the native engine")
            extra[name] = layers
        self._engine = _native.Engine(
            *(pnet, rnet, onet), threads or usable_cores(), statistics, integers, **extra
        )

    def propose(
        self, image: Image, levels: Sequence[tuple[int, int]], threshold: float
    ) -> list[Candidates]:
        """Slides P-Net over every level, see `Engine.propose`."""
        with self._timer("pyramid+P-Net"):
            return self._engine.propose(image.pixels, image.bgr, levels, threshold)

    def refine(self, images: Sequence[Image], boxes: Sequence[Float32]) -> list[Float32]:
        """Runs R-Net on crops, see `Engine.refine`."""
        return self._classify("crops+R-Net", self._engine.refine, images, boxes)

    def output(self, images: Sequence[Image], boxes: Sequence[Float32]) -> list[Float32]:
        """Runs O-Net on crops, see `Engine.output`."""
        return self._classify("crops+O-Net", self._engine.output, images, boxes)

    def context(self, images: Sequence[Image], boxes: Sequence[Float32]) -> list[Float32]:
        """Runs C-Net on crops, see `Engine.context`."""
        return self._classify("crops+C-Net", self._engine.context, images, boxes)

    def landmarks(self, images: Sequence[Image], boxes: Sequence[Float32]) -> list[Float32]:
        """Runs L-Net on crops, see `Engine.landmarks`."""
        return self._classify("crops+L-Net", self._engine.landmarks, images, boxes)

    def _classify(
        self, stage: str, run: _Classify, images: Sequence[Image], boxes: Sequence[Float32]
    ) -> list[Float32]:
        """Runs a network on crops of each image, of which only what is near the boxes is needed."""
        with self._timer(stage):
            pairs = zip(images, boxes, strict=True)
            return [run(image.near(ours), image.bgr, ours) for image, ours in pairs]

    def close(self) -> None:
        """Ends the engine's threads, see `Engine.close`."""
        self._engine.close()

    def timed_by(self, timer: Timer) -> NativeEngine:
        """Returns an engine that shares networks and threads, with a timer for `stages`."""
        timed = copy(self)
        timed._timer = timer
        return timed
