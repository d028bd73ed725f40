"""How long each stage of the cascade takes."""

from __future__ import annotations

from collections import defaultdict
from time import perf_counter
from typing import Any

from mtcnn_rt.detector import MTCNN
from mtcnn_rt.engines.arrays import ArrayEngine

_APART = {
    "Halves": "pyramid",
    "resize": "pyramid",
    "pnet": "P-Net",
    "nms": "NMS",
    "crops": "crops",
    "rnet": "R-Net",
    "onet": "O-Net",
}
"""The stages of functions, of an engine that resizes levels and crops for its networks."""
_FUSED = {
    "propose": "pyramid+P-Net",
    "nms": "NMS",
    "refine": "crops+R-Net",
    "output": "crops+O-Net",
}
"""Of an engine that goes from the image to the networks' outputs at once."""


class StageClock:
    """Times the stages of a detector, which is this clock's alone from then on.

    stages: their names. "rest" is what the others leave of "total": candidates, calibration, and
    Python.

    The clock stands before non-maximum suppression and the engine, which the cascade calls."""

    stages: tuple[str, ...]

    def __init__(self, detector: MTCNN) -> None:
        self._detector, engine = detector, detector.engine
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._names = _APART if isinstance(engine, ArrayEngine) else _FUSED
        self.stages = (*dict.fromkeys(self._names.values()), "rest", "total")
        detector._nms = _clocked(detector._nms, self._seconds, self._names["nms"])
        if isinstance(engine, ArrayEngine):
            engine.native, engine.networks = map(self._timed, (engine.native, engine.networks))
        else:
            detector.engine = self._timed(engine)

    def detect(self, image: Any) -> dict[str, float]:
        """Detects once. Seconds of each of `stages`."""
        self._seconds.clear()
        start = perf_counter()
        self._detector.detect(image)
        total = perf_counter() - start
        rest = total - sum(self._seconds.values())
        seconds = {stage: self._seconds[stage] for stage in self.stages[:-2]}
        return {**seconds, "rest": rest, "total": total}

    def _timed(self, target: Any) -> Any:
        return _Timed(target, self._names, self._seconds)


class _Timed:
    """Stands for `target`; adds the seconds of its functions to those of their stage."""

    def __init__(
        self, target: Any, names: dict[str, str], seconds: defaultdict[str, float]
    ) -> None:
        self._target, self._names, self._seconds = target, names, seconds

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, name)
        stage = self._names.get(name)
        return value if stage is None else _clocked(value, self._seconds, stage)


def _clocked(function: Any, seconds: defaultdict[str, float], stage: str) -> Any:
    def timed(*arguments: Any, **options: Any) -> Any:
        start = perf_counter()
        result = function(*arguments, **options)
        seconds[stage] += perf_counter() - start
        return result

    return timed
