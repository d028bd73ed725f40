"""Times the stages of single detections, for `mtcnn-rt bench`."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from mtcnn_rt._stage_timer import StageTimer
from mtcnn_rt.detector import MTCNN
from mtcnn_rt.images import as_image

_ORDER = (
    *("pyramid", "P-Net", "pyramid+P-Net", "NMS"),
    *("crops", "R-Net", "O-Net", "C-Net", "L-Net"),
    *("crops+R-Net", "crops+O-Net", "crops+C-Net", "crops+L-Net"),
)
"""The stages of all engines, in the order of the cascade."""


class StageClock:
    """Times the stages of a detector's cascade.

    Args:
        detector: The detector. It stays as it is: the clock runs a timed copy of its cascade.

    Attributes:
        stages: The names of the stages. "rest" is what the others leave of "total": candidates,
            calibration and Python.
    """

    stages: tuple[str, ...]

    def __init__(self, detector: MTCNN) -> None:
        self._timer = StageTimer()
        self._cascade = detector._cascade.timed_by(self._timer)
        timed = {*self._cascade.engine.stages, "NMS"}
        if self._cascade.cnet_crop is None:
            timed -= {"C-Net", "crops+C-Net"}
        if self._cascade.lnet_crop is None:
            timed -= {"L-Net", "crops+L-Net"}
        self.stages = (*(stage for stage in _ORDER if stage in timed), "rest", "total")

    def detect(self, image: Any) -> dict[str, float]:
        """Runs one detection and measures its stages.

        Args:
            image: Any image that `MTCNN.detect` takes.

        Returns:
            The seconds of each of `stages`.
        """
        self._timer.reset()
        start = perf_counter()
        self._cascade.detect([as_image(image)])
        total = perf_counter() - start
        seconds = {stage: self._timer.seconds[stage] for stage in self.stages[:-2]}
        return {**seconds, "rest": total - sum(seconds.values()), "total": total}
