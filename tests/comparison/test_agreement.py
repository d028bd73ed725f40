"""Tests the comparison of the faces that two detectors find."""

import numpy as np

from mtcnn_rt._comparison.agreement import Agreement, agreement, count_matches
from mtcnn_rt._comparison.registry import PEERS

A, B, C = (0, 0, 100, 100), (200, 0, 300, 100), (400, 0, 500, 100)


def found(*faces):
    """Returns boxes and their scores."""
    boxes = np.array([box for box, _ in faces], np.float32).reshape(-1, 4)
    return boxes, np.array([score for _, score in faces], np.float32)


def agree(own, other, detector="mtcnn", reference="mtcnn-rt:native"):
    return agreement(PEERS.sure_boxes(detector, own), PEERS.sure_boxes(reference, other))


def test_boxes_pair_up_one_to_one():
    both = np.array([A, (0, 0, 100, 60)], float)  # the second overlaps A by 0.6
    assert count_matches(both, np.array([A], float)) == 1
    assert count_matches(both, both) == 2
    assert count_matches(both, np.array([A, B, C], float)) == 1
    assert count_matches(np.array([A], float), np.array([(0, 0, 100, 49)], float)) == 0
    assert count_matches(np.zeros((0, 4)), both) == 0


def test_the_same_faces_in_another_order():
    same = agree(found((A, 0.99), (B, 0.95)), found((B, 0.91), (A, 1.0)))
    assert same == Agreement(2, 2, 2)
    assert same.complete


def test_a_missed_face_and_one_too_many():
    missed = agree(found((A, 0.99)), found((A, 0.99), (B, 0.99)))
    assert (missed, missed.complete) == (Agreement(1, 1, 2), False)
    more = agree(found((A, 0.99), (C, 0.99)), found((A, 0.99)))
    assert (more, more.complete) == (Agreement(1, 2, 1), False)


def test_faces_with_low_scores_do_not_count():
    assert agree(found((A, 0.99), (B, 0.85)), found((A, 0.99))) == Agreement(1, 1, 1)


def test_mediapipe_has_its_own_threshold():
    own = found((A, 0.55), (B, 0.45))
    assert agree(own, found((A, 0.99)), "mediapipe") == Agreement(1, 1, 1)


def test_two_detectors_that_find_nothing_agree():
    assert agree(found(), found()).complete
