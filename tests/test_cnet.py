"""Tests of C-Net, an O-Net with weights of its own that scores unsure faces with their context."""

import json
from dataclasses import replace

import numpy as np
import pytest
from helpers import reference

from mtcnn_rt import MTCNN
from mtcnn_rt._layers import as_bytes
from mtcnn_rt.conversion.folder import settings_of, write_model_folder
from mtcnn_rt.engines.onnx import OnnxNetworks
from mtcnn_rt.images import as_image
from mtcnn_rt.model import ModelError, load_model

CROP = 1.6
SCORE = {
    "weights": [0.2, 0.8, 0.9],
    "bias": -3.0,
    "onet_alone": [1.3, -2.4],
    "context": [0.1, 0.7, 0.5, 0.4, -2.0],
}
TEXTS = {"name": "with C-Net", "license": "CC0", "source": "a test"}
THRESHOLDS = (0.6, 0.3, 0.4)


def layers_of(model):
    return {name: network.layers for name, network in model.all_networks.items()}


@pytest.fixture(scope="module")
def with_cnet(tmp_path_factory):
    """A model folder: the published networks, and O-Net as C-Net, whose logit is 1.5 smaller."""
    published = load_model("published")
    layers = layers_of(published)
    bias = layers["onet"][-1].bias.copy()
    bias[0] -= 1.5
    layers["cnet"] = (*layers["onet"][:-1], layers["onet"][-1]._replace(bias=bias))
    folder = tmp_path_factory.mktemp("models") / "with-cnet"
    settings = settings_of(published) | {"score": SCORE, "cnet_crop": CROP, "sure_score": 0.97}
    write_model_folder(folder, layers, **TEXTS, **settings)
    return folder


def test_the_folder_has_cnet_its_crop_and_its_score(with_cnet):
    model = load_model(with_cnet)
    assert list(model.networks) == ["pnet", "rnet", "onet"]
    assert list(model.all_networks) == ["pnet", "rnet", "onet", "cnet"]
    assert (model.cnet_crop, model.extra_networks) == (CROP, ["cnet"])
    assert model.score.context == (0.1, 0.7, 0.5, 0.4, -2.0)
    last, published = model.cnet.layers[-1], load_model("published").networks["onet"].layers[-1]
    np.testing.assert_array_equal(last.kernel, published.kernel)
    assert last.bias[0] - published.bias[0] == pytest.approx(-1.5, abs=1e-5)


def test_models_without_cnet_have_none():
    model = load_model("published")
    assert (model.cnet, model.cnet_crop, model.extra_networks) == (None, 1.0, [])
    assert MTCNN(model="published")._cascade.cnet_crop is None


@pytest.mark.parametrize("engine", ["native", "onnxruntime"])
@pytest.mark.parametrize("sure", [None, 0.97, 0.999])
def test_it_scores_unsure_faces_again(with_cnet, sample_frame, engine, sure):
    detector = MTCNN(20, thresholds=THRESHOLDS, threads=1, engine=engine, model=with_cnet)
    cascade = replace(detector._cascade, sure_score=sure)
    [faces] = cascade.detect([as_image(sample_frame)])
    networks = OnnxNetworks(load_model(with_cnet), 1, ["cpu"])
    expected = reference.detect(
        sample_frame[..., ::-1],
        networks,
        20,
        THRESHOLDS,
        box_offset=detector.model.box_offset,
        score=SCORE,
        sure_score=sure,
        cnet_crop=CROP,
    )
    assert len(faces) == len(expected) >= 4
    for index, (box, score, landmarks) in enumerate(expected):
        np.testing.assert_allclose(faces.boxes[index], box, atol=0.05)
        np.testing.assert_allclose(faces.scores[index], score, atol=2e-4)
        np.testing.assert_allclose(faces.landmarks[index], landmarks, atol=0.05)
    assert (np.diff(faces.scores) <= 0).all()
    [before] = replace(cascade, cnet_crop=None).detect([as_image(sample_frame)])
    unchanged = np.isin(faces.scores, before.scores)
    assert (faces.scores[unchanged] >= (np.inf if sure is None else sure)).all()
    assert unchanged.sum() == (0 if sure is None else 4)


