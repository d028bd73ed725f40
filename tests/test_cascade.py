"""Tests of the whole cascade against a slow reference in NumPy, on real faces."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from helpers import reference

from mtcnn_rt import MTCNN
from mtcnn_rt._model_entries import read_score
from mtcnn_rt.engines.onnx import OnnxNetworks
from mtcnn_rt.images import as_image
from mtcnn_rt.model import load_model

SCORE = {"weights": [0.15, 0.35, 0.5], "bias": -0.75}
LOW = (0.5, 0.1, 0.02)
ENGINES = ("native", "onnxruntime")


@pytest.fixture(scope="module")
def networks():
    return OnnxNetworks(load_model("published"), 1, ["cpu"])


def assert_same_faces(faces, expected):
    assert len(faces) == len(expected)
    for i, (box, score, landmarks) in enumerate(expected):
        np.testing.assert_allclose(faces.boxes[i], box, atol=0.05)
        assert faces.scores[i] == pytest.approx(score, abs=1e-4)
        np.testing.assert_allclose(faces.landmarks[i], landmarks, atol=0.05)


@pytest.fixture(scope="module")
def box_offset():
    return load_model("published").box_offset


def assert_both_engines_find(image, min_face_size, expected):
    """Checks both engines against one run of the reference, which takes seconds."""
    for engine in ENGINES:
        detector = MTCNN(min_face_size, threads=1, engine=engine, model="published")
        assert_same_faces(detector.detect(image), expected)


@pytest.mark.parametrize(("min_face_size", "count"), [(20, 4), (80, 3)])
def test_sample_frame(networks, box_offset, sample_frame, min_face_size, count):
    expected = reference.detect(
        sample_frame[..., ::-1], networks, min_face_size, box_offset=box_offset
    )
    assert len(expected) == count
    assert_both_engines_find(sample_frame, min_face_size, expected)


def test_faces_at_the_edge_of_the_image(networks, box_offset, sample_frame):
    """Crops extend beyond the image."""
    faces = MTCNN(40, threads=1, model="published").detect(sample_frame)
    x1, y1, x2, y2 = faces.boxes[faces.boxes[:, 3].argmax()].astype(int)
    image = np.ascontiguousarray(sample_frame[y1 + 5 : y2 + 40, x1 + 5 : x2 + 40])
    expected = reference.detect(image[..., ::-1], networks, 20, box_offset=box_offset)
    assert len(expected) >= 1
    assert_both_engines_find(image, 20, expected)


@pytest.mark.parametrize(
    ("name", "count"), [("multiface.jpg", 6), ("test1.jpg", 2), ("no-faces.jpg", 0)]
)
def test_photographs(networks, box_offset, media, name, count):
    image = cv2.imread(str(media / name))
    expected = reference.detect(image[..., ::-1], networks, 40, box_offset=box_offset)
    assert len(expected) == count
    assert_both_engines_find(image, 40, expected)


@pytest.mark.parametrize(
    ("score", "after", "last", "sure", "count"),
    [
        (SCORE, None, None, None, 9),
        (None, 0.6, None, None, 7),
        (SCORE, 0.6, None, None, 7),
        (SCORE, None, 0.4, None, 8),
        (SCORE, None, None, 0.9, 9),
        (None, None, 0.5, 0.3, 9),
    ],
)
def test_the_score_of_all_networks_and_nms_after_calibration(
    networks, box_offset, sample_frame, score, after, last, sure, count
):
    """Low thresholds keep doubtful faces, whose order and boxes depend on the score."""
    image = np.ascontiguousarray(sample_frame[:, 60:600])
    settings = (LOW, box_offset, score, after, last, sure)
    expected = reference.detect(image[..., ::-1], networks, 50, *settings)
    assert len(expected) == count
    for engine in ENGINES:
        detector = MTCNN(50, thresholds=LOW, threads=1, engine=engine, model="published")
        cascade = replace(
            detector._cascade,
            score=None if score is None else read_score(score),
            nms_after_calibration=after,
            nms_output=last,
            sure_score=sure,
        )
        [faces] = cascade.detect([as_image(image)])
        assert_same_faces(faces, expected)
