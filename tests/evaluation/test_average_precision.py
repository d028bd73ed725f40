"""Tests average precision on cases computed by hand."""

import numpy as np
import pytest

from mtcnn_rt.evaluation.average_precision import area, average_precision, precision_recall
from mtcnn_rt.evaluation.judging import DROPPED, FALSE_POSITIVE, HIT, JudgedImage
from mtcnn_rt.evaluation.judging import judge as judge_counted
from mtcnn_rt.evaluation.measurement import Curve

# Three faces of 100 x 100 pixels that do not overlap, and one of 10 x 10.
A, B, C = (0, 0, 100, 100), (200, 0, 300, 100), (400, 0, 500, 100)
SMALL = (600, 0, 610, 10)
NOWHERE = (0, 500, 100, 600)


def image(faces, found, labels=None, ignored=()):
    """Makes a judged image.

    Args:
        faces: The annotated boxes.
        found: Boxes and scores of the detections.
        labels: Labels of the annotated boxes; "face" by default.
        ignored: Indices of the boxes that the annotation ignores.
    """
    boxes = np.array(faces, float).reshape(-1, 4)
    labels = np.array(labels or ["face"] * len(boxes), np.str_)
    detections = np.array([box for box, _ in found], float).reshape(-1, 4)
    scores = np.array([score for _, score in found], float)
    return JudgedImage(boxes, labels, np.isin(np.arange(len(boxes)), ignored), detections, scores)


def judge(one, min_iou=0.5):
    return judge_counted(one, one.counted("face", 20), min_iou).tolist()


def test_every_face_found_and_nothing_else():
    assert average_precision([image([A, B], [(B, 0.8), (A, 0.9)])]) == (1, 1)


def test_a_wrong_box_between_two_right_ones():
    # right, wrong, right: precision 1, 1/2, 2/3 at recall 1/2, 1/2, 1; from the right at least 2/3.
    # Area: 1/2 * 1 + 1/2 * 2/3 = 5/6.
    images = [image([A, B], [(A, 0.9), (NOWHERE, 0.8), (B, 0.7)])]
    assert average_precision(images) == pytest.approx((5 / 6, 1))


def test_a_wrong_box_before_the_right_one():
    # wrong, right: precision 0, 1/2 at recall 0, 1. Area: 1 * 1/2.
    assert average_precision([image([A], [(NOWHERE, 0.9), (A, 0.8)])]) == pytest.approx((0.5, 1))


def test_a_wrong_box_after_the_last_right_one_changes_nothing():
    assert average_precision([image([A], [(A, 0.9), (NOWHERE, 0.8)])]) == (1, 1)


def test_missed_faces_lower_recall():
    # right, wrong; three faces: precision 1, 1/2 at recall 1/3, 1/3. Area: 1/3.
    images = [image([A, B, C], [(A, 0.9), (NOWHERE, 0.8)])]
    assert average_precision(images) == pytest.approx((1 / 3, 1 / 3))


def test_a_dip_in_precision_is_filled_from_the_right():
    # wrong, right, right, right: precision 0, 1/2, 2/3, 3/4 at recall 0, 1/3, 2/3, 1; the envelope
    # is 3/4 everywhere. Area: 3/4.
    images = [image([A, B, C], [(NOWHERE, 0.9), (A, 0.8), (B, 0.7), (C, 0.6)])]
    assert average_precision(images) == pytest.approx((0.75, 1))


def test_a_second_detection_of_a_face_is_a_false_positive():
    one = image([A, B], [(A, 0.9), (A, 0.8), (B, 0.7)])
    assert judge(one) == [HIT, FALSE_POSITIVE, HIT]
    # right, wrong, right, as above.
    assert average_precision([one]) == pytest.approx((5 / 6, 1))


def test_the_best_score_takes_the_face_whatever_its_order():
    one = image([A], [((0, 0, 100, 90), 0.5), ((0, 0, 100, 60), 0.9)])
    assert judge(one) == [FALSE_POSITIVE, HIT]


def test_a_detection_takes_the_face_that_it_overlaps_most():
    near = (0, 0, 100, 70)  # of the first detection it covers 70 / 100, A all
    one = image([near, A], [(A, 0.9), (near, 0.8)])
    assert judge(one) == [HIT, HIT]


