"""Tests of L-Net, an O-Net with weights of its own that places the landmarks of the faces found."""

import json
from dataclasses import replace

import numpy as np
import pytest
from helpers import reference

from mtcnn_rt import MTCNN
from mtcnn_rt._layers import Layer, as_bytes, read_layers
from mtcnn_rt.conversion.folder import write_model_folder
from mtcnn_rt.engines.onnx import OnnxNetworks
from mtcnn_rt.images import as_image
from mtcnn_rt.model import ModelError, load_model

CROP = 0.8


@pytest.fixture(scope="module")
def with_lnet(tmp_path_factory):
    """A model folder: the published networks, and an L-Net that moves O-Net's landmarks."""
    published = load_model("published")
    layers = {name: network.layers for name, network in published.networks.items()}
    moved = layers["onet"][-1].bias.copy()
    moved[5:] += np.linspace(-0.2, 0.2, 10, dtype=np.float32)
    layers["lnet"] = (*layers["onet"][:-1], layers["onet"][-1]._replace(bias=moved))
    folder = tmp_path_factory.mktemp("models") / "with-lnet"
    write_model_folder(
        folder,
        layers,
        name="with L-Net",
        license="CC0",
        source="a test",
        box_offset=published.box_offset,
        statistics=published.networks["pnet"].statistics,
        lnet_crop=CROP,
    )
    return folder


def test_the_folder_has_lnet_and_its_crop(with_lnet):
    model = load_model(with_lnet)
    assert list(model.networks) == ["pnet", "rnet", "onet"]
    assert list(model.all_networks) == ["pnet", "rnet", "onet", "lnet"]
    assert model.lnet_crop == CROP
    last, published = model.lnet.layers[-1], load_model("published").networks["onet"].layers[-1]
    np.testing.assert_array_equal(last.kernel, published.kernel)
    np.testing.assert_allclose((last.bias - published.bias)[[0, 5, 14]], [0, -0.2, 0.2], atol=1e-6)


def test_models_without_lnet_have_none():
    model = load_model("published")
    assert (model.lnet, model.lnet_crop) == (None, 1.0)
    assert list(model.all_networks) == ["pnet", "rnet", "onet"]
    assert MTCNN(model="published")._cascade.lnet_crop is None


@pytest.mark.parametrize("engine", ["native", "onnxruntime"])
def test_it_places_the_landmarks_and_changes_nothing_else(with_lnet, sample_frame, engine):
    detector = MTCNN(20, threads=1, engine=engine, model=with_lnet)
    faces = detector.detect(sample_frame)
    plain = MTCNN(20, threads=1, engine=engine, model="published").detect(sample_frame)
    np.testing.assert_array_equal(faces.boxes, plain.boxes)
    np.testing.assert_array_equal(faces.scores, plain.scores)
    networks = OnnxNetworks(load_model(with_lnet), 1, ["cpu"])
    offset = detector.model.box_offset
    expected = reference.detect(
        sample_frame[..., ::-1], networks, 20, box_offset=offset, lnet_crop=CROP
    )
    assert len(expected) == len(faces) == 4
    for box, found, (_, _, landmarks), before in zip(
        faces.boxes, faces.landmarks, expected, plain.landmarks, strict=True
    ):
        np.testing.assert_allclose(found, landmarks, atol=0.05)
        assert np.abs(found - before).max() > 0.05 * (box[2] - box[0])


@pytest.mark.parametrize("engine", ["native", "onnxruntime"])
def test_batches_and_images_without_faces(with_lnet, sample_frame, engine):
    detector = MTCNN(60, threads=2, engine=engine, model=with_lnet)
    empty = np.zeros((80, 90, 3), np.uint8)
    [one, none, two] = detector.detect_batch([sample_frame, empty, sample_frame[:, ::-1]])
    assert (len(one), len(none), len(two)) == (4, 0, 4)
    assert none.landmarks.shape == (0, 5, 2)
    for faces, image in ((one, sample_frame), (two, sample_frame[:, ::-1])):
        np.testing.assert_allclose(faces.landmarks, detector.detect(image).landmarks, atol=1e-3)