def test_it_may_save_a_face_and_drop_another(with_cnet, sample_frame):
    """A face below the threshold by the networks before is found if C-Net is for it."""
    detector = MTCNN(20, thresholds=(0.6, 0.3, 0.99), threads=1, model=with_cnet)
    image, cascade = as_image(sample_frame), replace(detector._cascade, sure_score=None)
    weights = {"for": (0.0, 0.0, 0.0, 0.0, 9.0), "against": (0.0, 0.0, 0.0, 0.0, 4.0)}
    found = {
        name: cascade_with(cascade, context).detect([image])[0] for name, context in weights.items()
    }
    plain = replace(cascade, cnet_crop=None, thresholds=(0.6, 0.3, 0.0991)).detect([image])[0]
    assert len(found["for"]) == len(plain) >= 4
    assert (found["for"].scores > 0.9998).all()
    assert len(found["against"]) == 0  # sigmoid(4) is 0.982


def cascade_with(cascade, context):
    return replace(cascade, score=replace(cascade.score, context=context))


@pytest.mark.parametrize("engine", ["native", "onnxruntime"])
def test_batches_and_images_without_faces(with_cnet, sample_frame, engine):
    detector = MTCNN(40, thresholds=THRESHOLDS, threads=2, engine=engine, model=with_cnet)
    empty = np.zeros((80, 90, 3), np.uint8)
    [one, none, two] = detector.detect_batch([sample_frame, empty, sample_frame[:, ::-1]])
    assert len(none) == 0
    for faces, image in ((one, sample_frame), (two, sample_frame[:, ::-1])):
        alone = detector.detect(image)
        assert len(faces) == len(alone) >= 4
        np.testing.assert_allclose(faces.scores, alone.scores, atol=1e-5)


def test_faces_at_given_squares_are_scored_by_onet_alone(with_cnet, sample_frame):
    """The tracker runs the last steps alone."""
    cascade = MTCNN(60, threads=1, model=with_cnet)._cascade
    [faces] = cascade.detect([as_image(sample_frame)])
    squares = cascade.squares_about(faces.boxes)
    found, kept = cascade.accept(as_image(sample_frame), squares)
    plain, same = replace(cascade, cnet_crop=None).accept(as_image(sample_frame), squares)
    np.testing.assert_array_equal(kept, same)
    np.testing.assert_array_equal(found.scores, plain.scores)


def test_the_engine_without_cnet_refuses(sample_frame):
    engine = MTCNN(threads=1, model="published")._cascade.engine
    with pytest.raises(ValueError, match=r"^the engine has no C-Net$"):
        engine.context([as_image(sample_frame)], [np.zeros((1, 4), np.float32)])


@pytest.mark.parametrize(
    "score", [None, {"weights": [0.1, 0.2, 0.3], "bias": 0}, {**SCORE, "context": None}]
)
def test_cnet_without_weights_in_the_score_is_refused(with_cnet, tmp_path, score):
    write_model_folder(
        tmp_path / "model", layers_of(load_model(with_cnet)), **TEXTS, score=SCORE, cnet_crop=CROP
    )
    file = tmp_path / "model" / "model.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "score": score}))
    with pytest.raises(ModelError, match=r"score: C-Net needs the entry 'context'$"):
        load_model(tmp_path / "model")


def test_cnet_is_not_written_without_its_weights_in_the_score(with_cnet, tmp_path):
    layers = layers_of(load_model(with_cnet))
    with pytest.raises(ValueError, match=r"^score: C-Net needs the entry 'context'$"):
        write_model_folder(tmp_path / "model", layers, **TEXTS, cnet_crop=CROP)
    assert not (tmp_path / "model").exists()


def test_wrong_weights_are_refused(with_cnet, tmp_path):
    layers = layers_of(load_model(with_cnet))
    with pytest.raises(ValueError, match=r"^score: context: expected 5 numbers, not \[1, 2\]"):
        write_model_folder(
            tmp_path / "model", layers, **TEXTS, score=SCORE | {"context": [1, 2]}, cnet_crop=CROP
        )
    with pytest.raises(ValueError, match=r"^cnet_crop: expected a number from 0\.5 to 2, not 3"):
        write_model_folder(tmp_path / "model", layers, **TEXTS, score=SCORE, cnet_crop=3)
    write_model_folder(tmp_path / "model", layers, **TEXTS, score=SCORE, cnet_crop=CROP)
    (tmp_path / "model" / "cnet.npy").write_bytes(as_bytes(layers["rnet"]))
    with pytest.raises(ModelError, match=r"cnet\.npy: its SHA-256 is [0-9a-f]{64}, not "):
        load_model(tmp_path / "model")
