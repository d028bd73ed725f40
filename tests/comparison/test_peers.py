"""Peers: who can run here, and that engines for the cascade find what it finds."""

import cv2
import numpy as np
import pytest

from mtcnn_rt.comparison import peers
from mtcnn_rt.comparison.agreement import agreement
from mtcnn_rt.comparison.speed import installed

OPENCV_4 = hasattr(cv2, "CascadeClassifier")
OTHER_ENGINES = sorted({*peers.ENGINES} - {*peers.OURS, "mtcnn-rt:int16"})


def test_every_peer_runs_or_says_why_not():
    can, cannot = installed(peers.NAMES)
    assert set(peers.OURS) <= set(can)
    assert sorted([*can, *cannot]) == sorted(peers.NAMES)
    assert cannot["opencv-yunet"] == "no package has its model file"


def test_missing_packages_are_named(monkeypatch):
    monkeypatch.setattr(peers, "find_spec", lambda _: None)
    assert peers.lacks("facenet-pytorch") == "not installed: facenet_pytorch, torch"
    with pytest.raises(ImportError, match=r"^not installed: mtcnn, tensorflow$"):
        peers.load("mtcnn", 20, 1)


def test_a_package_without_its_model(monkeypatch):
    monkeypatch.setattr(peers, "find_spec", lambda _: "installed")
    module = peers.get("mediapipe")
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    assert peers.lacks("mediapipe") == "the installed mediapipe has no model"


@pytest.mark.skipif(OPENCV_4, reason="this OpenCV has the classifier")
def test_haar_is_not_in_opencv_5():
    assert peers.lacks("opencv-haar") == f"not in OpenCV {cv2.__version__}"


@pytest.mark.skipif(not OPENCV_4, reason="OpenCV 5 has no Haar cascade")
def test_haar_finds_faces(sample_frame):
    boxes, scores = peers.load("opencv-haar", 40, 1)(sample_frame)
    assert boxes.shape == (len(scores), 4)
    assert len(boxes) >= 2
    assert (boxes[:, 2:] > boxes[:, :2]).all()


@pytest.mark.parametrize("engine", OTHER_ENGINES)
def test_other_engines_find_the_same_faces(engine, sample_frame):
    if reason := peers.lacks(engine):
        pytest.skip(reason)
    reference = peers.OURS[1]
    boxes, scores = peers.load(engine, 20, 1)(sample_frame)
    expected = peers.load(reference, 20, 1)(sample_frame)
    assert agreement(engine, (boxes, scores), reference, expected).complete
    np.testing.assert_allclose(boxes, expected[0], atol=0.05)
    np.testing.assert_allclose(scores, expected[1], atol=1e-3)


def test_integers_find_the_same_faces_a_little_elsewhere(sample_frame):
    reference, integers = peers.OURS[0], "mtcnn-rt:int16"
    found = peers.load(integers, 20, 1)(sample_frame)
    expected = peers.load(reference, 20, 1)(sample_frame)
    assert agreement(integers, found, reference, expected).complete
    np.testing.assert_allclose(found[0], expected[0], atol=2)
    assert np.abs(found[0] - expected[0]).max() > 0  # they are integers


def test_our_peer_is_the_detector(sample_frame, detector):
    boxes, scores = peers.load("mtcnn-rt:onnxruntime", 20, 1)(sample_frame)
    faces = detector.detect(sample_frame)
    assert len(boxes) == 4
    np.testing.assert_allclose(boxes, faces.boxes, atol=0.05)
    np.testing.assert_allclose(scores, faces.scores, atol=1e-3)


@pytest.mark.parametrize("nothing", [None, [], np.zeros((0, 4))])
def test_nothing_found_has_the_shape_of_faces(nothing):
    boxes, scores = peers.detections(nothing, nothing)
    assert (boxes.shape, scores.shape) == ((0, 4), (0,))


def test_lists_become_arrays():
    boxes, scores = peers.detections([(1, 2, 3, 4)], [0.5])
    assert (boxes.tolist(), scores.tolist()) == ([[1, 2, 3, 4]], [0.5])
