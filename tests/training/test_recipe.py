"""Runs a tiny training with all settings beyond the paper, end to end."""

import importlib.util
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers import reference

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
pytest.importorskip("matplotlib", reason="matplotlib is not installed")

from mtcnn_rt import MTCNN  # noqa: E402
from mtcnn_rt.annotations import read_annotations  # noqa: E402
from mtcnn_rt.model import load_model  # noqa: E402
from mtcnn_rt.training import cascade, loop  # noqa: E402
from mtcnn_rt.training.holdout import split_images  # noqa: E402
from mtcnn_rt.training.plan import Plan  # noqa: E402
from mtcnn_rt.training.recipe_settings import DataSetSettings, VersionSettings  # noqa: E402
from mtcnn_rt.training.settings import NAMES, NetworkSettings, Settings, as_toml  # noqa: E402

NETWORK = NetworkSettings(
    steps=40,
    learning_rate=1e-3,
    loss_weights=(1.0, 2.0, 0.0),
    last_rate=0.02,
    batch_size=40,
    doubtful=0.5,
    pull=0.1,
    quality=True,
    box_iou=1.0,
    smooth_landmarks=0.02,
    teacher_boxes=0.2,
    erased=0.15,
)
ALL_ON = Settings(
    mining="one pass",
    teacher="published",
    min_face_size=14.0,
    mining_thresholds=(0.4, 0.1),
    holdout=0.25,
    watch_every=25,
    watch_images=2,
    ema=0.9,
    clip_norm=5.0,
    weight_decay=1e-4,
    decay_all=False,
    versions=VersionSettings((20, 60), (15, 40), 0.3, 0.2, 28.0, 0.5, 0.5),
    pnet=replace(NETWORK, quality=False),
    rnet=NETWORK,
    onet=replace(NETWORK, loss_weights=(1.0, 2.0, 5.0)),
)


def settings_of(drawn):
    return replace(ALL_ON, data_sets={drawn.name: DataSetSettings(versions=2, weight=2.0)})


def train(drawn, folder, workers=1, show_progress=lambda items, _: items):
    plan = Plan(NAMES, (str(drawn),), init="published")
    images, _ = plan.read_images()
    folder.mkdir(exist_ok=True)
    settings = settings_of(drawn)
    (folder / "settings.toml").write_text(as_toml(settings))
    (folder / "run.json").write_text(plan.as_json())
    cascade.train(folder, plan, settings, images[:12], "cpu", 1, show_progress, workers=workers)
    return folder


@pytest.fixture(scope="module")
def run(drawn, tmp_path_factory):
    return train(drawn, tmp_path_factory.mktemp("run") / "a")


def weights_of(folder):
    return {name: (folder / "model" / f"{name}.npy").read_bytes() for name in NAMES}


def test_the_model_finds_drawn_faces_that_the_published_one_misses(run, drawn):
    hits = {}
    for model in ("published", run / "model"):
        detector = MTCNN(model=model, threads=1)
        hits[model] = 0
        for image in read_annotations(drawn).images[12:20]:
            faces = detector.detect(image.read())
            for box in image.boxes:
                hits[model] += reference.iou(box, faces.boxes).max(initial=0) > 0.5
    assert hits[run / "model"] > hits["published"]


def test_the_same_seed_gives_the_same_bits_with_any_number_of_processes(run, drawn, tmp_path):
    other = train(drawn, tmp_path / "b", workers=2)
    assert weights_of(other) == weights_of(run)
    assert (other / "log.jsonl").read_bytes() == (run / "log.jsonl").read_bytes()


def test_a_resumed_training_ends_in_the_same_bits(run, drawn, tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "SAVE_EVERY", 10)

    def stop_in_r_net(items, title):
        for number, item in enumerate(items):
            if title == "training rnet" and number == 33:
                raise MemoryError
            yield item

    with pytest.raises(MemoryError):
        train(drawn, tmp_path / "c", show_progress=stop_in_r_net)
    train(drawn, tmp_path / "c")
    assert weights_of(tmp_path / "c") == weights_of(run)
    watched = [(run / "held_out.jsonl"), (tmp_path / "c" / "held_out.jsonl")]
    assert watched[0].read_text() == watched[1].read_text()


