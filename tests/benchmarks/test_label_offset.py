"""Tests benchmarks/label_offset.py."""

import json

import numpy as np
import pytest

from benchmarks.label_offset import measured, moved, spread
from mtcnn_rt import Faces

POINTS = np.array([[20, 20], [40, 20], [30, 30], [22, 40], [38, 40]], np.float32)


class AnnotatedFace:
    landmarks = POINTS[np.newaxis]

    def read(self):
        return np.zeros((240, 240, 3), np.uint8)


class Detector:
    """Finds given landmarks in every image."""

    def __init__(self, *found):
        self.found = np.array(found, np.float32).reshape(-1, 5, 2)

    def detect(self, image):
        count = len(self.found)
        return Faces(np.zeros((count, 4), np.float32), np.ones(count, np.float32), self.found)


def test_offsets_of_the_nearest_face_in_spreads():
    # Mean (30, 30); squared distances 200, 200, 0, 164, 164.
    assert spread(POINTS) == pytest.approx(np.sqrt(728 / 5))
    offsets = measured(
        [AnnotatedFace(), AnnotatedFace()], Detector(POINTS + 100, POINTS + np.array([2, 1]))
    )
    expected = np.array([2, 1]) / np.sqrt(728 / 5)
    np.testing.assert_allclose(offsets, np.broadcast_to(expected, (2, 5, 2)), rtol=1e-5)


def test_faces_that_are_not_found_have_no_offset():
    assert len(measured([AnnotatedFace()], Detector(POINTS + 100))) == 0
    assert len(measured([AnnotatedFace()], Detector())) == 0


def test_a_line_keeps_all_but_its_landmarks():
    line = json.dumps({"image": "a.jpg", "landmarks": POINTS.tolist(), "split": "train"})
    described = json.loads(moved(line, np.array([0.5, -0.25])))
    assert (described["image"], described["split"]) == ("a.jpg", "train")
    expected = POINTS + np.sqrt(728 / 5) * np.array([0.5, -0.25])
    np.testing.assert_allclose(described["landmarks"], expected, atol=1e-3)