def test_faces_at_given_squares_have_its_landmarks(with_lnet, sample_frame):
    """The tracker runs the last steps alone."""
    detector = MTCNN(60, threads=1, model=with_lnet)
    faces, cascade = detector.detect(sample_frame), detector._cascade
    squares = cascade.squares_about(faces.boxes)
    image, plain_cascade = as_image(sample_frame), replace(cascade, lnet_crop=None)
    found, kept = cascade.accept(image, squares)
    [found] = cascade.finish([image], [found])
    plain, same = plain_cascade.accept(image, squares)
    [plain] = plain_cascade.finish([image], [plain])
    np.testing.assert_array_equal(kept, same)
    np.testing.assert_array_equal(found.boxes, plain.boxes)
    assert (np.abs(found.landmarks - plain.landmarks).max(axis=(1, 2)) > 1).all()


def test_the_engine_without_lnet_refuses(sample_frame):
    engine = MTCNN(threads=1, model="published")._cascade.engine
    with pytest.raises(ValueError, match=r"^the engine has no L-Net$"):
        engine.landmarks([as_image(sample_frame)], [np.zeros((1, 4), np.float32)])


@pytest.mark.parametrize("crop", [0.4, 2.5, "1", None, float("nan"), True])
def test_a_wrong_crop_is_refused(with_lnet, tmp_path, crop):
    layers = {name: network.layers for name, network in load_model(with_lnet).all_networks.items()}
    texts = {"name": "x", "license": "CC0", "source": "a test"}
    if crop is None:
        write_model_folder(tmp_path / "model", layers, **texts)
        assert load_model(tmp_path / "model").lnet_crop == 1.0
        return
    with pytest.raises(ValueError, match=r"^lnet_crop: expected a"):
        write_model_folder(tmp_path / "model", layers, **texts, lnet_crop=crop)
    write_model_folder(tmp_path / "model", layers, **texts)
    file = tmp_path / "model" / "model.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "lnet_crop": crop}))
    with pytest.raises(ModelError, match=r"model\.json: missing or wrong entry: lnet_crop: "):
        load_model(tmp_path / "model")


def test_weights_of_another_network_are_refused(with_lnet, tmp_path):
    layers = {name: network.layers for name, network in load_model(with_lnet).all_networks.items()}
    texts = {"name": "x", "license": "CC0", "source": "a test"}
    with pytest.raises(ValueError, match="onet: kernels have shapes"):
        write_model_folder(tmp_path / "model", {**layers, "lnet": layers["rnet"]}, **texts)
    write_model_folder(tmp_path / "model", layers, **texts)
    (tmp_path / "model" / "lnet.npy").write_bytes(as_bytes(layers["rnet"]))
    with pytest.raises(ModelError, match=r"lnet\.npy: its SHA-256 is [0-9a-f]{64}, not "):
        load_model(tmp_path / "model")
    assert (tmp_path / "model" / "lnet.onnx").exists()


def test_weights_that_float16_can_hold_take_half_of_the_space():
    layers = load_model("published").networks["onet"].layers
    rounded = [
        Layer(
            *(None if part is None else part.astype(np.float16).astype(np.float32) for part in one)
        )
        for one in layers
    ]
    count = sum(part.size for layer in layers for part in layer if part is not None)
    full, half = as_bytes(layers), as_bytes(rounded)
    assert (len(full) - 128, len(half) - 128) == (4 * count, 2 * count)
    for expected, content in ((layers, full), (rounded, half)):
        for layer, found in zip(expected, read_layers("onet", content), strict=True):
            for part, same in zip(layer, found, strict=True):
                if part is not None:
                    assert same.dtype == np.float32
                    np.testing.assert_array_equal(part, same)
    with pytest.raises(ValueError, match=r"float16 values need \d+ bytes, not "):
        read_layers("onet", half[:-2])
