"""Trains L-Net by the recipe for a few steps, on faces of the committed frame."""

import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is not installed")

sys.path.insert(0, str(Path(__file__).parents[2] / "models"))
from recipe.landmarks import CROP, main

from mtcnn_rt import MTCNN
from mtcnn_rt.model import load_model

MOVED = 0.08
"""Distances of the annotated landmarks from those of the published O-Net, in sides of the box."""


@pytest.fixture
def annotations(sample_frame, tmp_path):
    """Faces of the frame in many sizes, with landmarks that are moved down."""
    faces = MTCNN(60, model="published").detect(sample_frame)
    lines = []
    for number in range(40):
        index, side = number % len(faces), 70 + number
        x1, y1, x2, y2 = faces.boxes[index]
        left, top = int(max(x1 - 20, 0)), int(max(y1 - 20, 0))
        crop = sample_frame[top : int(y2 + 20), left : int(x2 + 20)]
        scale = side / max(crop.shape[:2])
        name = f"{number}.png"
        cv2.imwrite(str(tmp_path / name), cv2.resize(crop, None, fx=scale, fy=scale))
        points = faces.landmarks[index] + [0, MOVED * (x2 - x1)] - [left, top]
        lines.append({"image": name, "landmarks": (points * scale).tolist()})
    file = tmp_path / "train.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return file


def test_lnet_learns_the_annotated_landmarks(annotations, sample_frame, tmp_path, capsys):
    words = ["--landmarks", annotations, "--out", tmp_path / "model", "--steps", "60"]
    main(["published", *map(str, words), "--batch", "48", "--rate", "1e-3", "--threads", "1"])
    first, *_, last = [line for line in capsys.readouterr().out.splitlines() if "error" in line]
    errors = [float(line.split("error ")[1].split()[0]) for line in (first, last)]
    assert errors[1] < 0.6 * errors[0]

    model, published = load_model(tmp_path / "model"), load_model("published")
    assert (model.lnet_crop, model.presets) == (CROP, published.presets)
    for name, network in published.networks.items():
        assert model.networks[name].sha256 == network.sha256
    faces = MTCNN(60, model=tmp_path / "model").detect(sample_frame)
    before = MTCNN(60, model="published").detect(sample_frame)
    np.testing.assert_array_equal(faces.boxes, before.boxes)
    sides = before.boxes[:, 2] - before.boxes[:, 0]
    moved = (faces.landmarks - before.landmarks).mean(axis=1) / sides[:, np.newaxis]
    np.testing.assert_allclose(moved, [[0, MOVED]] * len(faces), atol=0.05)


def test_annotations_without_a_face_are_refused(tmp_path, capsys):
    cv2.imwrite(str(tmp_path / "gray.png"), np.full((80, 80, 3), 128, np.uint8))
    points = [[30, 30], [50, 30], [40, 45], [32, 60], [48, 60]]
    file = tmp_path / "train.jsonl"
    file.write_text(json.dumps({"image": "gray.png", "landmarks": points}) + "\n")
    with pytest.raises(SystemExit):
        main(["published", "--landmarks", str(file), "--out", str(tmp_path / "model")])
    assert "too few faces were found, to train on or to hold out" in capsys.readouterr().err
    assert not (tmp_path / "model").exists()