def test_held_out_precision_is_logged(run, drawn):
    lines = [json.loads(line) for line in (run / "held_out.jsonl").read_text().splitlines()]
    assert [(line["network"], line["step"]) for line in lines] == [
        (name, step) for name in NAMES for step in (25, 40)
    ]
    for line in lines:
        assert list(line["held_out"]) == [drawn.name]
        assert 0 <= line["held_out"][drawn.name] <= 1


def test_all_losses_are_logged(run):
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    for line in lines:
        assert {"face", "box", "landmarks", "doubtful", "pull", "box_iou"} <= set(line)
        assert all(np.isfinite(value) for name, value in line.items() if name != "network")
    # The learning rate ends above 0.
    assert lines[-1]["learning_rate"] > 0.02 * 1e-3 * 0.99


def test_held_out_images_are_not_trained_on(drawn, tmp_path, monkeypatch):
    mined = []

    def remember(images, *_):
        mined.extend(image.name for image in images)
        raise InterruptedError

    monkeypatch.setattr(cascade, "mine_in_one_pass", remember)
    with pytest.raises(InterruptedError):
        train(drawn, tmp_path / "d")
    images = read_annotations(drawn).images[:12]
    kept, held_out = split_images(images, 0.25)
    assert mined == [image.name for image in kept]
    assert 0 < len(held_out) < 8


def test_the_settings_are_read_as_they_were_written(drawn, tmp_path):
    from mtcnn_rt.training.settings import read_settings

    path = Path(tmp_path / "settings.toml")
    path.write_text(as_toml(settings_of(drawn)))
    assert read_settings(path) == settings_of(drawn)


def test_a_network_may_keep_its_weights(drawn, tmp_path):
    plan = Plan(NAMES, (str(drawn),), init="published")
    images, _ = plan.read_images()
    kept, quick = replace(NETWORK, keep=True), replace(NETWORK, steps=1, initial_share=0.5)
    settings = replace(ALL_ON, watch_every=0, bfloat16=True, pnet=kept, rnet=quick, onet=kept)
    cascade.train(tmp_path, plan, settings, images[:3], threads=1)
    published, trained = load_model("published"), load_model(tmp_path / "model")
    assert trained.box_offset == published.box_offset
    assert not (tmp_path / "pnet").exists()
    for name in NAMES:
        kernels = [model.networks[name].layers[1].kernel for model in (published, trained)]
        assert np.array_equal(*kernels) == (name != "rnet")
    statistics = [model.networks["pnet"].statistics for model in (published, trained)]
    np.testing.assert_array_equal(*(each.means for each in statistics))
    with pytest.raises(ValueError, match="needs an initial model"):
        cascade.train(tmp_path, replace(plan, init=None), settings, images[:3], threads=1)


def test_the_finished_model_has_a_score_and_presets(run, drawn, tmp_path, capsys):
    file = Path(__file__).parents[2] / "models" / "recipe" / "finish.py"
    spec = importlib.util.spec_from_file_location("finish", file)
    finish = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(finish)
    copied, data = tmp_path / "run", tmp_path / "data"
    shutil.copytree(run, copied)
    shutil.copytree(drawn, data)
    # Every second face is not annotated, so that some detections are false.
    lines = map(json.loads, (drawn / "annotations.jsonl").read_text().splitlines())
    lines = [line | {name: line[name][:1] for name in ("boxes", "landmarks")} for line in lines]
    (data / "annotations.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (copied / "run.json").write_text(Plan(NAMES, (str(data),)).as_json())
    words = (
        "--out",
        tmp_path / "m",
        "--name",
        "own",
        "--preset",
        "balanced=0.5,0.3,0.05",
        "--nms-output",
        0.5,
    )
    words += ("--diagram", tmp_path / "m.svg")
    finish.main([str(copied), *map(str, words)])
    assert capsys.readouterr().out.startswith("calibration error: 0.")
    described = json.loads((tmp_path / "m" / "model.json").read_text())
    numbers = [*described["score"]["weights"], described["score"]["bias"]]
    assert np.isfinite([*numbers, *described["score"]["onet_alone"]]).all()
    assert described["nms_output"] == 0.5
    assert (tmp_path / "m.svg").stat().st_size > 5000
    assert described["presets"] == {"balanced": {"thresholds": [0.5, 0.3, 0.05]}}
    assert described["thresholds"] == [0.5, 0.3, 0.05]
    assert weights_of(run) == {
        name: (tmp_path / "m" / f"{name}.npy").read_bytes() for name in NAMES
    }
