"""Tests the files of the distribution `mtcnn`, and the model in the package."""

import json
import runpy
import sys
from pathlib import Path

import joblib
import numpy as np
import pytest

from mtcnn_rt._layers import as_bytes
from mtcnn_rt.conversion.folder import write_model_folder
from mtcnn_rt.conversion.published import BOX_OFFSET, read_published
from mtcnn_rt.conversion.sources import read_sources
from mtcnn_rt.model import load_model

ROOT = Path(__file__).resolve().parents[2]
BUILD_STEP, COMMIT_MODEL = ROOT / "models" / "convert.py", ROOT / "tools" / "commit_model.py"


@pytest.fixture
def run_script(monkeypatch):
    """Returns a function that runs a script in this process."""

    def run(script, *words):
        monkeypatch.setattr(sys, "argv", [script.name, *map(str, words)])
        monkeypatch.setattr(sys, "path", list(sys.path))
        runpy.run_path(str(script), run_name="__main__")

    return run


def test_the_build_step_writes_the_model_of_the_package(tmp_path, run_script):
    run_script(BUILD_STEP, tmp_path / "model")
    built, packaged = load_model(tmp_path / "model" / "published"), load_model("published")
    assert built.box_offset == packaged.box_offset == BOX_OFFSET
    assert {n: f.sha256 for n, f in built.networks.items()} == {
        n: f.sha256 for n, f in packaged.networks.items()
    }


def test_the_build_step_writes_committed_weights(tmp_path, run_script, published_files):
    """A model folder, prepared for the repository, is the same after the build."""
    published = load_model("published")
    settings = {
        "score": {"weights": [0.1, 0.3, 0.5], "bias": -1.0, "onet_alone": [0.9, 0.0]},
        "presets": {"fast": {"thresholds": [0.7, 0.8, 0.9]}},
        "nms_after_calibration": 0.6,
        "nms_output": 0.5,
        "sure_score": 0.9,
        "lnet_crop": 0.9,
        "thresholds": [0.5, 0.5, 0.5],
        "statistics": published.networks["pnet"].statistics,
    }
    layers = {name: network.layers for name, network in published.networks.items()}
    layers["lnet"] = layers["onet"]
    texts = {"name": "trained", "license": "CC0", "source": "a test", "box_offset": 0.25}
    write_model_folder(tmp_path / "run", layers, **texts, **settings)
    models = tmp_path / "models"
    run_script(COMMIT_MODEL, tmp_path / "run", models / "default", "--license", "MIT")
    files = {"description.json", "pnet.npy", "rnet.npy", "onet.npy", "lnet.npy"}
    assert {path.name for path in (models / "default").iterdir()} == files

    (models / "notes").mkdir()  # without a description.json
    run_script(BUILD_STEP, tmp_path / "built", models)
    assert {path.name for path in (tmp_path / "built").iterdir()} == {"published", "default"}
    trained, built = load_model(tmp_path / "run"), load_model(tmp_path / "built" / "default")
    assert (built.name, built.license, built.source) == ("default", "MIT", "a test")
    entries = (
        "thresholds",
        "presets",
        "score",
        "nms_after_calibration",
        "nms_output",
        "sure_score",
        "lnet_crop",
    )
    for name in (*entries, "box_offset"):
        assert getattr(built, name) == getattr(trained, name)
    assert list(built.all_networks) == ["pnet", "rnet", "onet", "lnet"]
    for name, network in built.all_networks.items():
        assert network.sha256 == trained.all_networks[name].sha256
        assert as_bytes(network.layers) == as_bytes(layers[name])
    for found, expected in zip(
        built.networks["pnet"].statistics.limits,
        trained.networks["pnet"].statistics.limits,
        strict=True,
    ):
        np.testing.assert_array_equal(found, expected)


def test_an_unknown_entry_of_a_description_stops_the_build(tmp_path, run_script, published_files):
    models = tmp_path / "models"
    run_script(COMMIT_MODEL, load_model("published").path, models / "mine")
    file = models / "mine" / "description.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "scores": {}}))
    with pytest.raises(TypeError, match="unexpected keyword argument 'scores'"):
        run_script(BUILD_STEP, tmp_path / "built", models)


def test_the_folder_of_the_distribution_is_read(published_files):
    layers = read_sources([published_files["pnet"].parent])
    for name, network in load_model("published").networks.items():
        assert as_bytes(network.layers) == as_bytes(layers[name])


def test_an_unknown_file_is_not_opened(published_files, monkeypatch):
    monkeypatch.setattr(joblib, "load", lambda file: pytest.fail("opened"))
    content = published_files["pnet"].read_bytes() + b"\0"
    with pytest.raises(ValueError, match=r"so not opened: its SHA-256 is [0-9a-f]{64}$"):
        read_published(content)


def test_the_layout_of_the_published_arrays(published):
    kernel, bias, slopes, *_ = published["pnet"]
    assert kernel.shape == (3, 3, 3, 10)
    layers = load_model("published").networks["pnet"].layers
    turned = kernel.transpose(3, 2, 0, 1)
    np.testing.assert_allclose(layers[0].kernel * 128, turned, rtol=1e-6)
    np.testing.assert_array_equal(layers[0].slopes, slopes.ravel())
    level = np.full(3 * 9, 0.25)  # (159.5 - 127.5) / 128
    expected = turned.reshape(10, -1) @ level + bias
    found = layers[0].kernel.reshape(10, -1) @ np.full(27, 159.5) + layers[0].bias
    np.testing.assert_allclose(found, expected, atol=1e-5)
