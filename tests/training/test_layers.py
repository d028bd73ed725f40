import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from mtcnn_rt._layers import INPUT_SIZES  # noqa: E402
from mtcnn_rt.engines.onnx import OnnxNetworks  # noqa: E402
from mtcnn_rt.model import load_model  # noqa: E402
from mtcnn_rt.training.cascade import write_model  # noqa: E402
from mtcnn_rt.training.layers import from_layers, to_layers  # noqa: E402
from mtcnn_rt.training.networks import MEAN_FACE, NETWORKS  # noqa: E402


def crops(name, count=5):
    shape = (count, 3, INPUT_SIZES[name], INPUT_SIZES[name])
    return np.random.default_rng(1).integers(0, 256, shape).astype(np.float32)


def outputs_of(network, pixels):
    with torch.no_grad():
        return network(torch.from_numpy(pixels)).numpy()


def run(engine, name, pixels):
    if name == "pnet":
        return np.stack([engine.pnet(crop)[:, 0, 0] for crop in pixels])
    return getattr(engine, name)(pixels)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_published_weights_give_the_published_outputs(name):
    model = load_model("published")
    network = from_layers(name, model.networks[name].layers)
    expected = run(OnnxNetworks(model, 1, ["cpu"]), name, crops(name))
    found = outputs_of(network, crops(name))[:, : expected.shape[1]]
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("name", NETWORKS)
def test_layers_are_kept_through_a_network(name):
    before = load_model("published").networks[name].layers
    after = to_layers(name, from_layers(name, before))
    for one, other in zip(before, after, strict=True):
        for array, again in zip(one, other, strict=True):
            if array is None:
                assert again is None
            else:
                np.testing.assert_allclose(again, array, rtol=1e-5, atol=1e-6)


def test_random_networks_equal_their_model_folder(tmp_path):
    torch.manual_seed(3)
    networks = {name: make() for name, make in NETWORKS.items()}
    write_model(tmp_path / "model", networks, "random", "a test", box_offset=0.25)
    model = load_model(tmp_path / "model")
    assert (model.name, model.source, model.box_offset) == ("random", "a test", 0.25)
    engine = OnnxNetworks(model, 1, ["cpu"])
    for name, network in networks.items():
        expected = outputs_of(network, crops(name))
        assert expected.shape == (5, 15)
        found = run(engine, name, crops(name))
        np.testing.assert_allclose(found, expected[:, : found.shape[1]], atol=1e-5)


@pytest.mark.parametrize("name", NETWORKS)
def test_random_weights_start_near_the_mean_outputs(name):
    torch.manual_seed(0)
    found = outputs_of(NETWORKS[name](), crops(name, 20))
    np.testing.assert_allclose(found[:, :5], 0, atol=0.1)
    np.testing.assert_allclose(found[:, 5:], [MEAN_FACE] * 20, atol=0.1)
    assert found.std(axis=0).min() > 1e-5  # the features reach the outputs


def test_pnet_slides_over_any_size():
    network = NETWORKS["pnet"]()
    pixels = np.random.default_rng(2).integers(0, 256, (1, 3, 20, 16)).astype(np.float32)
    with torch.no_grad():
        features = network.body((torch.from_numpy(pixels) - 127.5) / 128)
        cell = network.heads["face"](features)[0, 0, 2, 1]  # of the pixels from (4, 2) on
    alone = outputs_of(network, np.ascontiguousarray(pixels[:, :, 4:16, 2:14]))[0, 0]
    assert float(cell) == pytest.approx(float(alone), abs=1e-5)
