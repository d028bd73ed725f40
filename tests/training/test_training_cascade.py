"""Runs a tiny training, end to end."""

from dataclasses import replace

import numpy as np
import pytest
from helpers import reference

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
pytest.importorskip("matplotlib", reason="matplotlib is not installed")

from mtcnn_rt import MTCNN  # noqa: E402
from mtcnn_rt.annotations import read_annotations  # noqa: E402
from mtcnn_rt.model import load_model  # noqa: E402
from mtcnn_rt.training import cascade  # noqa: E402
from mtcnn_rt.training.log import Log  # noqa: E402
from mtcnn_rt.training.plan import Plan  # noqa: E402
from mtcnn_rt.training.settings import NetworkSettings, Settings  # noqa: E402

TINY = replace(
    Settings(),
    batch_size=42,
    recolor=0.1,
    mining_scales=(1.0,),
    crops_per_face=12,
    landmark_variants=2,
    mining_thresholds=(0.6, 0.3),
    pnet=NetworkSettings(200, 5e-3, (1, 0.5, 0.5)),
    rnet=NetworkSettings(100, 3e-3, (1, 0.5, 0.5)),
    onet=NetworkSettings(60, 2e-3, (1, 0.5, 1)),
)


@pytest.fixture(scope="module")
def run(drawn, tmp_path_factory):
    """Returns the folder of a run on drawn faces."""
    folder = tmp_path_factory.mktemp("run")
    images = read_annotations(drawn).images
    plan = Plan(("pnet", "rnet", "onet"), (str(drawn),))
    cascade.train(folder, plan, TINY, images[4:], threads=1)
    return folder


@pytest.mark.parametrize("precision", ["float32", "int16"])
def test_the_model_finds_faces_in_new_images(run, drawn, precision):
    detector = MTCNN(model=run / "model", threads=1, precision=precision)
    assert (detector.model.box_offset, detector.model.name) == (0, run.name)
    hits, found = 0, 0
    for image in read_annotations(drawn).images[:4]:
        faces = detector.detect(image.read())
        found += len(faces)
        for box, landmarks in zip(image.boxes, image.landmarks, strict=True):
            overlap = reference.iou(box, faces.boxes)
            if overlap.max(initial=0) > 0.6:
                hits += 1
                off = np.linalg.norm(faces.landmarks[overlap.argmax()] - landmarks, axis=1)
                assert off.mean() < 0.12 * (box[2] - box[0])
    assert (hits, found) == (8, 8)


def test_the_files_of_a_run(run):
    for name in ("loss.png", "accuracy.png", "learning_rate.png", "onet/checkpoint.pt"):
        assert (run / name).stat().st_size > 1000
    networks = [entry["network"] for entry in Log(run / "log.jsonl").entries()]
    assert list(dict.fromkeys(networks)) == ["pnet", "rnet", "onet"]


def test_parts_that_a_killed_process_left_are_removed(drawn, tmp_path):
    plan = Plan(("pnet",), (str(drawn),))
    settings = replace(TINY, pnet=NetworkSettings(1, 1e-4))
    images = read_annotations(drawn).images[:2]
    cascade.train(tmp_path, plan, settings, images, threads=1)
    parts = tmp_path / "pnet" / "samples.npy.parts"
    parts.mkdir()
    (parts / "00000000.npy").write_bytes(b"")
    cascade.train(tmp_path, plan, settings, images, threads=1)
    assert not parts.exists()


def test_one_network_of_a_model(run, drawn, tmp_path):
    plan = Plan(("rnet",), (str(drawn),), init=str(run / "model"))
    settings = replace(TINY, rnet=NetworkSettings(3, 1e-4))
    cascade.train(tmp_path, plan, settings, read_annotations(drawn).images[:3], threads=1)
    before, after = load_model(run / "model").networks, load_model(tmp_path / "model").networks
    for name, same in (("pnet", True), ("rnet", False), ("onet", True)):
        kernels = [networks[name].layers[1].kernel for networks in (before, after)]
        assert np.array_equal(*kernels) == same
        np.testing.assert_allclose(*kernels, atol=1e-3)


