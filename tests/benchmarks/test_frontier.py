"""Tests the plot of accuracy against time, and the table of accuracy with other detectors."""

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks import accuracy, frontier, frontier_plot
from benchmarks.compiled import UnavailableError
from benchmarks.frontier import Point
from mtcnn_rt import Faces
from mtcnn_rt._comparison.single_shot.choice import NamedPeer


@pytest.fixture
def data(tmp_path, sample_frame, detector):
    """Writes three images, the frame of four faces and two plain ones."""
    folder = tmp_path / "frames"
    (folder / "images").mkdir(parents=True)
    faces = detector.detect(sample_frame)
    sides = [[x1, y1, x2 - x1, y2 - y1] for x1, y1, x2, y2 in faces.boxes.tolist()]
    lines = []
    for name, image, boxes in (
        ("a.png", sample_frame, sides),
        ("b.png", np.zeros((40, 60, 3), np.uint8), []),
        ("c.png", np.zeros((40, 60, 3), np.uint8), []),
    ):
        cv2.imwrite(str(folder / "images" / name), image)
        lines.append({"image": name, "boxes": boxes, "split": "test", "labels": ["a"] * len(boxes)})
    text = "".join(f"{json.dumps(line)}\n" for line in lines)
    (folder / "annotations.jsonl").write_text(text)
    return folder


@pytest.fixture
def peer(monkeypatch, sample_frame, detector):
    """Makes every other detector find two of the faces down to a low score, one above it."""
    loads = []
    faces = detector.detect(sample_frame)[:2]
    found = Faces(faces.boxes, np.float32([0.9, 0.1]), faces.landmarks)

    def load(self, threads, min_score=0.02):
        loads.append((self.name, threads, min_score))
        kept = found[found.scores >= min_score]
        return lambda image: kept if image.shape == sample_frame.shape else Faces.empty()

    monkeypatch.setattr(NamedPeer, "load", load)
    return loads


@pytest.mark.skipif(find_spec("matplotlib") is None, reason="matplotlib is not installed")
def test_the_frontier_has_a_row_for_each_detector(data, peer, tmp_path, monkeypatch, capsys):
    out = tmp_path / "frontier.svg"
    words = ["frontier", "--data", str(data), "--output", str(out), "--rounds", "2"]
    words += ["--peer", "yunet=x", "--peer", "yunet@64=x"]
    words += ["--model", "published", "--thresholds", "0.6", "0.7", "0.7"]
    words += ["--thresholds", "0.5", "0.3", "0.2"]
    monkeypatch.setattr(sys, "argv", words)
    frontier.main()
    printed = capsys.readouterr().out
    assert "frames, 3 images, one thread, boxes >= 20 px high" in printed
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in printed.splitlines()
        if line.startswith("|")
    ][2:]
    assert [row[:2] for row in rows] == [
        ["mtcnn-rt published", "0.6/0.7/0.7"],
        ["mtcnn-rt published", "0.5/0.3/0.2"],
        ["yunet", ""],
        ["yunet", "@64"],
    ]
    assert [row[3] for row in rows] == ["1.000", "1.000", "0.500", "0.500"]
    assert all(float(row[2]) >= 0 for row in rows)
    # Timed at the usual threshold, judged down to the lowest score.
    assert peer == [
        ("yunet", 1, 0.6),
        ("yunet", 1, 0.02),
        ("yunet@64", 1, 0.6),
        ("yunet@64", 1, 0.02),
    ]
    svg = out.read_text()
    for text in ("mtcnn-rt published", "yunet", "0.5/0.3/0.2", "frames, 3 images"):
        assert text in svg


def test_detectors_take_turns(data, sample_frame):
    order = []

    def named(name):
        def detect(image):
            order.append(name)
            return Faces.empty()

        return detect

    contestants = [frontier.Contestant(n, "", named(n), named(f"{n} judged")) for n in "ab"]
    images = frontier.read_annotations(data).images[:1]
    points = frontier.measure(contestants, images, 3)
    # Each timed detection comes after one that is not timed.
    assert order == ["a judged", "b judged", *["a", "a", "b", "b"] * 3]
    assert [len(point.seconds) for point in points] == [1, 1]


def test_some_images_are_evenly_spread():
    assert frontier.spread(list(range(10)), 4) == [0, 2, 5, 7]
    assert frontier.spread([1, 2], None) == frontier.spread([1, 2], 5) == [1, 2]


def test_the_median_over_the_images():
    assert Point("a", "", [0.001, 0.009, 0.002]).milliseconds == pytest.approx(2)


@pytest.mark.skipif(find_spec("matplotlib") is None, reason="matplotlib is not installed")
def test_the_same_points_give_the_same_file(tmp_path):
    panels = {"x": [(Point("a", "1", [0.01]), 0.5), (Point("a", "2", [0.02]), 0.6)]}
    for name in ("one.svg", "two.svg"):
        frontier_plot.write_plot(panels, tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_no_plot_without_matplotlib(monkeypatch):
    monkeypatch.setattr(frontier_plot, "find_spec", lambda _: None)
    with pytest.raises(UnavailableError, match="matplotlib is not installed"):
        frontier_plot.write_plot({}, Path("x.svg"))


def test_accuracy_of_several_detectors(data, peer, monkeypatch, capsys):
    words = ["accuracy", "--data", str(data), "--threads", "1", "--peer", "b:yunet=dir/x.onnx"]
    monkeypatch.setattr(accuracy, "LABELS", {"all labels": None})
    monkeypatch.setattr(sys, "argv", [*words, "--detector", "mtcnn-rt:native"])
    accuracy.main()
    printed = capsys.readouterr().out
    assert "mtcnn-rt:native, min_face_size 20: AP (recall) at IoU 0.5, boxes >= 20 px" in printed
    assert "b, x.onnx: AP (recall) at IoU 0.5" in printed
    assert "| all 3 | 1.000 (1.000) |" in printed
    assert printed.count("| test 3 | 0.500 (0.500) |") == 1
    monkeypatch.setattr(sys, "argv", words)
    accuracy.main()
    assert "mtcnn-rt" not in capsys.readouterr().out


def test_accuracy_without_the_file(data, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["accuracy", "--data", str(data), "--peer", "yunet=none.onnx"])
    with pytest.raises(SystemExit, match=r"cannot be loaded: .*none\.onnx"):
        accuracy.main()
