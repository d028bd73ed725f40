"""Tests of model folders that are made to do harm."""

import hashlib
import json
import os

import numpy as np
import onnx
import pytest
from helpers.model_folders import network, refuses
from onnx import helper, numpy_helper

from mtcnn_rt.model import ModelError, load_model


@pytest.mark.parametrize(
    "name",
    ["/etc/hostname", "../pnet.onnx", "a/../../pnet.onnx", "..", "", "a\0b", 5, None, "C:\\x"],
)
@pytest.mark.parametrize("entry", ["file", "weights.file"])
def test_an_entry_outside_the_folder_is_refused(folder, entry, name):
    described = json.loads((folder / "model.json").read_text())
    network = described["networks"]["pnet"]
    (network["weights"] if "." in entry else network)["file"] = name
    (folder / "model.json").write_text(json.dumps(described))
    with pytest.raises(ModelError, match=r"model\.json: file: ") as error:
        load_model(folder)
    assert str(error.value).startswith(f"{folder / 'model.json'}: file: ")


def test_links_within_the_folder_are_followed_and_others_refused(folder, tmp_path):
    (folder / "sub").mkdir()
    (folder / "pnet.onnx").rename(folder / "sub" / "graph")
    (folder / "pnet.onnx").symlink_to("sub/graph")
    assert load_model(folder).networks["pnet"].path == folder / "pnet.onnx"
    (folder / "sub" / "graph").rename(tmp_path / "graph")
    (folder / "pnet.onnx").unlink()
    (folder / "pnet.onnx").symlink_to(tmp_path / "graph")
    message = "file: 'pnet.onnx' is a link that leads out of the folder"
    with refuses(f"{folder / 'model.json'}: {message}"):
        load_model(folder)
    (tmp_path / "elsewhere").symlink_to(folder)
    (folder / "pnet.onnx").unlink()
    (tmp_path / "graph").rename(folder / "pnet.onnx")
    load_model(tmp_path / "elsewhere")  # the folder itself may be a link


@pytest.mark.skipif(os.name == "nt", reason="has no pipes or devices in folders")
@pytest.mark.parametrize("name", ["model.json", "pnet.npy", "pnet.onnx"])
def test_a_pipe_does_not_block(folder, name):
    (folder / name).unlink()
    os.mkfifo(folder / name)
    with refuses(f"{folder / name}: not a regular file"):
        load_model(folder)


@pytest.mark.parametrize(
    ("name", "size"), [("model.json", 4 << 20), ("pnet.npy", 1 << 30), ("pnet.onnx", 1 << 30)]
)
def test_a_file_that_is_too_large_is_not_read(folder, name, size):
    with (folder / name).open("wb") as file:
        file.truncate(size + 1)  # a hole, which takes no place
    with refuses(f"{folder / name}: {size + 1} bytes are more than the {size} that it may have"):
        load_model(folder)


@pytest.mark.parametrize("offset", [float("nan"), 1e308, -101, True, "1", [1], None])
def test_a_box_offset_that_moves_boxes_out_of_the_image_is_refused(folder, offset):
    described = json.loads((folder / "model.json").read_text())
    described["box_offset"] = offset
    (folder / "model.json").write_text(json.dumps(described))
    with pytest.raises(ModelError, match=r"model\.json: .*box_offset"):
        load_model(folder)


@pytest.mark.parametrize("number", ["9" * 400, "9" * 5000, "[" * 100_000, "1e999"])
def test_a_number_that_no_entry_can_have(folder, number):
    text = (folder / "model.json").read_text()
    text = text.replace('"box_offset": 1.0', f'"box_offset": {number}')
    assert number in text
    (folder / "model.json").write_text(text)
    with pytest.raises(ModelError, match=r"model\.json: ") as error:
        load_model(folder)
    assert len(str(error.value)) < 400 + len(str(folder))


@pytest.mark.parametrize("where", ["initializer", "attribute", "in a branch"])
def test_weights_in_another_file_are_not_read(folder, put, where, tmp_path, monkeypatch):
    ones = numpy_helper.from_array(np.ones((3, 5), np.float32), "ones")
    onnx.external_data_helper.set_external_data(ones, location="elsewhere")
    ones.ClearField("raw_data")
    graph = onnx.load_from_string(network())
    if where == "initializer":
        graph.graph.initializer[0].CopyFrom(ones)
    else:
        node = helper.make_node("Constant", [], ["other"], value=ones)
        if where == "in a branch":
            branch = helper.make_graph([node], "branch", [], [])
            node = helper.make_node("If", ["x"], ["y"], then_branch=branch, else_branch=branch)
        graph.graph.node.append(node)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elsewhere").write_bytes(np.ones((3, 5), np.float32).tobytes())
    put("rnet", graph.SerializeToString())
    with refuses(f"{folder / 'rnet.onnx'}: keeps weights in another file, which is not read"):
        load_model(folder)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        b"\x93NUMPY\x01\0" + b"v\0{'descr': '<f4', 'fortran_order': False, 'shape': (((( ",
        b"\x93NUMPY\x01\0v\0"
        + b"{'descr': '<f4', 'fortran_order': False, 'shape': (999999999,), }".ljust(117)
        + b"\n",
    ],
)
def test_weights_that_promise_too_much_are_refused(folder, content):
    (folder / "pnet.npy").write_bytes(content)
    described = json.loads((folder / "model.json").read_text())
    digest = hashlib.sha256(content).hexdigest()
    described["networks"]["pnet"]["weights"]["sha256"] = digest
    (folder / "model.json").write_text(json.dumps(described))
    with pytest.raises(ModelError, match=r"pnet\.npy: not the weights of pnet: "):
        load_model(folder)
