"""The ONNX graphs against the networks in NumPy, from the weights as they are published."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
import reference
import reference_networks

from mtcnn_rt.engines.onnx import OnnxNetworks
from mtcnn_rt.model import load_model

MODELS = Path(__file__).resolve().parents[1] / "models"


@pytest.fixture(scope="module")
def convert():
    """models/convert.py, the build step."""
    sys.path.insert(0, str(MODELS))
    try:
        spec = importlib.util.spec_from_file_location("convert", MODELS / "convert.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(MODELS))
    return module


@pytest.fixture(scope="module")
def networks():
    return OnnxNetworks(load_model(), 1, ["cpu"])


def pixels(*shape):
    return np.random.default_rng(1).integers(0, 256, shape).astype(np.float32)


# Odd sizes: the pooling window then hangs over the edge.
@pytest.mark.parametrize("size", [(12, 12), (13, 12), (40, 57), (61, 38), (33, 33)])
def test_pnet(convert, networks, size):
    image = pixels(3, *size)
    scores, regressions = reference_networks.pnet(convert.read_weights("pnet"), image)
    cells = networks.pnet(image)
    assert cells.shape == (5, *scores.shape)
    np.testing.assert_allclose(reference.sigmoid(cells[0]), scores, atol=1e-5)
    np.testing.assert_allclose(cells[1:], regressions.transpose(2, 0, 1), atol=1e-5)


def test_rnet(convert, networks):
    weights, crops = convert.read_weights("rnet"), pixels(3, 3, 24, 24)
    for crop, output in zip(crops, networks.rnet(crops), strict=True):
        score, regression = reference_networks.rnet(weights, crop)
        assert reference.sigmoid(output[0]) == pytest.approx(score, abs=1e-5)
        np.testing.assert_allclose(output[1:], regression, atol=1e-5)


def test_onet(convert, networks):
    weights, crops = convert.read_weights("onet"), pixels(3, 3, 48, 48)
    for crop, output in zip(crops, networks.onet(crops), strict=True):
        score, regression, landmarks = reference_networks.onet(weights, crop)
        assert reference.sigmoid(output[0]) == pytest.approx(score, abs=1e-5)
        np.testing.assert_allclose(output[1:5], regression, atol=1e-5)
        np.testing.assert_allclose(output[5:].reshape(5, 2), landmarks, atol=1e-5)


def test_the_same_weights_give_the_same_files(convert, tmp_path):
    convert.main(tmp_path)
    built = load_model(tmp_path)
    assert {n: f.sha256 for n, f in built.networks.items()} == {
        n: f.sha256 for n, f in load_model().networks.items()
    }


def test_weights_that_are_not_the_published_are_not_opened(convert, monkeypatch):
    monkeypatch.setitem(convert.SHA256, "pnet", "0" * 64)
    monkeypatch.setattr(convert.joblib, "load", lambda file: pytest.fail("opened"))
    with pytest.raises(SystemExit, match="is not the published file: SHA-256 ea6b0c3e"):
        convert.read_weights("pnet")