def test_a_detection_takes_the_next_face_where_the_best_is_taken():
    near = (0, 0, 100, 70)
    assert judge(image([near, A], [(A, 0.9), (A, 0.8)])) == [HIT, HIT]


def test_boxes_of_another_label_are_neither_right_nor_wrong():
    one = image([A, B], [(B, 0.9), (A, 0.8)], labels=["face", "mask"])
    assert judge(one) == [DROPPED, HIT]
    assert average_precision([one], label="face") == (1, 1)
    # With B as a face that is not annotated: wrong, right.
    alone = image([A], [(B, 0.9), (A, 0.8)])
    assert average_precision([alone], label="face") == pytest.approx((0.5, 1))


def test_without_a_label_every_box_counts():
    one = image([A, B], [(B, 0.9)], labels=["face", "mask"])
    assert average_precision([one]) == (0.5, 0.5)
    assert average_precision([one], label="mask") == (1, 1)


def test_small_boxes_are_neither_right_nor_wrong():
    one = image([A, SMALL], [(SMALL, 0.9), (A, 0.8)])
    assert judge(one) == [DROPPED, HIT]
    assert average_precision([one]) == (1, 1)
    # Ten pixels are enough here: both count, both are found.
    assert average_precision([one], min_height=10) == (1, 1)
    missed = image([A, SMALL], [(A, 0.8)])
    assert average_precision([missed], min_height=10) == (0.5, 0.5)


def test_a_missed_ignored_box_changes_nothing():
    assert average_precision([image([A, SMALL], [(A, 0.8)])]) == (1, 1)


def test_a_counted_face_goes_before_an_ignored_box():
    one = image([A, (0, 0, 100, 90)], [(A, 0.9)], labels=["face", "mask"])
    assert judge(one) == [HIT]


def test_half_an_overlap_is_enough():
    half = image([A], [((0, 0, 100, 50), 0.9)])  # 5000 / 10000
    assert judge(half, min_iou=0.5) == [HIT]
    assert judge(half, min_iou=0.51) == [FALSE_POSITIVE]
    assert average_precision([half], min_iou=0.51) == (0, 0)


def test_images_are_ranked_together():
    # 0.9 right, 0.8 wrong, 0.7 right; three faces: precision 1, 1/2, 2/3 at recall 1/3, 1/3, 2/3.
    # Area: 1/3 * 1 + 1/3 * 2/3 = 5/9.
    images = [image([A], [(NOWHERE, 0.8), (A, 0.7)]), image([A, B], [(B, 0.9)]), image([], [])]
    assert average_precision(images) == pytest.approx((5 / 9, 2 / 3))


def test_a_detection_in_an_image_without_faces():
    images = [image([A], [(A, 0.8)]), image([], [(A, 0.9)])]
    assert average_precision(images) == pytest.approx((0.5, 1))


def test_nothing_found_is_zero():
    assert average_precision([image([A], [])]) == (0, 0)


def test_no_counted_face_is_no_number():
    images = [image([SMALL], [(SMALL, 0.9)])]
    assert np.isnan(average_precision(images)).tolist() == [True, True]


def test_boxes_ignored_by_the_annotation():
    one = image([A, B], [(B, 0.9), (A, 0.8)], ignored=[1])
    assert judge(one) == [DROPPED, HIT]
    assert average_precision([one]) == (1, 1)
    # Ignored whatever its label: with that label nothing is left to count.
    named = image([A, B], [(B, 0.9)], labels=["face", "mask"], ignored=[1])
    assert np.isnan(average_precision([named], label="mask")).tolist() == [True, True]


def test_the_curve_has_a_point_for_each_score():
    one = image([A, B, C], [(A, 0.9), (NOWHERE, 0.8), (B, 0.7)])
    curve = precision_recall([one])
    np.testing.assert_allclose(curve.x, [1 / 3, 1 / 3, 2 / 3])
    np.testing.assert_allclose(curve.y, [1, 1 / 2, 2 / 3])
    assert precision_recall([image([SMALL], [(SMALL, 0.9)])]) is None


def test_the_area_without_a_precision():
    nan = float("nan")
    # The envelope is 3/4 up to recall 1/2, and 1/4 from there to 1: 3/8 + 1/8.
    assert area(Curve(np.array([0, 0.5, 1]), np.array([nan, 0.75, 0.25]))) == pytest.approx(0.5)
    assert area(Curve(np.zeros(3), np.full(3, nan))) == 0
