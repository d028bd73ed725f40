"""Tests what Faces selects, cuts out and turns into values of other packages."""

import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from mtcnn_rt import Faces
from mtcnn_rt.drawing import draw

BOXES = np.array([[10, 20, 30, 50], [40, 30, 60, 50], [0, 0, 50, 40]], np.float32)
POINTS = np.arange(30, dtype=np.float32).reshape(3, 5, 2)
FACES = Faces(BOXES, np.array([0.99, 0.9, 0.75], np.float32), POINTS)
NONE = Faces.empty()


def test_selections():
    assert FACES.largest().boxes.tolist() == [[0, 0, 50, 40]]
    assert FACES.central((80, 100, 3)).boxes.tolist() == [[40, 30, 60, 50]]
    assert FACES.above(0.75).scores.tolist() == FACES.scores[:2].tolist()
    assert len(NONE.largest()) == len(NONE.central((9, 9))) == len(NONE.above(0)) == 0


def test_crops_stay_in_the_image():
    image = np.arange(60 * 70 * 3, dtype=np.uint32).astype(np.uint8).reshape(60, 70, 3)
    first, _, third = FACES.crop(image, margin=0.5)
    assert np.array_equal(first, image[5:60, 0:40])
    assert np.array_equal(third, image[0:60, 0:70])
    assert np.array_equal(FACES.crop(image)[1], image[30:50, 40:60])
    with pytest.raises(ValueError, match="margin: expected at least 0, not -1"):
        FACES.crop(image, -1)
    with pytest.raises(TypeError, match=r"^margin: expected a number, not '0\.5'$"):
        FACES.crop(image, "0.5")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_box_that_is_not_finite_is_not_cut_out(value):
    boxes = BOXES.copy()
    boxes[1, 2] = value
    faces = Faces(boxes, FACES.scores, POINTS)
    message = rf"^boxes: expected finite numbers, not \[40\.0, 30\.0, {value}, 50\.0\]$"
    with pytest.raises(ValueError, match=message):
        faces.crop(np.zeros((60, 70, 3), np.uint8))


def test_a_margin_without_end_gives_the_whole_image():
    image = np.zeros((60, 70, 3), np.uint8)
    flat = Faces(np.float32([[10, 20, 10, 50]]), FACES.scores[:1], POINTS[:1])  # no width
    assert [crop.shape for crop in FACES.crop(image, np.inf)] == [(60, 70, 3)] * 3
    assert flat.crop(image, np.inf)[0].shape == (60, 0, 3)


def test_coco():
    annotations = FACES.to_coco(image_id=7)
    assert json.loads(json.dumps(annotations)) == annotations
    assert annotations[0]["bbox"] == [10, 20, 20, 30]
    assert annotations[0]["area"] == 600
    assert annotations[0]["image_id"] == 7
    assert annotations[1]["keypoints"][:6] == [10, 11, 2, 12, 13, 2]


def test_pandas_and_supervision(monkeypatch):
    """Stand-ins return their arguments."""
    monkeypatch.setitem(sys.modules, "pandas", SimpleNamespace(DataFrame=dict))
    monkeypatch.setitem(sys.modules, "supervision", SimpleNamespace(Detections=dict))
    table = FACES.to_pandas()
    assert list(table)[:6] == ["x1", "y1", "x2", "y2", "score", "left_eye_x"]
    assert table["mouth_right_y"].tolist() == [9, 19, 29]
    detections = FACES.to_supervision()
    assert np.array_equal(detections["xyxy"], BOXES)
    assert detections["class_id"].tolist() == [0, 0, 0]


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"Faces\.to_pandas needs pandas: pip install pandas"):
        FACES.to_pandas()


def test_notebooks_show_a_drawing_and_a_table():
    text = FACES._repr_html_()
    assert text.count("<rect") == 3
    assert text.count("<circle") == 15
    assert "<td>0.990</td><td>10.0</td>" in text
    assert "0 faces" in NONE._repr_html_()


def test_draw_returns_the_image():
    array = np.zeros((80, 80, 3), np.uint8)
    assert draw(array, FACES) is array
    pil = pytest.importorskip("PIL.Image")
    image = pil.new("RGB", (80, 80))
    drawn = draw(image, FACES)
    assert np.array_equal(np.asarray(drawn)[..., ::-1], array)
    assert not np.asarray(image).any()