def test_what_the_result_lacks_of_the_initial_model_is_told(drawn, tmp_path):
    settings = replace(TINY, pnet=NetworkSettings(1, 1e-4))
    images, lines = read_annotations(drawn).images[:2], []
    for init in ("distilled", "published"):
        plan = Plan(("pnet",), (str(drawn),), init=init)
        cascade.train(tmp_path / init, plan, settings, images, threads=1, report=lines.append)
    told = "the result does not have cnet, lnet, score, sure_score of distilled, made for its "
    assert [line for line in lines if not line.startswith("pnet: ")] == [f"{told}networks alone"]
    assert load_model(tmp_path / "distilled" / "model").extra_networks == []


@pytest.mark.parametrize(("name", "offset"), [("pnet", 1.0), ("onet", 0.0)])
def test_the_last_network_decides_the_offset(drawn, tmp_path, name, offset):
    plan = Plan((name,), (str(drawn),), init="published")
    settings = replace(TINY, **{name: NetworkSettings(1, 1e-6)})
    cascade.train(tmp_path, plan, settings, read_annotations(drawn).images[:2], threads=1)
    assert load_model(tmp_path / "model").box_offset == offset


def test_a_blended_o_net_has_a_share_of_the_offset(drawn, tmp_path):
    plan = Plan(("onet",), (str(drawn),), init="published")
    settings = replace(TINY, onet=NetworkSettings(1, 1e-6, initial_share=0.25))
    cascade.train(tmp_path, plan, settings, read_annotations(drawn).images[:2], threads=1)
    assert load_model(tmp_path / "model").box_offset == 0.25


def test_scratch_resets_only_the_trained_network():
    plan = Plan(("rnet",), (), init="published", scratch=True)
    published = plan.initial_model()
    networks = cascade.initial_networks(plan, TINY, published)
    again = cascade.initial_networks(plan, TINY, published)
    kernels = {
        name: cascade.to_layers(name, network)[1].kernel for name, network in networks.items()
    }
    for name, kernel in kernels.items():
        same = np.array_equal(kernel, published.networks[name].layers[1].kernel)
        assert same == (name != "rnet")
    assert np.array_equal(kernels["rnet"], cascade.to_layers("rnet", again["rnet"])[1].kernel)


def test_a_model_without_plain_weights_cannot_be_the_initial_one():
    published = load_model("published")
    networks = {name: replace(network, layers=None) for name, network in published.networks.items()}
    with pytest.raises(ValueError, match="has no plain weights of pnet to start from"):
        cascade.initial_networks(Plan((), ()), TINY, replace(published, networks=networks))


def test_the_statistics_come_from_thin_images_too(thin, drawn):
    images = [thin, *read_annotations(drawn).images[:2]]
    sizes = [image.size for image in cascade._photographs(images)]
    assert sizes == [(1, 640), (96, 128), (96, 128)]
    assert list(cascade._photographs([])) == []


def test_training_on_landmarks_alone_writes_a_model(drawn, tmp_path):
    plan = Plan(("onet",), (str(drawn),), init="published")
    settings = replace(TINY, onet=NetworkSettings(3, 1e-4))
    images = [
        replace(image, boxes=np.full_like(image.boxes, np.nan))
        for image in read_annotations(drawn).images[:4]
    ]
    cascade.train(str(tmp_path), plan, settings, images, threads=1)
    assert [entry["accuracy"] for entry in Log(tmp_path / "log.jsonl").entries()] == [None, None]
    assert load_model(tmp_path / "model").name == tmp_path.name


def test_plots_that_fail_do_not_cost_the_model(drawn, tmp_path, monkeypatch):
    def plot(log, folder):
        raise OSError("no space for a plot")

    monkeypatch.setattr(cascade, "plot", plot)
    plan = Plan(("onet",), (str(drawn),), init="published")
    settings = replace(TINY, onet=NetworkSettings(1, 1e-4))
    with pytest.raises(OSError, match="no space for a plot"):
        cascade.train(tmp_path, plan, settings, read_annotations(drawn).images[:2], threads=1)
    assert load_model(tmp_path / "model").name == tmp_path.name
