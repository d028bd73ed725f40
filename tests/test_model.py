"""Tests of model folders: reading them, errors and their messages."""

import errno
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from mtcnn_rt import LANDMARKS, MTCNN
from mtcnn_rt._defaults import DEFAULT_MODEL
from mtcnn_rt._score import ScoreModel
from mtcnn_rt.model import MODELS, PUBLISHED, ModelError, load_model, packaged_models

NO_SUCH_FILE = os.strerror(errno.ENOENT)


@pytest.fixture
def folder(tmp_path) -> Path:
    """A copy of the packaged folder."""
    return Path(shutil.copytree(PUBLISHED, tmp_path / "model"))


@pytest.fixture
def describe(folder) -> Callable[..., None]:
    """Returns a function that changes an entry of model.json; "a.b" is b in a, None removes it."""

    def change(name: str, value: object) -> None:
        described = json.loads((folder / "model.json").read_text())
        *above, last = name.split(".")
        entry = described
        for step in above:
            entry = entry[step]
        if value is None:
            del entry[last]
        else:
            entry[last] = value
        (folder / "model.json").write_text(json.dumps(described))

    return change


@pytest.fixture
def put(folder, describe) -> Callable[[str, bytes], None]:
    """Returns a function that replaces a network, and its digest in model.json."""

    def replace(name: str, content: bytes) -> None:
        (folder / f"{name}.onnx").write_bytes(content)
        describe(f"networks.{name}.sha256", hashlib.sha256(content).hexdigest())

    return replace


def network(
    size: int | str = 24,
    columns: int | str = 5,
    kind: int = TensorProto.FLOAT,
    inputs: int = 1,
    outputs: int = 1,
    crops: int | str = "crops",
) -> bytes:
    """Returns a graph (crops, 3, size, size) -> (crops, columns): the mean color times ones."""
    ones = np.ones((3, columns), helper.tensor_dtype_to_np_dtype(kind))
    shapes = [("pixels", (crops, 3, size, size)), ("more", (1,))]
    results = [("faces", (crops, columns)), ("color", (crops, 3))]
    graph = helper.make_graph(
        [
            helper.make_node("ReduceMean", ["pixels"], ["color"], axes=[2, 3], keepdims=0),
            helper.make_node("MatMul", ["color", "ones"], ["faces"]),
        ],
        "network",
        [helper.make_tensor_value_info(name, kind, shape) for name, shape in shapes[:inputs]],
        [helper.make_tensor_value_info(name, kind, shape) for name, shape in results[:outputs]],
        [numpy_helper.from_array(ones, "ones")],
    )
    opset = [helper.make_opsetid("", 13)]
    return helper.make_model(graph, ir_version=8, opset_imports=opset).SerializeToString()


def refuses(message: str):
    return pytest.raises(ModelError, match=f"^{re.escape(message)}$")


def test_the_packaged_folder():
    model = load_model()
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


SCORE = {"weights": [0.1, 0.3, 0.5], "bias": -1, "onet_alone": [0.8, -0.5]}
PRESETS = {"fast": {"thresholds": [0.8, 0.8, 0.9]}, "thorough": {"thresholds": [0.5, 0.1, 0]}}


def test_the_published_model_scores_with_onet_and_has_its_presets():
    model = load_model("published")
    assert (model.score, model.nms_after_calibration, model.nms_output) == (None, None, None)
    assert model.presets["balanced"] == model.thresholds_of() == (0.6, 0.7, 0.7)
    assert model.thresholds_of("fast") == (0.8, 0.6, 0.6)
    assert model.thresholds_of("thorough") == (0.5, 0.3, 0.2)


