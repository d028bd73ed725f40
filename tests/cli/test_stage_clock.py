"""Tests `StageClock`, which measures the seconds of each stage."""

import time

import numpy as np
import pytest

from mtcnn_rt import MTCNN
from mtcnn_rt.cli.stage_clock import StageClock

FUSED = ("pyramid+P-Net", "NMS", "crops+R-Net", "crops+O-Net", "rest", "total")
STAGES = ("pyramid", "P-Net", "NMS", "crops", "R-Net", "O-Net", "rest", "total")


class SlowOnce:
    """Networks whose first call of P-Net takes 0.3 s longer."""

    def __init__(self, networks):
        self._networks, self.delay = networks, 0.3
        self.rnet, self.onet = networks.rnet, networks.onet

    def pnet(self, pixels):
        time.sleep(self.delay)
        self.delay = 0
        return self._networks.pnet(pixels)


@pytest.mark.parametrize(("engine", "stages"), [("onnxruntime", STAGES), ("native", FUSED)])
def test_every_stage_has_its_seconds(sample_frame, engine, stages):
    seconds = StageClock(MTCNN(threads=1, engine=engine, model="published")).detect(sample_frame)
    assert tuple(seconds) == stages
    for stage in stages[:-1]:
        assert 0 < seconds[stage] < seconds["total"]


@pytest.mark.parametrize("engine", ["onnxruntime", "native"])
def test_the_parts_make_up_the_total(sample_frame, engine):
    clock = StageClock(MTCNN(threads=1, min_face_size=40, engine=engine, model="published"))
    for _ in range(3):
        seconds = clock.detect(sample_frame)
        assert sum(seconds[stage] for stage in clock.stages[:-1]) == pytest.approx(
            seconds["total"], abs=1e-6
        )


def test_stages_that_did_not_run_took_no_time():
    seconds = StageClock(MTCNN(threads=1, engine="onnxruntime", model="published")).detect(
        np.zeros((11, 11, 3), np.uint8)
    )
    assert [seconds[stage] for stage in ("P-Net", "crops", "R-Net", "O-Net")] == [0, 0, 0, 0]
    assert seconds["total"] > 0


def test_a_slow_network_shows_in_its_stage_once(sample_frame):
    detector = MTCNN(threads=1, min_face_size=60, engine="onnxruntime", model="published")
    detector._cascade.engine.networks = SlowOnce(detector._cascade.engine.networks)
    clock = StageClock(detector)
    first, second = clock.detect(sample_frame), clock.detect(sample_frame)
    assert first["P-Net"] >= 0.3
    assert first["total"] - first["P-Net"] < first["P-Net"]
    assert second["P-Net"] < first["P-Net"]
    assert second["total"] < first["total"]


def test_the_total_is_the_time_of_the_call(sample_frame):
    clock = StageClock(MTCNN(threads=1, min_face_size=60, model="published"))
    start = time.perf_counter()
    seconds = clock.detect(sample_frame)
    assert seconds["total"] <= time.perf_counter() - start
