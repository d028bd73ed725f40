"""The C++ core's own networks, on the CPU."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

from mtcnn_rt import _native
from mtcnn_rt._arrays import Float32
from mtcnn_rt._cores import usable_cores
from mtcnn_rt._stage_timer import Timer, untimed
from mtcnn_rt.engines import Candidates
from mtcnn_rt.images import Image
from mtcnn_rt.model import Model, ModelError


class NativeEngine:
    """The paper's networks (figure 2), each fused from pixels to outputs.

    threads: of one call; None is every core that the process may use. They are the engine's own,
    from now until `close`.
    precision: of P-Net, "float32" or "int16".
    Raises ModelError for a model folder without the plain weights of the paper's networks, or, for
    integers, without the statistics of P-Net's features."""

    name = "native"
    stages = ("pyramid+P-Net", "crops+R-Net", "crops+O-Net")

    def __init__(
        self, model: Model, threads: int | None = None, precision: str = "float32"
    ) -> None:
        self.providers = ["cpu"]
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
        threads = threads or usable_cores()
        self._engine = _native.Engine(pnet, rnet, onet, threads, statistics, integers)

    def propose(
        self, image: Image, levels: Sequence[tuple[int, int]], threshold: float
    ) -> list[Candidates]:
        with self._timer("pyramid+P-Net"):
            return self._engine.propose(image.pixels, image.bgr, levels, threshold)

    def refine(self, images: Sequence[Image], boxes: Sequence[Float32]) -> list[Float32]:
        refine = self._engine.refine
        with self._timer("crops+R-Net"):
            return [refine(i.pixels, i.bgr, ours) for i, ours in zip(images, boxes, strict=True)]

    def output(self, images: Sequence[Image], boxes: Sequence[Float32]) -> list[Float32]:
        output = self._engine.output
        with self._timer("crops+O-Net"):
            return [output(i.pixels, i.bgr, ours) for i, ours in zip(images, boxes, strict=True)]

    def close(self) -> None:
        self._engine.close()

    def timed_by(self, timer: Timer) -> NativeEngine:
        timed = copy(self)
        timed._timer = timer
        return timed