def test_the_entries_that_configure_the_cascade(folder, describe):
    describe("score", SCORE)
    describe("presets", PRESETS)
    describe("nms_after_calibration", 0.6)
    describe("nms_output", 0.5)
    model = load_model(folder)
    assert model.score == ScoreModel((0.1, 0.3, 0.5), -1, (0.8, -0.5))
    assert (model.nms_after_calibration, model.nms_output) == (0.6, 0.5)
    # The model has no "balanced" of its own.
    expected = {"fast": (0.8, 0.8, 0.9), "balanced": (0.6, 0.7, 0.7), "thorough": (0.5, 0.1, 0)}
    assert list(model.presets.items()) == list(expected.items())
    cascade = MTCNN(threads=1, model=folder)._cascade
    assert cascade.score == model.score
    assert (cascade.nms_after_calibration, cascade.nms_output) == (0.6, 0.5)


def test_the_score_may_have_nothing_for_onet_alone(folder, describe):
    describe("score", {name: SCORE[name] for name in ("weights", "bias")})
    assert load_model(folder).score == ScoreModel((0.1, 0.3, 0.5), -1, None)


def test_a_score_of_all_networks_is_used(folder, describe, sample_frame):
    describe("score", {"weights": [0, 0, 0.5], "bias": 0})
    describe("presets", {"balanced": {"thresholds": [0.6, 0.7, 0.8]}})
    faces = MTCNN(threads=1, model=folder).detect(sample_frame)
    assert len(faces) == 4
    assert ((faces.scores > 0.8) & (faces.scores < 0.9999)).all()


def test_a_preset_has_thresholds_which_numbers_override(folder, describe):
    describe("presets", PRESETS)
    assert MTCNN(model=folder).thresholds == (0.6, 0.7, 0.7)
    assert MTCNN(model=folder, preset="fast").thresholds == (0.8, 0.8, 0.9)
    assert MTCNN(model=folder, preset="thorough").thresholds == (0.5, 0.1, 0)
    given = MTCNN(model=folder, preset="fast", thresholds=(0.1, 0.2, 0.3))
    assert given.thresholds == (0.1, 0.2, 0.3)


def test_without_presets_the_models_thresholds_are_used(folder, describe):
    describe("presets", None)
    describe("thresholds", [0.5, 0.4, 0.3])
    assert MTCNN(model=folder).thresholds == (0.5, 0.4, 0.3)
    assert MTCNN(model=folder, preset="balanced").thresholds == (0.5, 0.4, 0.3)


@pytest.mark.parametrize("preset", ["fast", "slow", "", 1, ["balanced"]])
def test_a_preset_that_the_model_lacks_is_refused(folder, describe, preset):
    describe("presets", {"thorough": PRESETS["thorough"]})
    message = f"preset: the model 'published' has balanced, thorough, not {preset!r}"
    for thresholds in (None, (0.6, 0.7, 0.7)):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            MTCNN(model=folder, preset=preset, thresholds=thresholds)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("thresholds", [0.6, 0.7], "thresholds: expected 3 numbers, not (0.6, 0.7)"),
        (
            "thresholds",
            [0.6, 0.7, 1.5],
            "thresholds: expected numbers from 0 to 1, not (0.6, 0.7, 1.5)",
        ),
        ("score", [0.1, 0.3, 0.5], "score: expected an object, not [0.1, 0.3, 0.5]"),
        ("score", {"bias": 0}, "score: 'weights' is missing"),
        ("score", {"weights": [1, 1, 1]}, "score: 'bias' is missing"),
        (
            "score",
            {**SCORE, "onet": 1},
            "score: expected bias, onet_alone, weights, not 'onet'",
        ),
        ("score", {**SCORE, "weights": 1}, "score: weights: expected 3 numbers, not 1"),
        ("score", {**SCORE, "weights": [1, 1]}, "score: weights: expected 3 numbers, not [1, 1]"),
        (
            "score",
            {**SCORE, "weights": [1, 1, float("nan")]},
            "score: weights: expected a finite number, not nan",
        ),
        (
            "score",
            {**SCORE, "bias": float("inf")},
            "score: bias: expected a finite number, not inf",
        ),
        ("score", {**SCORE, "bias": "0"}, "score: bias: expected a finite number, not '0'"),
        ("score", {**SCORE, "bias": True}, "score: bias: expected a finite number, not True"),
        ("score", {**SCORE, "onet_alone": [1]}, "score: onet_alone: expected 2 numbers, not [1]"),
        ("presets", [], "presets: expected an object, not []"),
        (
            "presets",
            {"slow": PRESETS["fast"]},
            "presets: expected fast, balanced, thorough, not 'slow'",
        ),
        (
            "presets",
            {"fast": [0.6, 0.7, 0.7]},
            "presets: fast: expected an object, not [0.6, 0.7, 0.7]",
        ),
        ("presets", {"fast": {}}, "presets: fast: 'thresholds' is missing"),
        (
            "presets",
            {"fast": {"thresholds": [0.6, 0.7]}},
            "presets: fast: thresholds: expected 3 numbers, not [0.6, 0.7]",
        ),
        (
            "presets",
            {"fast": {"thresholds": [0.6, 0.7, -0.1]}},
            "presets: fast: thresholds: expected numbers from 0 to 1, not [0.6, 0.7, -0.1]",
        ),
        (
            "nms_after_calibration",
            1.5,
            "nms_after_calibration: expected a number from 0 to 1, not 1.5",
        ),
        (
            "nms_after_calibration",
            "0.6",
            "nms_after_calibration: expected a finite number, not '0.6'",
        ),
        ("nms_output", -1, "nms_output: expected a number from 0 to 1, not -1"),
    ],
)
def test_a_wrong_entry_that_configures_the_cascade_is_named(folder, describe, name, value, reason):
    describe(name, value)
    with refuses(f"{folder / 'model.json'}: missing or wrong entry: {reason}"):
        load_model(folder)


