"""Tests of the graphs in model folders: other ones are used, or refused with the reason."""

import hashlib
import re

import numpy as np
import pytest
from helpers.model_folders import network, refuses, sliding_network
from onnx import TensorProto

from mtcnn_rt import MTCNN
from mtcnn_rt.model import ModelError, load_model


@pytest.mark.parametrize("name", ["pnet", "rnet", "onet"])
def test_a_changed_network_is_refused(folder, name):
    path = folder / f"{name}.onnx"
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    with refuses(f"{path}: its SHA-256 is {digest}, not {before} as in model.json"):
        load_model(folder)


def test_other_weights_are_used(folder, put):
    put("rnet", network())
    detector = MTCNN(threads=1, model=folder)
    crops = np.full((2, 3, 24, 24), 7, np.float32)
    np.testing.assert_allclose(detector._cascade.engine.networks.rnet(crops), np.full((2, 5), 21))


@pytest.mark.parametrize("content", [b"", b"not a network", network()[:-9], b"\0" * 99])
def test_files_that_are_no_graphs_are_refused(folder, put, content):
    put("rnet", content)
    assert load_model(folder).networks["rnet"].content == content
    message = f"{folder / 'rnet.onnx'}: onnxruntime cannot load it: "
    with pytest.raises(ModelError, match=f"^{re.escape(message)}.+$") as error:
        MTCNN(model=folder)
    assert "\n" not in str(error.value)


SHAPES = {
    ("pnet", "input"): "(1, 3, any, any)",
    ("pnet", "output"): "(1, 5, any, any)",
    ("rnet", "input"): "(any, 3, 24, 24)",
    ("rnet", "output"): "(any, 5)",
    ("onet", "input"): "(any, 3, 48, 48)",
    ("onet", "output"): "(any, 15)",
}


@pytest.mark.parametrize(
    ("name", "graph", "kind", "found"),
    [
        ("rnet", network(size=32), "input", "(any, 3, 32, 32) of tensor(float)"),
        ("rnet", network(size="any"), "input", "(any, 3, any, any) of tensor(float)"),
        ("onet", network(columns=15), "input", "(any, 3, 24, 24) of tensor(float)"),
        ("pnet", network(size=12, crops=1), "input", "(1, 3, 12, 12) of tensor(float)"),
        ("pnet", network(size="any", crops=1), "output", "(1, 5) of tensor(float)"),
        ("rnet", network(crops=1), "input", "(1, 3, 24, 24) of tensor(float)"),
        ("rnet", network(kind=TensorProto.DOUBLE), "input", "(any, 3, 24, 24) of tensor(double)"),
        ("rnet", network(columns=6), "output", "(any, 6) of tensor(float)"),
        ("onet", network(size=48, columns=14), "output", "(any, 14) of tensor(float)"),
        ("rnet", network(inputs=2), "input", "2 inputs"),
        ("rnet", network(outputs=2), "output", "2 outputs"),
    ],
)
def test_a_graph_of_another_shape_is_refused(folder, put, name, graph, kind, found):
    put(name, graph)
    wanted = f"one float32 {kind} of shape {SHAPES[name, kind]}"
    with refuses(f"{folder / name}.onnx: expected {wanted}, it has {found}"):
        MTCNN(model=folder)


@pytest.mark.parametrize(
    ("geometry", "size", "wanted", "found"),
    [
        ({"stride": 4, "padding": 6}, "12 x 12", "(1, 5, 1, 1)", "(1, 5, 4, 4)"),
        ({"window": 3}, "12 x 12", "(1, 5, 1, 1)", "(1, 5, 5, 5)"),
        ({"padding": 2}, "12 x 12", "(1, 5, 1, 1)", "(1, 5, 3, 3)"),
        ({"stride": 4}, "26 x 34", "(1, 5, 8, 12)", "(1, 5, 4, 6)"),
        ({"stride": 1}, "26 x 34", "(1, 5, 8, 12)", "(1, 5, 15, 23)"),
    ],
)
def test_a_p_net_of_another_geometry_is_refused(folder, put, geometry, size, wanted, found):
    put("pnet", sliding_network(**geometry))
    with refuses(
        f"{folder / 'pnet.onnx'}: expected a network of 12 x 12 pixels and stride 2 that pads "
        f"nothing, whose output for {size} pixels has the shape {wanted}; it has {found}"
    ):
        MTCNN(model=folder, threads=1)


def test_a_p_net_that_needs_larger_images_is_refused(folder, put):
    put("pnet", sliding_network(window=14))
    message = f"{folder / 'pnet.onnx'}: onnxruntime cannot run it on 12 x 12 pixels: "
    with pytest.raises(ModelError, match=f"^{re.escape(message)}.+$") as error:
        MTCNN(model=folder, threads=1)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("geometry", [{}, {"window": 11}, {"window": 14, "padding": 1}])
def test_a_p_net_whose_cells_are_in_their_places_is_used(folder, put, sample_frame, geometry):
    """Of those with a larger window, what is beyond the cell is around it on all sides."""
    put("pnet", sliding_network(**geometry))
    MTCNN(model=folder, threads=1, min_face_size=100).detect(sample_frame)
