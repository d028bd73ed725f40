"""How long each stage of the cascade takes."""

from __future__ import annotations

from collections import defaultdict
from time import perf_counter
from typing import Any

from mtcnn_rt.detector import MTCNN

STAGES = ("pyramid", "P-Net", "NMS", "crops", "R-Net", "O-Net", "rest", "total")
"""`rest` is what the others leave of `total`: candidates, calibration, and Python."""

_STAGE_OF = {
    "pyramid": "pyramid",
    "resize": "pyramid",
    "pnet": "P-Net",
    "nms": "NMS",
    "crops": "crops",
    "rnet": "R-Net",
    "onet": "O-Net",
}


class StageClock:
    """Times the stages of a detector, which is this clock's alone from then on.

    The cascade calls two things, the C++ core and an engine; the clock stands before both."""

    def __init__(self, detector: MTCNN) -> None:
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._detector = detector
        detector._native = _Timed(detector._native, self._seconds)
        detector.engine = _Timed(detector.engine, self._seconds)

    def detect(self, image: Any) -> dict[str, float]:
        """Detects once. Seconds of each of `STAGES`."""
        self._seconds.clear()
        start = perf_counter()
        self._detector.detect(image)
        total = perf_counter() - start
        rest = total - sum(self._seconds.values())
        return {stage: self._seconds[stage] for stage in STAGES} | {"rest": rest, "total": total}


class _Timed:
    """Stands for `target`; adds the seconds of its functions to those of their stage."""

    def __init__(self, target: Any, seconds: defaultdict[str, float]) -> None:
        self._target, self._seconds = target, seconds

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, name)
        stage = _STAGE_OF.get(name)
        if stage is None:
            return value

        def timed(*arguments: Any, **options: Any) -> Any:
            start = perf_counter()
            result = value(*arguments, **options)
            self._seconds[stage] += perf_counter() - start
            return result

        return timed
