"""Tests of the ONNX graphs against the networks in NumPy, with the weights as published."""

from importlib.metadata import distribution

import numpy as np
import pytest
from helpers import reference, reference_networks

from mtcnn_rt.conversion.published import read_arrays
from mtcnn_rt.engines.onnx import OnnxNetworks
from mtcnn_rt.model import load_model

WEIGHTS = "mtcnn/assets/weights"


@pytest.fixture(scope="module")
def published():
    """Returns the arrays of the three networks in the published layout."""
    files = [distribution("mtcnn").locate_file(f"{WEIGHTS}/{n}net.lz4") for n in "pro"]
    return dict(read_arrays(file.read_bytes()) for file in files)


@pytest.fixture(scope="module")
def networks():
    return OnnxNetworks(load_model("published"), 1, ["cpu"])


def pixels(*shape):
    return np.random.default_rng(1).integers(0, 256, shape).astype(np.float32)


# Odd sizes: the pooling window then hangs over the edge.
@pytest.mark.parametrize("size", [(12, 12), (13, 12), (40, 57), (61, 38), (33, 33)])
def test_pnet_is_that_of_the_reference(published, networks, size):
    image = pixels(3, *size)
    scores, regressions = reference_networks.pnet(published["pnet"], image)
    cells = networks.pnet(image)
    assert cells.shape == (5, *scores.shape)
    np.testing.assert_allclose(reference.sigmoid(cells[0]), scores, atol=1e-5)
    np.testing.assert_allclose(cells[1:], regressions.transpose(2, 0, 1), atol=1e-5)


def test_rnet_is_that_of_the_reference(published, networks):
    weights, crops = published["rnet"], pixels(3, 3, 24, 24)
    for crop, output in zip(crops, networks.rnet(crops), strict=True):
        score, regression = reference_networks.rnet(weights, crop)
        assert reference.sigmoid(output[0]) == pytest.approx(score, abs=1e-5)
        np.testing.assert_allclose(output[1:], regression, atol=1e-5)


def test_onet_is_that_of_the_reference(published, networks):
    weights, crops = published["onet"], pixels(3, 3, 48, 48)
    for crop, output in zip(crops, networks.onet(crops), strict=True):
        score, regression, landmarks = reference_networks.onet(weights, crop)
        assert reference.sigmoid(output[0]) == pytest.approx(score, abs=1e-5)
        np.testing.assert_allclose(output[1:5], regression, atol=1e-5)
        np.testing.assert_allclose(output[5:].reshape(5, 2), landmarks, atol=1e-5)
