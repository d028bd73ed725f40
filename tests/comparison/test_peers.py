"""Tests the detectors that are compared."""

import cv2
import numpy as np
import pytest

from mtcnn_rt._comparison import registry
from mtcnn_rt._comparison.agreement import agreement
from mtcnn_rt._comparison.peer import as_detections
from mtcnn_rt._comparison.registry import NATIVE, ONNXRUNTIME, PEERS

OPENCV_4 = hasattr(cv2, "CascadeClassifier")


def test_every_peer_runs_or_says_why_not():
    can, cannot = PEERS.installed(PEERS.names)
    assert {NATIVE, ONNXRUNTIME} <= set(can)
    assert sorted([*can, *cannot]) == sorted(PEERS.names)
    assert cannot["opencv-yunet"] == "no package has its model file"


def test_missing_packages_are_named(monkeypatch):
    monkeypatch.setattr(registry, "find_spec", lambda _: None)
    assert PEERS.lacks("facenet-pytorch") == "not installed: facenet_pytorch, torch"
    with pytest.raises(ImportError, match=r"^not installed: mtcnn, tensorflow$"):
        PEERS.load("mtcnn", 20, 1)


def test_a_package_without_its_model(monkeypatch):
    monkeypatch.setattr(registry, "find_spec", lambda _: "installed")
    module = PEERS.get("mediapipe")
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    assert PEERS.lacks("mediapipe") == "the installed mediapipe has no model"


@pytest.mark.skipif(OPENCV_4, reason="this OpenCV has the classifier")
def test_haar_is_not_in_opencv_5():
    assert PEERS.lacks("opencv-haar") == f"not in OpenCV {cv2.__version__}"


@pytest.mark.skipif(not OPENCV_4, reason="OpenCV 5 has no Haar cascade")
def test_haar_finds_faces(sample_frame):
    boxes, scores = PEERS.load("opencv-haar", 40, 1)(sample_frame)
    assert boxes.shape == (len(scores), 4)
    assert len(boxes) >= 2
    assert (boxes[:, 2:] > boxes[:, :2]).all()


def test_integers_find_the_same_faces_at_slightly_different_places(sample_frame):
    integers = "mtcnn-rt:int16"
    found = PEERS.load(integers, 20, 1)(sample_frame)
    expected = PEERS.load(NATIVE, 20, 1)(sample_frame)
    own, reference = PEERS.sure_boxes(integers, found), PEERS.sure_boxes(NATIVE, expected)
    assert agreement(own, reference).complete
    np.testing.assert_allclose(found[0], expected[0], atol=2)
    assert np.abs(found[0] - expected[0]).max() > 0  # the precision differs


def test_the_peer_of_this_package_is_the_detector(sample_frame, detector):
    boxes, scores = PEERS.load("mtcnn-rt:onnxruntime", 20, 1)(sample_frame)
    faces = detector.detect(sample_frame)
    assert len(boxes) == 4
    np.testing.assert_allclose(boxes, faces.boxes, atol=0.05)
    np.testing.assert_allclose(scores, faces.scores, atol=1e-3)


@pytest.mark.parametrize("nothing", [None, [], np.zeros((0, 4))])
def test_arrays_of_nothing_found_have_the_right_shape(nothing):
    boxes, scores = as_detections(nothing, nothing)
    assert (boxes.shape, scores.shape) == ((0, 4), (0,))


def test_lists_become_arrays():
    boxes, scores = as_detections([(1, 2, 3, 4)], [0.5])
    assert (boxes.tolist(), scores.tolist()) == ([[1, 2, 3, 4]], [0.5])
