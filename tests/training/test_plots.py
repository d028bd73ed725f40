import cv2
import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="matplotlib is not installed")

from mtcnn_rt.training.log import Log
from mtcnn_rt.training.plots import _smooth, plot


def test_three_plots_replace_earlier_ones(tmp_path):
    log = Log(tmp_path / "log.jsonl")
    for network in ("pnet", "rnet"):
        for step in range(5):
            entry = {"network": network, "step": step, "loss": 1 / (1 + step)}
            log.append({**entry, "accuracy": None if step else 0.5, "learning_rate": 1e-3})
    (tmp_path / "loss.png").write_bytes(b"an earlier plot")
    paths = plot(log, tmp_path)
    assert [path.name for path in paths] == ["loss.png", "accuracy.png", "learning_rate.png"]
    for path in paths:
        assert cv2.imread(str(path)).shape == (480, 840, 3)


def test_a_point_is_the_mean_of_its_neighbors():
    values = [float(k % 2) for k in range(40)]  # two on each side
    smooth = _smooth(values)
    assert smooth[10] == pytest.approx((0 + 1 + 0 + 1 + 0) / 5)
    assert smooth[0] == pytest.approx((0 + 1 + 0) / 3)
    np.testing.assert_array_equal(_smooth([3.0]), [3.0])


@pytest.mark.filterwarnings("error")
def test_a_network_without_values_has_no_curve(tmp_path):
    log = Log(tmp_path / "log.jsonl")
    log.append({"network": "onet", "step": 0, "loss": 1, "accuracy": None, "learning_rate": 1e-3})
    paths = plot(log, tmp_path)
    assert [path.name for path in paths] == ["loss.png", "accuracy.png", "learning_rate.png"]
    for path in paths:
        assert cv2.imread(str(path)).shape == (480, 840, 3)
