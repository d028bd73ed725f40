"""Tests the files of the distribution `mtcnn`, and the model in the package."""

import runpy
import sys
from pathlib import Path

import joblib
import numpy as np
import pytest

from mtcnn_rt._layers import as_bytes
from mtcnn_rt.conversion.published import BOX_OFFSET, read_published
from mtcnn_rt.conversion.sources import read_sources
from mtcnn_rt.model import load_model

BUILD_STEP = Path(__file__).resolve().parents[2] / "models" / "convert.py"


def test_the_build_step_writes_the_model_of_the_package(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["convert.py", str(tmp_path / "model")])
    monkeypatch.setattr(sys, "path", list(sys.path))
    runpy.run_path(str(BUILD_STEP), run_name="__main__")
    built, packaged = load_model(tmp_path / "model" / "published"), load_model("published")
    assert built.box_offset == packaged.box_offset == BOX_OFFSET
    assert {n: f.sha256 for n, f in built.networks.items()} == {
        n: f.sha256 for n, f in packaged.networks.items()
    }


def test_the_folder_of_the_distribution_is_read(published_files):
    layers = read_sources([published_files["pnet"].parent])
    for name, network in load_model().networks.items():
        assert as_bytes(network.layers) == as_bytes(layers[name])


def test_an_unknown_file_is_not_opened(published_files, monkeypatch):
    monkeypatch.setattr(joblib, "load", lambda file: pytest.fail("opened"))
    content = published_files["pnet"].read_bytes() + b"\0"
    with pytest.raises(ValueError, match=r"so not opened: its SHA-256 is [0-9a-f]{64}$"):
        read_published(content)


def test_the_layout_of_the_published_arrays(published):
    kernel, bias, slopes, *_ = published["pnet"]
    assert kernel.shape == (3, 3, 3, 10)
    layers = load_model().networks["pnet"].layers
    turned = kernel.transpose(3, 2, 0, 1)
    np.testing.assert_allclose(layers[0].kernel * 128, turned, rtol=1e-6)
    np.testing.assert_array_equal(layers[0].slopes, slopes.ravel())
    level = np.full(3 * 9, 0.25)  # (159.5 - 127.5) / 128
    expected = turned.reshape(10, -1) @ level + bias
    found = layers[0].kernel.reshape(10, -1) @ np.full(27, 159.5) + layers[0].bias
    np.testing.assert_allclose(found, expected, atol=1e-5)
