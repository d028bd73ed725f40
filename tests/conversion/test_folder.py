"""Tests the writing of model folders."""

import json
import os

import numpy as np
import pytest

from mtcnn_rt import MTCNN
from mtcnn_rt._layers import KERNELS, FeatureStatistics
from mtcnn_rt._score import ScoreModel
from mtcnn_rt.conversion.folder import write_model_folder
from mtcnn_rt.model import ModelError, load_model

TEXTS = {"name": "mine", "license": "CC0", "source": "a test"}
FILES = {"model.json"} | {f"{n}.{suffix}" for n in KERNELS for suffix in ("onnx", "npy")}


def assert_same(layers, expected):
    for layer, other in zip(layers, expected, strict=True):
        for array, other_array in zip(layer, other, strict=True):
            if other_array is None:
                assert array is None
            else:
                np.testing.assert_array_equal(array, other_array)


def statistics_with(mean):
    """Returns the published statistics with another first mean."""
    limits, means = load_model("published").networks["pnet"].statistics
    return FeatureStatistics(limits, np.append(np.float32(mean), means.ravel()[1:]).reshape(2, -1))


def test_numbers_of_numpy_are_written_too(random_layers, tmp_path):
    write_model_folder(tmp_path / "m", random_layers, **TEXTS, box_offset=np.float32(-0.5))
    assert load_model(tmp_path / "m").box_offset == -0.5


def test_a_folder_is_read_as_it_was_written(random_layers, tmp_path):
    folder = tmp_path / "runs" / "model"
    write_model_folder(folder, random_layers, **TEXTS, box_offset=0.5, thresholds=(0.5, 0.6, 0.8))
    assert set(os.listdir(folder)) == FILES
    assert os.listdir(folder.parent) == ["model"]
    model = load_model(folder)
    assert (model.name, model.license, model.source) == ("mine", "CC0", "a test")
    assert (model.box_offset, model.thresholds) == (0.5, (0.5, 0.6, 0.8))
    for network, layers in random_layers.items():
        assert_same(model.networks[network].layers, layers)
    MTCNN(model=folder, threads=1).detect(np.zeros((60, 60, 3), np.uint8))


def test_the_settings_of_the_cascade_are_read_as_they_were_written(random_layers, tmp_path):
    score = {"weights": (0.1, np.float32(0.5), 1), "bias": -1.5, "onet_alone": [0.75, 0]}
    presets = {"thorough": {"thresholds": (0.5, 0.1, 0.02)}, "fast": {"thresholds": [0.8, 0.9, 1]}}
    settings = {"score": score, "presets": presets}
    settings |= {"nms_after_calibration": 0.6, "nms_output": 0.5, "sure_score": 0.9}
    write_model_folder(tmp_path / "m", random_layers, **TEXTS, **settings)
    model = load_model(tmp_path / "m")
    assert model.score == ScoreModel((0.1, 0.5, 1), -1.5, (0.75, 0))
    assert (model.nms_after_calibration, model.nms_output, model.sure_score) == (0.6, 0.5, 0.9)
    assert model.presets == {
        "fast": (0.8, 0.9, 1),
        "balanced": (0.6, 0.7, 0.7),
        "thorough": (0.5, 0.1, 0.02),
    }


