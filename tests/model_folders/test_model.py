"""Tests of model folders: reading them, names, errors and their messages."""

import errno
import hashlib
import json
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from helpers.model_folders import refuses

from mtcnn_rt import LANDMARKS, MTCNN, model
from mtcnn_rt._defaults import DEFAULT_MODEL
from mtcnn_rt.model import MODELS, PUBLISHED, ModelError, load_model, packaged_models

NO_SUCH_FILE = os.strerror(errno.ENOENT)


def test_the_packaged_folder():
    model = load_model("published")
    assert model.path == PUBLISHED
    assert model.name == "published"
    assert model.license.startswith("not stated by the authors; ")
    assert "should not be used commercially" in model.license
    assert model.source == "mtcnn 1.0.0, mtcnn/assets/weights"
    assert model.thresholds == (0.6, 0.7, 0.7)
    assert model.box_offset == 1.0
    assert list(model.networks) == ["pnet", "rnet", "onet"]
    for name, entry in model.networks.items():
        assert entry.path == PUBLISHED / f"{name}.onnx"
        assert entry.content == entry.path.read_bytes()
        assert entry.sha256 == hashlib.sha256(entry.content).hexdigest()


@pytest.mark.parametrize("function", ["read_layers", "read_thresholds"])
def test_too_little_memory_is_no_fault_of_the_model(monkeypatch, function):
    def failing(*_):
        raise MemoryError

    monkeypatch.setattr(model, function, failing)
    with pytest.raises(MemoryError):
        load_model()


def test_the_packaged_description_names_the_landmarks():
    described = json.loads((PUBLISHED / "model.json").read_text())
    assert described["landmarks"] == list(LANDMARKS)


@pytest.mark.parametrize("kind", [str, Path])
def test_a_copied_folder_gives_the_same_faces(folder, kind, detector, sample_frame):
    copied = MTCNN(threads=1, model=kind(folder))
    assert copied.model.path == folder
    faces, expected = copied.detect(sample_frame), detector.detect(sample_frame)
    assert len(faces) == 4
    np.testing.assert_array_equal(faces.boxes, expected.boxes)
    np.testing.assert_array_equal(faces.landmarks, expected.landmarks)


def test_a_network_may_have_another_file_name(folder, describe):
    (folder / "rnet.onnx").rename(folder / "refine.onnx")
    describe("networks.rnet.file", "refine.onnx")
    assert load_model(folder).networks["rnet"].path == folder / "refine.onnx"


def test_the_box_offset_moves_the_boxes(folder, describe, detector, sample_frame):
    describe("box_offset", 3.5)
    moved = MTCNN(threads=1, model=folder).detect(sample_frame)
    faces = detector.detect(sample_frame)
    np.testing.assert_allclose(moved.boxes, faces.boxes + 2.5, atol=1e-4)
    np.testing.assert_array_equal(moved.landmarks, faces.landmarks)


def test_a_missing_folder_is_named(tmp_path):
    with refuses(f"{tmp_path / 'missing' / 'model.json'}: {NO_SUCH_FILE}"):
        load_model(tmp_path / "missing")


@pytest.mark.parametrize("name", ["model.json", "pnet.onnx", "rnet.onnx", "onet.onnx"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with refuses(f"{folder / name}: {NO_SUCH_FILE}"):
        MTCNN(model=folder)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"format = 1"])
def test_a_description_that_is_not_json_is_named(folder, content):
    (folder / "model.json").write_bytes(content)
    message = f"{folder / 'model.json'}: not JSON: "
    with pytest.raises(ModelError, match=f"^{re.escape(message)}."):
        load_model(folder)


@pytest.mark.parametrize("text", ["[]", "1", '"format"', "{}", '{"format": 2}', '{"format": "1"}'])
def test_a_description_of_another_format_is_refused(folder, text):
    (folder / "model.json").write_text(text)
    with refuses(f"{folder / 'model.json'}: not a model description of format 1"):
        load_model(folder)


@pytest.mark.parametrize(
    "landmarks",
    [None, [], list(LANDMARKS[::-1]), list(LANDMARKS[:4]), [*LANDMARKS, "chin"], "left_eye"],
)
def test_other_landmarks_are_refused(folder, describe, landmarks):
    describe("landmarks", landmarks)
    order = "left_eye, right_eye, nose, mouth_left, mouth_right"
    with refuses(f"{folder / 'model.json'}: landmarks are not {order}"):
        load_model(folder)


@pytest.mark.parametrize(
    "name",
    [
        *("name", "license", "source", "thresholds", "box_offset", "networks"),
        *("networks.pnet", "networks.rnet.file", "networks.onet.sha256"),
    ],
)
def test_a_missing_entry_is_named(folder, describe, name):
    describe(name, None)
    missing = name.rsplit(".", 1)[-1]
    with refuses(f"{folder / 'model.json'}: missing or wrong entry: '{missing}'"):
        load_model(folder)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("thresholds", 0.6, "'float' object is not iterable"),
        ("thresholds", ["high"], "could not convert string to float: 'high'"),
        ("box_offset", "left", "box_offset: expected a finite number, not 'left'"),
    ],
)
def test_a_wrong_entry_is_named(folder, describe, name, value, reason):
    describe(name, value)
    with refuses(f"{folder / 'model.json'}: missing or wrong entry: {reason}"):
        load_model(folder)


def test_models_of_the_package_have_names():
    assert "published" in packaged_models()
    assert DEFAULT_MODEL in packaged_models()
    assert load_model("published").path == PUBLISHED
    assert load_model().path == MODELS / DEFAULT_MODEL
    assert MTCNN(model="published").model.path == PUBLISHED


def test_a_name_comes_before_a_folder_that_is_called_so(tmp_path, monkeypatch):
    described = json.loads((PUBLISHED / "model.json").read_text())
    shutil.copytree(PUBLISHED, tmp_path / "published")
    text = json.dumps({**described, "name": "mine"})
    (tmp_path / "published" / "model.json").write_text(text)
    monkeypatch.chdir(tmp_path)
    assert load_model("published").name == "published"
    for path in ("./published", Path("published"), str(tmp_path / "published")):
        assert load_model(path).name == "mine"


def test_an_unknown_name_is_refused_with_those_there_are(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    there_is = ", ".join(packaged_models())
    with refuses(f"{Path('mine', 'model.json')}: no such file, and the package has: {there_is}"):
        load_model("mine")
    (tmp_path / "mine").mkdir()
    with refuses(f"{Path('mine', 'model.json')}: {NO_SUCH_FILE}"):
        load_model("mine")


def test_a_model_that_is_neither_a_name_nor_a_path_is_refused():
    with pytest.raises(TypeError, match=r"^model: expected a name or the path of a folder, not 1$"):
        load_model(1)