def test_numbers_too_large_for_a_float_are_refused(folder, describe):
    describe("box_offset", 10**400)
    with pytest.raises(ModelError, match="wrong entry: box_offset: expected a finite number"):
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


@pytest.mark.parametrize(
    ("name", "graph", "message"),
    [
        (
            "rnet",
            network(size=32),
            "one float32 input of shape (any, 3, 24, 24), it has (any, 3, 32, 32) of tensor(float)",
        ),
        (
            "rnet",
            network(size="any"),
            "one float32 input of shape (any, 3, 24, 24), "
            "it has (any, 3, any, any) of tensor(float)",
        ),
        (
            "onet",
            network(columns=15),
            "one float32 input of shape (any, 3, 48, 48), it has (any, 3, 24, 24) of tensor(float)",
        ),
        (
            "pnet",
            network(size=12, crops=1),
            "one float32 input of shape (1, 3, any, any), it has (1, 3, 12, 12) of tensor(float)",
        ),
        (
            "pnet",
            network(size="any", crops=1),
            "one float32 output of shape (1, 5, any, any), it has (1, 5) of tensor(float)",
        ),
        (
            "rnet",
            network(crops=1),
            "one float32 input of shape (any, 3, 24, 24), it has (1, 3, 24, 24) of tensor(float)",
        ),
        (
            "rnet",
            network(kind=TensorProto.DOUBLE),
            "one float32 input of shape (any, 3, 24, 24), "
            "it has (any, 3, 24, 24) of tensor(double)",
        ),
        (
            "rnet",
            network(columns=6),
            "one float32 output of shape (any, 5), it has (any, 6) of tensor(float)",
        ),
        (
            "onet",
            network(size=48, columns=14),
            "one float32 output of shape (any, 15), it has (any, 14) of tensor(float)",
        ),
        (
            "rnet",
            network(inputs=2),
            "one float32 input of shape (any, 3, 24, 24), it has 2 inputs",
        ),
        ("rnet", network(outputs=2), "one float32 output of shape (any, 5), it has 2 outputs"),
    ],
)
def test_a_graph_of_another_shape_is_refused(folder, put, name, graph, message):
    put(name, graph)
    with refuses(f"{folder / name}.onnx: expected {message}"):
        MTCNN(model=folder)


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
