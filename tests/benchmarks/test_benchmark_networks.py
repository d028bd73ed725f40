"""Tests the workloads of the networks and their rows."""

import numpy as np
import pytest

from benchmarks.flop import gflop
from benchmarks.networks import CandidatesTask, NetworkTask, difference, workloads
from benchmarks.rows import Row, rows_of, rows_table
from mtcnn_rt import MTCNN
from mtcnn_rt._comparison.timing import Timing
from mtcnn_rt.engines.onnx import OnnxNetworks
from mtcnn_rt.images import as_image
from mtcnn_rt.model import load_model

ONNX = "mtcnn-rt:onnxruntime"

# Weights times places, layer by layer (figure 2), two operations each.
PNET_12 = 2 * (270 * 10 * 10 + 1440 * 3 * 3 + 4608 * 1 + 160 * 1)
RNET = 2 * (756 * 22 * 22 + 12096 * 9 * 9 + 12288 * 3 * 3 + 73728 + 640)
ONET = 2 * (864 * 46 * 46 + 18432 * 21 * 21 + 36864 * 8 * 8 + 32768 * 3 * 3 + 294912 + 3840)


@pytest.mark.parametrize(
    ("network", "shape", "operations"),
    [
        ("pnet", (3, 12, 12), PNET_12),
        ("rnet", (1, 3, 24, 24), RNET),
        ("rnet", (64, 3, 24, 24), 64 * RNET),
        ("onet", (3, 3, 48, 48), 3 * ONET),
    ],
)
def test_operations_are_those_of_the_layers(network, shape, operations):
    assert gflop(network, shape) == pytest.approx(operations / 1e9, rel=1e-12)


def test_a_larger_image_has_more_cells():
    # 14 x 17 pixels: 12 x 15, pooled 6 x 8 (the last window is incomplete), 4 x 6, 2 x 4.
    operations = 2 * (270 * 12 * 15 + 1440 * 4 * 6 + (4608 + 160) * 2 * 4)
    assert gflop("pnet", (3, 14, 17)) == pytest.approx(operations / 1e9, rel=1e-12)


def test_the_largest_difference():
    own, other = [np.zeros(3), np.ones(2)], [np.zeros(3), np.array([1, 1.00002])]
    assert difference(own, other) == "within 2e-05"
    assert difference(own, [np.full(3, 7.0), np.ones(2)]) == "**differs by 7e+00**"


def test_the_task_runs_the_network():
    crops = np.random.default_rng(0).uniform(0, 255, (3, 3, 24, 24)).astype(np.float32)
    [found] = NetworkTask(ONNX, "rnet", (crops,)).prepare(1)()
    expected = OnnxNetworks(load_model("published"), 1, ["cpu"]).rnet(crops)
    np.testing.assert_array_equal(found, expected)


def test_candidates_with_opencv_are_those_of_the_cascade(sample_frame):
    detector = MTCNN(engine="onnxruntime", threads=1, model="published")
    levels = ((216, 384), (108, 192))
    found = CandidatesTask(ONNX, sample_frame, levels).prepare(1)()
    expected = [
        len(boxes)
        for boxes, _, _ in detector._cascade.engine.propose(as_image(sample_frame), levels, 0.6)
    ]
    assert min(expected) > 20
    np.testing.assert_allclose(found, expected, rtol=0.1)  # the resizes differ by a rounding


def test_workloads_have_their_shapes_and_operations(sample_frame):
    found = {one.title: one for one in workloads(sample_frame)}
    assert len(found) == 15
    assert found["R-Net, 64 crops"].gflop == pytest.approx(64 * RNET / 1e9)
    vga = found["P-Net, 640x480, min face 20"]
    assert vga.task(ONNX).inputs[0].shape == (3, 288, 384)
    assert vga.gflop == pytest.approx(0.753, abs=0.001)
    assert found["resize + P-Net, 1920x1080, min face 40"].task(ONNX).levels[0] == (324, 576)


def timings():
    return {
        "a": Timing(1, [0.002, 0.004, 0.003]),
        "b": Timing(2, [0.004, 0.008, 0.009]),
        "c": Timing(error="ValueError: no"),
    }


def test_rows_have_ratios_and_reasons():
    rows = rows_of("P-Net", timings(), "a", lambda own, other: f"{own} of {other}", 0.3)
    assert rows == [
        Row("P-Net", "a", [0.002, 0.004, 0.003], 1.0, "", None, 0.3),
        Row("P-Net", "b", [0.004, 0.008, 0.009], 2.0, "2 of 1", None, 0.3),
        Row("P-Net", "c", [], None, "not known", "ValueError: no", 0.3),
    ]
    assert [row.gflops for row in rows] == [pytest.approx(100), pytest.approx(37.5), None]


def test_table_with_percent_of_the_peak():
    rows = rows_of("P-Net", timings(), "a", lambda own, other: "yes", 0.3)
    assert rows_table(rows, "a", peak_gflops=80).splitlines() == [
        "| what | by | median ms | min - max | time by a's | agrees | GFLOP/s | % of peak |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        "| P-Net | a | 3.00 | 2.00 - 4.00 | 1.00 |  | 100.0 | 125 |",
        "| P-Net | b | 8.00 | 4.00 - 9.00 | 2.00 | yes | 37.5 | 47 |",
        "| P-Net | c | fails |  |  | ValueError: no |  |  |",
    ]


def test_table_without_known_work():
    rows = rows_of("threads", timings(), "a", lambda own, other: "yes")
    lines = rows_table(rows, "a").splitlines()
    assert lines[0] == "| what | by | median ms | min - max | time by a's | agrees |"
    assert lines[2] == "| threads | a | 3.00 | 2.00 - 4.00 | 1.00 |  |"
