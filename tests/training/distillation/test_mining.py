"""Tests mining in one pass, in one process and in several."""

import json
import os
import signal
from dataclasses import replace

import numpy as np
import pytest

from mtcnn_rt.annotations import read_annotations
from mtcnn_rt.training import part_files
from mtcnn_rt.training.batches import open_samples
from mtcnn_rt.training.distillation import mining
from mtcnn_rt.training.distillation.miner import EMPTY_NEGATIVES, Miner
from mtcnn_rt.training.distillation.mining import mine_in_one_pass
from mtcnn_rt.training.distillation.parallel import map_in_order
from mtcnn_rt.training.distillation.samples import DOUBTFUL, mixed_boxes, taught_dtype
from mtcnn_rt.training.distillation.teacher import Teacher
from mtcnn_rt.training.recipe_settings import DataSetSettings, VersionSettings
from mtcnn_rt.training.samples import Kind
from mtcnn_rt.training.settings import NAMES, Settings

LANDMARKS = replace(Settings().onet, loss_weights=(1.0, 1.0, 5.0), teacher_boxes=0.5)
SETTINGS = Settings(
    mining="one pass",
    teacher="published",
    min_face_size=14.0,
    mining_thresholds=(0.4, 0.1),
    versions=VersionSettings((20, 60), (15, 40), 0.3, 0.3, 28.0, 0.5, 0.5),
    data_sets={"": DataSetSettings(versions=2, weight=3.0)},
    pnet=replace(Settings().pnet, loss_weights=(1.0, 1.0, 0.0)),
    rnet=replace(Settings().rnet, loss_weights=(1.0, 1.0, 0.0)),
    onet=LANDMARKS,
)
MINER = Miner(SETTINGS, NAMES, None)


@pytest.fixture(scope="module")
def images(drawn):
    return read_annotations(drawn).images[:8]


def files_in(folder):
    return {name: folder / name / "samples.npy" for name in NAMES}


def contents(folder):
    return {name: file.read_bytes() for name, file in files_in(folder).items()}


@pytest.fixture(scope="module")
def mined(images, tmp_path_factory):
    folder = tmp_path_factory.mktemp("mined")
    assert mine_in_one_pass(images, MINER, files_in(folder)) == []
    return folder


def test_every_network_gets_samples_of_faces_and_others(mined):
    for name, file in files_in(mined).items():
        samples = open_samples(file, name, taught_dtype(name))
        found = {kind: int((samples["kind"] == kind).sum()) for kind in range(5)}
        assert found[Kind.POSITIVE] > 10, (name, found)
        assert found[Kind.NEGATIVE] > 10, (name, found)
        assert found[Kind.LANDMARKS] == 0
        assert np.isfinite(samples["teacher"]).all()
        assert (samples["weight"] == 3).all()
        near = (samples["kind"] == Kind.POSITIVE) | (samples["kind"] == Kind.PART)
        assert np.isfinite(samples["box"][near]).all()
        assert np.isnan(samples["box"][~near]).all()
        teacher = Teacher("published").outputs(name, samples["pixels"][:5])
        np.testing.assert_array_equal(samples["teacher"][:5], teacher)
        assert not file.with_name("samples.npy.parts").exists()


def test_positives_are_where_the_box_says(mined):
    """A drawn face is pale, what is beside it dark."""
    samples = open_samples(files_in(mined)["onet"], "onet", taught_dtype("onet"))
    positive = samples[samples["kind"] == Kind.POSITIVE]
    x1, _, x2, _ = positive["box"].T
    assert (x2 - x1).mean() == pytest.approx(1, abs=0.25)
    assert np.abs((x1 + x2) / 2 - 0.5).max() < 0.4
    with_landmarks = np.isfinite(positive["landmarks"]).all(axis=(1, 2))
    assert with_landmarks.all()
    assert np.abs(positive["landmarks"].mean(axis=1) - 0.5).max() < 0.4


@pytest.mark.parametrize("size", [3, 64])
def test_samples_do_not_depend_on_the_number_of_processes(
    images, mined, tmp_path, monkeypatch, size
):
    monkeypatch.setattr(mining, "IMAGES_IN_A_PART", size)
    mine_in_one_pass(images, MINER, files_in(tmp_path), workers=2 if size == 3 else 1)
    assert contents(tmp_path) == contents(mined)


def test_samples_of_an_image_do_not_depend_on_the_other_images(images):
    one, other = MINER.mine(images[2]), Miner(SETTINGS, ("onet",), None).mine(images[2])
    assert one["onet"].tobytes() == other["onet"].tobytes()


def test_interrupted_mining_continues(images, mined, tmp_path, monkeypatch):
    monkeypatch.setattr(mining, "IMAGES_IN_A_PART", 3)

    def stop_in_the_second(items, _):
        yield from items[:1]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mine_in_one_pass(images, MINER, files_in(tmp_path), 1, stop_in_the_second)
    assert not files_in(tmp_path)["rnet"].exists()
    jobs = []
    mine_in_one_pass(
        images, MINER, files_in(tmp_path), 1, lambda items, _: jobs.extend(items) or items
    )
    assert len(jobs) == 2
    assert contents(tmp_path) == contents(mined)
    before = files_in(tmp_path)["pnet"].stat().st_mtime_ns
    mine_in_one_pass(images, MINER, files_in(tmp_path))
    assert files_in(tmp_path)["pnet"].stat().st_mtime_ns == before