def test_settings_that_are_not_given_are_not_written(random_layers, tmp_path):
    write_model_folder(tmp_path / "m", random_layers, **TEXTS)
    described = json.loads((tmp_path / "m" / "model.json").read_text())
    configuring = {"score", "presets", "nms_after_calibration", "nms_output", "sure_score"}
    assert not configuring & described.keys()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"score": {"weights": [1, 2, 3]}}, "score: 'bias' is missing"),
        ({"presets": {"quick": {}}}, "presets: expected fast, balanced, thorough, not 'quick'"),
        ({"nms_after_calibration": 2}, "nms_after_calibration: expected a number from 0 to 1"),
        ({"thresholds": (0.6, 0.7)}, "thresholds: expected 3 numbers"),
        ({"box_offset": float("nan")}, "box_offset: expected a finite number, not nan"),
        ({"box_offset": 1000}, "box_offset: expected a number from -100 to 100, not 1000"),
        ({"statistics": statistics_with(np.nan)}, "statistics: expected 2 numbers for each of 32"),
        ({"statistics": statistics_with(-1)}, "statistics: expected means from 0 on"),
    ],
)
def test_wrong_settings_are_refused(random_layers, tmp_path, settings, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        write_model_folder(tmp_path / "m", random_layers, **TEXTS, **settings)
    assert not (tmp_path / "m").exists()


def test_the_published_weights_written_again_find_the_same_faces(detector, sample_frame, tmp_path):
    published = load_model("published")
    layers = {name: network.layers for name, network in published.networks.items()}
    statistics = published.networks["pnet"].statistics
    same = {"box_offset": published.box_offset, "statistics": statistics}
    write_model_folder(tmp_path / "m", layers, **TEXTS, **same)
    again = MTCNN(model=tmp_path / "m", threads=1)
    for name, network in again.model.networks.items():
        assert network.content == published.networks[name].content
    faces, expected = again.detect(sample_frame), detector.detect(sample_frame)
    assert len(faces) == 4
    np.testing.assert_array_equal(faces.boxes, expected.boxes)
    np.testing.assert_array_equal(faces.landmarks, expected.landmarks)


def test_a_folder_without_score_and_presets_names_neither(random_layers, tmp_path):
    write_model_folder(tmp_path / "m", random_layers, **TEXTS)
    described = json.loads((tmp_path / "m" / "model.json").read_text())
    assert not {"score", "presets"} & set(described)


def test_statistics_are_kept_with_the_weights(random_layers, tmp_path):
    statistics = load_model("published").networks["pnet"].statistics
    assert [array.shape for array in statistics.limits] == [(2, 10), (2, 16)]
    assert statistics.means.shape == (2, 32)
    folder = tmp_path / "m"
    write_model_folder(folder, random_layers, **TEXTS, statistics=statistics)
    networks = load_model(folder).networks
    for array, expected in zip(networks["pnet"].statistics.limits, statistics.limits, strict=True):
        np.testing.assert_array_equal(array, expected)
    np.testing.assert_array_equal(networks["pnet"].statistics.means, statistics.means)
    assert networks["rnet"].statistics is networks["onet"].statistics is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda found: found["limits"][1][0].pop(), "inhomogeneous|setting an array"),
        (lambda found: found["limits"].pop(), "not enough values to unpack"),
        (lambda found: found["limits"][0][0].__setitem__(3, 0.5), "0 is not between the limits"),
        (lambda found: found["means"].pop(), "expected 2 numbers for each of 32 channels"),
        (lambda found: found["means"][1].__setitem__(0, -0.1), "expected means from 0 on"),
        (lambda found: found["means"][1].__setitem__(0, float("nan")), "expected 2 numbers"),
        (lambda found: found.pop("means"), "'means'"),
    ],
)
def test_wrong_statistics_are_refused(random_layers, tmp_path, change, reason):
    folder = tmp_path / "m"
    statistics = load_model("published").networks["pnet"].statistics
    write_model_folder(folder, random_layers, **TEXTS, statistics=statistics)
    description = json.loads((folder / "model.json").read_text())
    change(description["networks"]["pnet"]["weights"]["statistics"])
    (folder / "model.json").write_text(json.dumps(description))
    with pytest.raises(ModelError, match=rf"model.json: missing or wrong entry: .*({reason})"):
        load_model(folder)


def test_only_a_model_folder_is_replaced_and_on_demand(random_layers, tmp_path):
    folder = tmp_path / "m"
    write_model_folder(folder, random_layers, **TEXTS)
    with pytest.raises(FileExistsError, match="m exists"):
        write_model_folder(folder, random_layers, **TEXTS)
    write_model_folder(folder, random_layers, **TEXTS | {"name": "new"}, overwrite=True)
    assert load_model(folder).name == "new"
    (folder / "notes.txt").write_text("keep me")
    with pytest.raises(FileExistsError, match=r"m is not replaced: it also holds notes\.txt"):
        write_model_folder(folder, random_layers, **TEXTS | {"name": "newer"}, overwrite=True)
    assert load_model(folder).name == "new"
    assert (folder / "notes.txt").read_text() == "keep me"
    assert os.listdir(tmp_path) == ["m"]


def broken_kernel(layers):
    return [*layers[:-1], layers[-1]._replace(kernel=layers[-1].kernel[:-1])]


def broken_slopes(layers):
    return [layers[0]._replace(slopes=None), *layers[1:]]


def broken_value(layers):
    bias = np.where(np.arange(48) == 7, np.nan, layers[1].bias).astype(np.float32)
    return [layers[0], layers[1]._replace(bias=bias), *layers[2:]]


@pytest.mark.parametrize(
    ("breaks", "message"),
    [
        (broken_kernel, "rnet: kernels have shapes .*, not"),
        (broken_slopes, "rnet: bias or slopes of layer 1 do not fit its kernel"),
        (broken_value, "rnet: a weight of layer 2 is not finite"),
        (lambda layers: layers[:-1], "rnet: kernels have shapes"),
    ],
)
def test_wrong_layers_are_refused_and_no_file_is_left(random_layers, tmp_path, breaks, message):
    random_layers["rnet"] = breaks(random_layers["rnet"])
    with pytest.raises(ValueError, match=message):
        write_model_folder(tmp_path / "m", random_layers, **TEXTS)
    assert os.listdir(tmp_path) == []


def test_model_json_describes_the_folder(random_layers, tmp_path):
    write_model_folder(tmp_path / "m", random_layers, **TEXTS)
    described = json.loads((tmp_path / "m" / "model.json").read_text())
    assert described["format"] == 1
    assert described["thresholds"] == [0.6, 0.7, 0.7]
    assert described["box_offset"] == 0
    assert [described["networks"][n]["input_size"] for n in KERNELS] == [12, 24, 48]


def test_the_path_of_a_folder_may_be_a_string(random_layers, tmp_path):
    write_model_folder(str(tmp_path / "model"), random_layers, **TEXTS)
    assert load_model(tmp_path / "model").name == TEXTS["name"]


def test_a_missing_network_is_named(random_layers, tmp_path):
    layers = {name: random_layers[name] for name in ("pnet", "onet")}
    message = (
        "^layers: rnet missing: expected pnet, rnet, onet, and cnet and lnet if the model has "
        "them, not 'pnet', 'onet'$"
    )
    with pytest.raises(ValueError, match=message):
        write_model_folder(tmp_path / "model", layers, **TEXTS)
    assert not (tmp_path / "model").exists()
