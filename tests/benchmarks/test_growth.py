"""Tests the growth of time: the lines through the points, and the images."""

from importlib.util import find_spec

import numpy as np
import pytest

from benchmarks import plots
from benchmarks.compiled import UnavailableError
from benchmarks.growth import Curve, Fit, as_markdown, fit_line, sweeps
from benchmarks.images import crowd

X = [1.0, 2.0, 4.0, 10.0]


def test_points_on_a_line():
    fit = fit_line(X, [3 + 2 * x for x in X])
    assert (fit.slope, fit.intercept) == (pytest.approx(2), pytest.approx(3))
    assert fit.worst == pytest.approx(0, abs=1e-12)


def test_a_cliff_is_far_from_the_line():
    x = np.arange(1.0, 11.0)
    assert fit_line(x, np.where(x > 5, 2 * x, x)).worst > 0.25


def test_the_same_share_off_counts_the_same_whatever_the_size():
    # Around y = x, relative errors of +10 % and -10 %: in absolute terms the largest would pull.
    fit = fit_line([1.0, 1.0, 100.0, 100.0], [0.9, 1.1, 90.0, 110.0])
    expected = 2 * 1 / (1 / 0.9**2 + 1 / 1.1**2) * (1 / 0.9 + 1 / 1.1) / 2  # weighted mean at 1
    assert fit.slope + fit.intercept == pytest.approx(expected, rel=1e-9)
    assert 100 * fit.slope + fit.intercept == pytest.approx(100 * expected, rel=1e-9)


@pytest.mark.parametrize("faces", [0, 1, 100, 500])
def test_a_crowd_has_so_many_faces(faces):
    frame = crowd(np.full((80, 80, 3), 200, np.uint8), faces)
    assert frame.shape == (1080, 1920, 3)
    assert (frame[..., 0] == 200).sum() == faces * 60 * 60
    assert ((frame == 200) | (frame == 128)).all()


def test_a_crowd_has_an_end():
    with pytest.raises(ValueError, match="577 faces do not fit in 32 x 18 cells"):
        crowd(np.zeros((60, 60, 3), np.uint8), 577)


def test_faces_of_a_crowd_are_found(sample_frame, detector):
    _, faces, _ = sweeps(sample_frame)
    found = {point.label: len(detector.detect(point.image)) for point in faces.points[:3]}
    assert found == {"0": 0, "20": 20, "50": 50}


def test_sweeps_grow(sample_frame):
    pixels, _, smallest = sweeps(sample_frame)
    assert [point.label for point in pixels.points][::5] == ["640x480", "7680x4320"]
    assert pixels.points[-1].x == pytest.approx(33.1776)
    assert [point.min_face_size for point in smallest.points] == [80, 60, 40, 28, 20, 16, 12]
    x = [point.x for point in smallest.points]
    assert x == sorted(x)
    # At 12 the first level is the image, and the levels are a geometric series.
    assert x[-1] == pytest.approx(1280 * 720 / 1e6 / (1 - 0.709**2), rel=0.01)


def curves():
    known = {"sweep": "faces", "axis": "faces", "x": X, "labels": ["1", "2", "4", "10"]}
    seconds = [[(3 + 2 * x) / 1e3] * 3 for x in X]
    fit = Fit(slope=0.002, intercept=0.003, worst=0.04)
    return [
        Curve(**known, detector="a", seconds=seconds, faces=[1, 2, 4, 9], fit=fit, error=None),
        Curve(**known, detector="b", seconds=[[]] * 4, faces=[], fit=None, error="died"),
    ]


def test_the_table_has_the_line_and_the_failure():
    assert as_markdown(curves()).splitlines()[2:] == [
        "| faces | a | 3.00 + 2 x | 4 % | 1: 5.0 (1), 2: 7.0 (2), 4: 11.0 (4), 10: 23.0 (9) |",
        "| faces | b | fails |  | died |",
    ]


@pytest.mark.skipif(find_spec("matplotlib") is None, reason="matplotlib is not installed")
def test_a_sweep_becomes_a_plot(tmp_path):
    [path] = plots.write_plots(curves(), tmp_path)
    assert path == tmp_path / "growth-faces.svg"
    assert "</svg>" in path.read_text()


def test_no_plots_without_matplotlib(tmp_path, monkeypatch):
    monkeypatch.setattr(plots, "find_spec", lambda _: None)
    with pytest.raises(UnavailableError, match="matplotlib is not installed"):
        plots.write_plots(curves(), tmp_path)
