"""Trains C-Net by the recipe for a few steps, on faces of the committed frame."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is not installed")

sys.path.insert(0, str(Path(__file__).parents[2] / "models"))
from recipe.context import CROP, THRESHOLDS, main, seen_again

from mtcnn_rt import MTCNN
from mtcnn_rt.annotations import read_annotations
from mtcnn_rt.model import load_model
from mtcnn_rt.training.holdout import split_images

SETTINGS = """
mining = "one pass"
teacher = "published"
holdout = 0.4
batch_size = 24

[versions]
sizes = [50, 70]
small_sizes = [40, 60]

[data_sets.drawn]
versions = 2
"""


@pytest.fixture
def run_folder(sample_frame, tmp_path):
    """The folder of a training, of which C-Net's takes the data and the settings."""
    data, run = tmp_path / "drawn", tmp_path / "run"
    (data / "images").mkdir(parents=True)
    run.mkdir()
    boxes = MTCNN(60, model="published").detect(sample_frame).boxes
    sides = np.hstack([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]])
    lines = []
    for number in range(10):
        cv2.imwrite(str(data / "images" / f"{number}.png"), np.roll(sample_frame, number, axis=1))
        moved = sides + np.array([number, 0, 0, 0])
        lines.append({"image": f"{number}.png", "boxes": moved.tolist()})
    (data / "annotations.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (run / "settings.toml").write_text(SETTINGS)
    plan = {"networks": ["onet"], "data": [str(data)], "images": None, "format": None}
    plan |= {"split": "train", "init": "published", "scratch": False}
    (run / "run.json").write_text(json.dumps(plan))
    return run


def test_cnet_is_trained_and_joins_the_score(run_folder, sample_frame, tmp_path, capsys):
    out, work = tmp_path / "model", tmp_path / "work"
    words = [run_folder, "distilled", "--out", out, "--work", work, "--steps", "12"]
    main([*map(str, words), "--workers", "1", "--threads", "1"])
    printed = capsys.readouterr().out
    assert "weights of the logits, and bias: (" in printed
    shift = np.array(printed.rpartition("[")[2].rpartition("]")[0].split(), float)
    assert shift.shape == (4,)
    assert np.abs(shift).max() > 0.005
    losses = [json.loads(line)["face"] for line in (work / "log.jsonl").read_text().splitlines()]
    assert np.isfinite(losses).all()

    model, before = load_model(out), load_model("distilled")
    assert model.cnet_crop == CROP
    assert len(model.score.context) == 5
    assert replace(model.score, context=None) == replace(before.score, context=None)
    assert model.networks["pnet"].sha256 == before.networks["pnet"].sha256
    faces = MTCNN(60, model=out).detect(sample_frame)
    assert len(faces) == 4
    # On the images held out, C-Net's boxes are on the whole where O-Net's are.
    detector = MTCNN(20, thresholds=THRESHOLDS, threads=1, model=out)
    _, held_out = split_images(read_annotations(run_folder.parent / "drawn").images, 0.4)
    shifts = np.concatenate([seen_again(detector, image).shifts for image in held_out])
    assert len(shifts) >= 4
    np.testing.assert_allclose(np.median(shifts, axis=0), 0, atol=0.001)
    samples = np.load(work / "samples.npy")
    faces_seen = samples[samples["kind"] == 2]
    assert len(faces_seen) > 20
    widths = faces_seen["box"][:, 2] - faces_seen["box"][:, 0]
    # A face has 0.75 to 1 of its square's width, and the crop is 1.6 times as wide.
    assert 0.7 / CROP < np.median(widths) < 1.05 / CROP
