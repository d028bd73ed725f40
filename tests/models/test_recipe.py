"""Tests the preparation of the recipe's data, with made-up detectors and with real ones."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers.drawn_faces import write_drawn

from mtcnn_rt.annotations import read_annotations

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "models"))

from recipe.confirm import EXTRA_PROBABILITY, confirm, count_votes
from recipe.detectors import CenterFace, Found, YuNet
from recipe.prepare import main

PEERS = Path(__file__).resolve().parents[3] / "shared" / "peers"
NOTHING = Found(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))


def found(*rows):
    """Returns what a detector finds: rows of x1 y1 x2 y2 score."""
    values = np.array(rows, np.float32).reshape(-1, 5)
    return Found(values[:, :4], values[:, 4])


@pytest.fixture
def annotated(tmp_path):
    """Returns a function that gives an annotated image with boxes x y side side."""

    def make(boxes, ignored):
        write_drawn_once(tmp_path)
        line = {"image": "0.png", "boxes": boxes, "ignored": ignored}
        usable = {"image": "1.png", "boxes": [[1, 1, 9, 9]]}
        (tmp_path / "annotations.jsonl").write_text(f"{json.dumps(line)}\n{json.dumps(usable)}\n")
        return read_annotations(tmp_path).images[0]

    return make


def write_drawn_once(folder):
    if not (folder / "images").exists():
        write_drawn(folder, 2)


def test_an_ignored_box_that_two_detectors_see_is_a_face(annotated):
    image = annotated([[10, 10, 20, 20], [50, 50, 20, 20], [80, 10, 9, 9]], [True, True, False])
    seen = [
        found([12, 10, 30, 30, 0.8], [50, 50, 70, 70, 0.9]),
        found([10, 12, 30, 30, 0.4]),
        NOTHING,
    ]
    faces = confirm(image, seen, mix_boxes=False)
    assert faces.ignored.tolist() == [False, True, False]
    weights = np.array([0.8, 0.4]) / 1.2
    expected = weights @ [[12, 10, 30, 30], [10, 12, 30, 30]]
    np.testing.assert_allclose(faces.boxes[0], expected, rtol=1e-6)
    np.testing.assert_allclose(faces.boxes[1:], image.boxes[1:])
    np.testing.assert_allclose(faces.probabilities, [np.nan, 0.3, np.nan], rtol=1e-6)


@pytest.mark.parametrize("scores", [(0.45, 0.4, 0.0), (0.9, 0.3, 0.9)])
def test_a_box_that_they_do_not_see_surely_stays_ignored(annotated, scores):
    image = annotated([[10, 10, 20, 20]], [True])
    seen = [found([10, 10, 30, 30, score]) if score else NOTHING for score in scores]
    faces = confirm(image, seen, mix_boxes=False)
    assert faces.ignored.tolist() == [True]
    assert faces.probabilities[0] == pytest.approx(sum(scores) / 3)


def test_boxes_of_faces_are_averaged_with_those_of_two_detectors(annotated):
    image = annotated([[10, 10, 20, 20], [50, 50, 20, 20]], [False, True])
    seen = [
        found([14, 10, 30, 30, 0.5], [54, 50, 70, 70, 0.9]),
        found([14, 10, 30, 30, 0.5]),
        NOTHING,
    ]
    faces = confirm(image, seen, mix_boxes=True)
    np.testing.assert_allclose(faces.boxes, [[12, 10, 30, 30], [50, 50, 70, 70]])
    assert faces.ignored.tolist() == [False, True]


def test_what_one_detector_sees_and_nobody_annotated_is_ignored(annotated):
    image = annotated([[10, 10, 20, 20]], [False])
    seen = [
        found([60, 60, 80, 80, 0.4], [100, 60, 120, 80, 0.3], [11, 11, 30, 30, 0.9]),
        found([61, 61, 80, 80, 0.9]),
        found([90, 5, 110, 25, 0.9]),  # the third, on the image as it is, adds none
    ]
    faces = confirm(image, seen, mix_boxes=False)
    np.testing.assert_allclose(faces.boxes[1:], [[60, 60, 80, 80]])
    assert faces.ignored.tolist() == [False, True]
    assert faces.labels == ("", "extra")
    assert faces.probabilities[1] == EXTRA_PROBABILITY


def test_an_image_without_boxes_stays_without(annotated):
    faces = confirm(annotated([], []), [found([60, 60, 80, 80, 0.9])] * 3, mix_boxes=False)
    assert faces.boxes.shape == (0, 4)
    assert faces.landmarks.shape == (0, 5, 2)


def test_votes_are_those_of_the_nearest_boxes():
    boxes = np.array([[0, 0, 10, 10], [50, 50, 60, 60]], float)
    near, far = [0, 0, 10, 11, 0.5], [0, 0, 10, 14, 0.9]
    votes, means = count_votes(boxes, [found(far, near), NOTHING])
    np.testing.assert_allclose(votes, [[0.5, 0], [0, 0]])
    np.testing.assert_allclose(means, [near[:4], [0, 0, 0, 0]])


def test_a_data_set_is_prepared_without_detectors(drawn, tmp_path, capsys):
    main([str(drawn), "--out", str(tmp_path / "prepared" / "drawn")])
    assert "24 images, 48 faces, 0 ignored" in capsys.readouterr().out
    before = read_annotations(drawn).images
    after = read_annotations(tmp_path / "prepared" / "drawn").images
    for one, other in zip(before, after, strict=True):
        np.testing.assert_allclose(one.boxes, other.boxes, atol=0.01)
        assert np.isnan(other.landmarks).all()  # the teacher's are learned
        assert np.isnan(other.probabilities).all()
        assert np.array_equal(one.read(), other.read())


@pytest.mark.parametrize(
    ("adapter", "file"),
    [(YuNet, "yunet_n_dynamic.onnx"), (CenterFace, "centerface_dyn.onnx")],
)
def test_real_detectors_find_the_faces_of_the_clip(adapter, file, sample_frame, detector):
    if not (PEERS / file).exists():
        pytest.skip(f"../shared/peers/{file}, another project's detector, is not here")
    seen = adapter(PEERS / file)(sample_frame)
    sure = Found(seen.boxes[seen.scores > 0.5], seen.scores[seen.scores > 0.5])
    faces = detector.detect(sample_frame)
    votes, _ = count_votes(faces.boxes, [sure])
    assert len(sure.boxes) == len(faces)
    assert (votes > 0.5).all()
