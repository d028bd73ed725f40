"""Tests `mtcnn-rt convert`."""

import sys
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import pytest

from mtcnn_rt import _packages
from mtcnn_rt.model import load_model

WEIGHTS = Path(str(distribution("mtcnn").locate_file("mtcnn/assets/weights")))


def test_published_weights_are_recognized(run, tmp_path):
    result = run("convert", WEIGHTS, "--out", "mine", "--license", "MIT")
    assert result.exit_code == 0
    assert result.output == "mine: box_offset 1\n"
    model, packaged = load_model(tmp_path / "mine"), load_model("published")
    assert (model.name, model.license, model.source) == ("mine", "MIT", "weights")
    assert model.box_offset == 1
    mine, known = (m.networks["pnet"].statistics for m in (model, packaged))
    for array, expected in zip(
        (*mine.limits, mine.means), (*known.limits, known.means), strict=True
    ):
        np.testing.assert_array_equal(array, expected)
    assert {n: f.sha256 for n, f in model.networks.items()} == {
        n: f.sha256 for n, f in packaged.networks.items()
    }


def test_the_folder_is_a_model(run, save, photo):
    files = [WEIGHTS / f"{network}.lz4" for network in ("onet", "pnet", "rnet")]
    run("convert", *files, "--out", "m", "--name", "x", "--box-offset", "0.25")
    assert '"name": "x"' in run("info", "--json", "--model", "m").output
    path = save("a.png", photo)
    assert "4 faces" in run("image", path, "--model", "m", "--json", "a.json").output
    assert load_model(Path("m")).box_offset == 0.25


def test_an_existing_folder_is_kept(run, tmp_path):
    run("convert", WEIGHTS, "--out", "m")
    result = run("convert", WEIGHTS, "--out", "m", "--name", "new")
    assert result.exit_code == 2
    assert (
        result.output
        == "mtcnn-rt: error: m exists (--overwrite replaces it, in Python overwrite=True)\n"
    )
    assert load_model(tmp_path / "m").name == "m"
    assert run("convert", WEIGHTS, "--out", "m", "--name", "new", "--overwrite").exit_code == 0
    assert load_model(tmp_path / "m").name == "new"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "Missing argument 'SOURCE...'."),
        ([WEIGHTS], "Missing option '--out'."),
        (["absent.lz4", "--out", "m"], "absent.lz4: No such file or directory"),
        (["absent", "--out", "m"], "absent: No such file or directory"),
        ([WEIGHTS, "--out", "m", "--box-offset", "nan"], "box_offset: expected a finite number"),
        (
            [WEIGHTS, "--out", "m", "--box-offset", "1000"],
            "box_offset: expected a number",
        ),
        ([WEIGHTS / "pnet.lz4", "--out", "m"], "there is no rnet, no onet in"),
        (["x.onnx", "--out", "m"], "x.onnx: expected a file that ends in .pt, .lz4, .caffemodel"),
    ],
)
def test_errors_are_one_line(run, tmp_path, words, message):
    result = run("convert", *words)
    assert result.exit_code == 2
    assert message in result.output
    assert result.output.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_without_onnx_the_error_names_the_extra(run, monkeypatch):
    for name in [*sys.modules]:
        if name.partition(".")[0] == "onnx" or name.startswith("mtcnn_rt.conversion."):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "onnx", None)  # its import fails
    monkeypatch.setattr(_packages, "_has", lambda distribution: False)
    result = run("convert", WEIGHTS, "--out", "m")
    assert result.exit_code == 2
    cure = "pip install onnx (or the extra `convert`)"
    assert result.output == f"mtcnn-rt: error: convert needs ONNX: {cure}\n"
