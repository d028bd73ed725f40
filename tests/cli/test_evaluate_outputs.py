"""Tests the output files and the errors of `mtcnn-rt evaluate`."""

import json
import re
import shutil
import sys

import cv2
import numpy as np
import pytest
from helpers.evaluate_command import annotate, photo_data, sides, table

from mtcnn_rt import _packages
from mtcnn_rt._defaults import DEFAULT_MODEL
from mtcnn_rt.model import PUBLISHED


def test_several_models_in_one_report(run, save, tmp_path, photo, faces):
    photo_data(tmp_path, save, photo, {"boxes": list(map(sides, faces.boxes.tolist()))})
    shutil.copytree(PUBLISHED, tmp_path / "copy")
    words = ["evaluate", "boxes", "--data", "data", "--overwrite"]
    words += ["--model", "published", "--model", "<b>a & b</b>=copy", "--model", "copy"]
    result = run(*words, "--report", "r.html", "--plot", "p.png", "--json", "r.json")
    assert result.exit_code == 0, result.stderr
    assert list(table(result)) == ["published", "<b>a & b</b>", "copy"]
    assert {number["AP"] for number in table(result).values()} == {1}
    page = (tmp_path / "r.html").read_text()
    parts = json.loads((tmp_path / "r.json").read_text())["results"]["copy"]["parts"]
    # In the table, as the caption and as the text of the image; and for each part of the faces.
    assert page.count("&lt;b&gt;a &amp; b&lt;/b&gt;") == 3 + len(parts)
    assert "<b>a" not in page
    assert page.count("data:image/jpeg;base64,") == 3
    assert re.findall(r'(?:src|href)="(?!data:)', page) == []
    assert cv2.imread("p.png") is not None
    assert list(json.loads((tmp_path / "r.json").read_text())["results"]) == list(table(result))


def test_outputs_are_finished_or_absent(run, save, tmp_path, photo):
    photo_data(tmp_path, save, photo, {"boxes": [[0, 0, 30, 30]]})
    (tmp_path / "r.json").write_text("mine")
    words = ["evaluate", "boxes", "--data", "data", "--plot", "p.png", "--json", "r.json"]
    result = run(*words)
    line = "mtcnn-rt: error: r.json exists (--overwrite replaces it, in Python overwrite=True)\n"
    assert (result.exit_code, result.stderr) == (2, line)
    assert (tmp_path / "r.json").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "r.json"]
    assert run(*words, "--overwrite").exit_code == 0
    assert json.loads((tmp_path / "r.json").read_text())["title"] == "Average precision at IoU 0.5"
    # An error in the middle leaves nothing.
    result = run(*words, "--overwrite", "--model", "missing", "--report", "new.html")
    assert result.exit_code == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "p.png", "r.json"]


def test_plots_without_matplotlib(run, save, tmp_path, photo, monkeypatch):
    monkeypatch.setattr(_packages, "_has", lambda name: False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    photo_data(tmp_path, save, photo, {"boxes": [[0, 0, 30, 30]]})
    result = run("evaluate", "boxes", "--data", "data", "--plot", "p.png")
    assert result.exit_code == 2
    assert result.stderr == (
        "mtcnn-rt: error: plotting needs Matplotlib: pip install matplotlib (or the extra `plot`)\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    assert run("evaluate", "boxes", "--data", "data", "--json", "r.json").exit_code == 0


def test_files_that_cannot_be_read_are_left_out(run, save, tmp_path, photo, faces):
    save("data/images/photo.png", photo)
    (tmp_path / "data" / "images" / "broken.png").write_bytes(b"not an image")
    boxes = list(map(sides, faces.boxes.tolist()))
    data = annotate(
        tmp_path / "data" / "annotations.jsonl",
        {"image": "photo.png", "boxes": boxes},
        {"image": "broken.png", "boxes": boxes},
        {"image": "photo.png"},
    )
    result = run("evaluate", "boxes", "--data", "data")
    assert result.exit_code == 1
    assert table(result)[DEFAULT_MODEL]["AP"] == 1
    lines = result.stderr.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("mtcnn-rt: data/annotations.jsonl:3: ")
    assert lines[1].startswith("mtcnn-rt: cannot read ")
    assert "broken.png" in lines[1]
    annotate(data, {"image": "broken.png", "boxes": boxes})
    result = run("evaluate", "boxes", "--data", "data")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == "mtcnn-rt: error: no image can be read"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["boxes", "--data", "missing"], "Path 'missing' does not exist"),
        (["boxes", "--data", "data", "--label", "hat"], "no box is called 'hat'; there is face"),
        (["boxes", "--data", "data", "--split", "test"], "has no split 'test'"),
        (["boxes", "--data", "data", "--format", "x"], "format: expected one of"),
        (["boxes", "--data", "data", "--model", "=x"], "expected NAME=PATH, not '=x'"),
        (["boxes", "--data", "data", "--model", "x="], "expected NAME=PATH, not 'x='"),
        (["boxes", "--data", "data", "--model", "x=missing"], "missing/model.json"),
        (
            ["boxes", "--data", "data", "--model", "x=a", "--model", "x=b"],
            "--model: two have one name",
        ),
        (
            ["boxes", "--data", "data", "--plot", "x", "--report", "./x"],
            "--plot and --report are the same file: x",
        ),
        (["landmarks", "--data", "data"], "no face has all five landmarks"),
        (["landmarks", "--data", "data", "--size", "3"], "3 is not in the range x>=12"),
        (["wider", "--ground-truth", "data"], "wider_face_val.mat: No such file or directory"),
        (["fddb", "--folds", "data", "--images", "data"], "no FDDB-fold-01-ellipseList.txt"),
        (
            ["wider", "--ground-truth", "data", "--detections", "x=data", "--model", "x=data"],
            "a model and detections are both called x",
        ),
    ],
)
def test_an_error_is_one_line(run, save, tmp_path, words, message):
    entry = {"boxes": [[0, 0, 30, 30]], "labels": ["face"]}
    photo_data(tmp_path, save, np.zeros((48, 64, 3), np.uint8), entry)
    result = run("evaluate", *words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("mtcnn-rt: error: ")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