def annotated(tmp_path, drawn, **keys):
    line = json.loads((drawn / "annotations.jsonl").read_text().splitlines()[0])
    usable = json.loads((drawn / "annotations.jsonl").read_text().splitlines()[1])
    text = json.dumps(line | keys) + "\n" + json.dumps(usable) + "\n"
    (tmp_path / "annotations.jsonl").write_text(text)
    return read_annotations(tmp_path / "annotations.jsonl", images=drawn / "images").images[0]


def test_ignored_faces_give_doubtful_samples_with_the_annotations_probability(tmp_path, drawn):
    image = annotated(tmp_path, drawn, ignored=[True, False], teacher=[0.25, None])
    samples = MINER.mine(image)["rnet"]
    doubtful = samples[samples["kind"] == DOUBTFUL]
    assert len(doubtful)
    assert set(doubtful["probability"][np.isfinite(doubtful["probability"])].tolist()) == {0.25}
    others = samples["kind"] != DOUBTFUL
    assert np.isnan(samples["probability"][others]).all()


def test_an_image_without_boxes_gives_more_negatives(tmp_path, drawn):
    image = annotated(tmp_path, drawn, boxes=[], landmarks=[])
    few = replace(
        SETTINGS,
        data_sets={"": DataSetSettings(versions=5, empty_versions=1)},
        pnet=replace(SETTINGS.pnet, version_samples=(4, 20, 40, 15)),
    )
    samples = Miner(few, ("pnet",), None).mine(image)["pnet"]
    assert len(samples) == EMPTY_NEGATIVES * 4
    assert (samples["kind"] == Kind.NEGATIVE).all()


def test_an_image_with_landmarks_alone_gives_landmark_faces_to_o_net(tmp_path, drawn):
    line = json.loads((drawn / "annotations.jsonl").read_text().splitlines()[0])
    del line["boxes"]
    (tmp_path / "annotations.jsonl").write_text(json.dumps(line))
    path = tmp_path / "annotations.jsonl"
    [image] = read_annotations(path, images=drawn / "images").images
    parts = MINER.mine(image)
    assert {name: len(samples) for name, samples in parts.items()} == {
        "pnet": 0,
        "rnet": 0,
        "onet": 2 * SETTINGS.landmark_variants,
    }
    assert (parts["onet"]["kind"] == Kind.LANDMARKS).all()
    assert np.isnan(parts["onet"]["teacher"]).all()


def test_images_that_cannot_be_read_are_reported(unreadable, images, tmp_path):
    problems = mine_in_one_pass([unreadable, images[1]], MINER, files_in(tmp_path))
    assert len(problems) == 1
    assert "broken.png" in problems[0]


def test_a_resumed_call_names_the_unreadable_images_of_finished_parts(
    unreadable, images, tmp_path, monkeypatch
):
    monkeypatch.setattr(mining, "IMAGES_IN_A_PART", 1)
    mixed = [unreadable, images[0], unreadable]
    miner, files = Miner(SETTINGS, ("pnet", "rnet"), None), files_in(tmp_path)
    del files["onet"]

    def stop_in_the_second(items, _):
        yield from items[:1]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mine_in_one_pass(mixed, miner, files, 1, stop_in_the_second)
    problems = mine_in_one_pass(mixed, miner, files)
    assert len(problems) == 2
    assert all("broken.png" in line for line in problems)


def test_parts_that_a_killed_process_left_are_removed(images, tmp_path, monkeypatch):
    """It was killed after the file was written, and before its parts were removed."""
    files = {"pnet": tmp_path / "pnet" / "samples.npy"}
    miner = Miner(SETTINGS, ("pnet",), None)
    with monkeypatch.context() as killed:
        killed.setattr(part_files, "remove_parts", lambda file: None)
        mine_in_one_pass(images[:1], miner, files)
    names = ["samples.npy", "samples.npy.parts"]
    assert sorted(path.name for path in files["pnet"].parent.iterdir()) == names
    assert mine_in_one_pass(images[:1], miner, files) == []
    assert [path.name for path in files["pnet"].parent.iterdir()] == names[:1]


def test_boxes_are_mixed_where_the_teacher_shows_the_same_face():
    boxes = np.array([[0, 0, 1, 1], [0, 0, 1, 1], [np.nan] * 4], np.float32)
    taught = np.array([[0.2, 0, 1, 1], [0.8, 0.8, 2, 2], [0, 0, 1, 1]], np.float32)
    mixed = mixed_boxes(boxes, taught, 0.25)
    np.testing.assert_allclose(mixed[0], [0.05, 0, 1, 1], rtol=1e-6)
    np.testing.assert_array_equal(mixed[1:], boxes[1:])
    assert mixed_boxes(boxes, taught, 0) is boxes


def double(value):
    return 2 * value


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_order(workers):
    assert list(map_in_order(double, range(7), workers)) == [2 * value for value in range(7)]


def hears_interrupts(_):
    return signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_an_interrupt_does_not_reach_processes_while_they_start():
    assert list(map_in_order(hears_interrupts, range(4), 2)) == [False] * 4
    assert hears_interrupts(0)


@pytest.mark.parametrize("versions", [SETTINGS.versions, VersionSettings()])
def test_a_thin_image_is_mined(thin, images, tmp_path, versions):
    miner = Miner(replace(SETTINGS, versions=versions), ("pnet",), None)
    file = tmp_path / "samples.npy"
    assert mine_in_one_pass([thin, images[0]], miner, {"pnet": file}) == []
    alone = miner.mine(images[0])["pnet"]
    samples = open_samples(file, "pnet", taught_dtype("pnet"))
    assert samples[-len(alone) :].tobytes() == alone.tobytes()
