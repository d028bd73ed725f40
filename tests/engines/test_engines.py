"""Tests of the onnxruntime engine: its providers, its networks' shapes, and levels in strips."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtcnn_rt import MTCNN
from mtcnn_rt.engines.batches import strips
from mtcnn_rt.engines.onnx import PROVIDERS, OnnxNetworks, available_providers, onnx_engine
from mtcnn_rt.model import load_model

ABSENT = [name for name in PROVIDERS if name not in available_providers()]


@pytest.fixture(scope="module")
def networks() -> OnnxNetworks:
    return OnnxNetworks(load_model("published"), 1, ["cpu"])


def pixels(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 255, shape).astype(np.float32)


def cells(side: int) -> int:
    """Returns P-Net's cells along a side: three 3 x 3 convolutions, pooling by 2 that rounds up."""
    return -(-(side - 2) // 2) - 4


def test_the_cpu_is_always_available():
    assert "cpu" in available_providers()


@pytest.mark.parametrize("providers", [None, ["cpu"], ("cpu",)])
def test_the_cpu_is_the_default(providers):
    engine = onnx_engine(load_model("published"), 1, providers)
    assert engine.name == "onnxruntime"
    assert engine.providers == ["cpu"]
    assert engine.networks.rnet(pixels(1, 3, 24, 24)).shape == (1, 5)


@pytest.mark.parametrize("name", [*ABSENT, "gpu", "CPU", "CPUExecutionProvider", ""])
def test_an_unavailable_provider_is_refused_and_the_available_ones_are_named(name):
    there_is = ", ".join(available_providers())
    message = f"providers: {name!r} is not available; there is: {there_is}"
    for providers in [name], ["cpu", name], [name, "cpu"]:
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            MTCNN(providers=providers, model="published")


def test_a_string_is_refused_as_providers():
    message = "providers: expected a list of names, not 'cpu'"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        MTCNN(providers="cpu", model="published")


@settings(max_examples=40)
@given(st.integers(11, 70), st.integers(11, 70))
def test_pnet_has_a_cell_every_other_pixel(networks, height, width):
    found = networks.pnet(pixels(3, height, width))
    assert found.shape == (5, cells(height), cells(width))
    assert found.dtype == np.float32
    assert np.isfinite(found).all()


@pytest.mark.parametrize(
    ("size", "expected"),
    [((11, 11), (1, 1)), ((12, 12), (1, 1)), ((13, 12), (2, 1)), ((14, 15), (2, 3))],
)
def test_pnet_cells_of_the_smallest_images(networks, size, expected):
    assert networks.pnet(pixels(3, *size)).shape[1:] == expected


def test_a_cell_depends_only_on_its_window(networks):
    image = pixels(3, 40, 52)
    whole = networks.pnet(image)
    for row, column in [(0, 0), (3, 7), (14, 20)]:
        y, x = 2 * row, 2 * column
        one = networks.pnet(image[:, y : y + 12, x : x + 12])
        np.testing.assert_allclose(one[:, 0, 0], whole[:, row, column], atol=1e-4)


@pytest.mark.parametrize("count", [0, 1, 3, 40])
def test_rnet_and_onet_give_an_output_for_every_crop(networks, count):
    assert networks.rnet(pixels(count, 3, 24, 24)).shape == (count, 5)
    assert networks.onet(pixels(count, 3, 48, 48)).shape == (count, 15)


def test_a_crop_has_the_same_output_in_any_batch(networks):
    for network, size in (networks.rnet, 24), (networks.onet, 48):
        crops = pixels(9, 3, size, size)
        one_by_one = np.concatenate([network(crops[i : i + 1]) for i in range(9)])
        np.testing.assert_allclose(network(crops), one_by_one, atol=1e-4)
        assert np.ptp(one_by_one[:, 0]) > 1e-3  # the crops have different outputs


@settings(max_examples=40)
@given(st.integers(12, 150), st.integers(12, 80), st.integers(5, 13), st.integers(0, 99))
def test_strips_have_the_cells_of_the_whole_level(networks, height, width, bits, seed):
    level = pixels(3, height, width, seed=seed)
    parts = [
        networks.pnet(np.ascontiguousarray(level[:, first : first + rows]))
        for first, rows in strips((height, width), pixels=1 << bits)
    ]
    joined = np.concatenate(parts, axis=1)
    np.testing.assert_allclose(joined, networks.pnet(level), atol=1e-4)


def test_a_level_of_many_strips(networks):
    assert len(list(strips((101, 64), pixels=256))) == 23  # two rows of cells each
    assert len(list(strips((101, 64)))) == 1


def test_any_number_of_threads_gives_the_same_faces(detector, sample_frame):
    faces = detector.detect(sample_frame)
    for threads in 2, None:
        other = MTCNN(threads=threads, model="published").detect(sample_frame)
        assert len(other) == len(faces) == 4
        np.testing.assert_allclose(other.boxes, faces.boxes, atol=0.01)
