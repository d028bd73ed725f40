"""Tests FDDB's curves and regions against a slow implementation and cases computed by hand."""

import math

import numpy as np
import pytest
from helpers import reference_evaluation
from hypothesis import given, settings
from hypothesis import strategies as st

from mtcnn_rt.evaluation.fddb import FddbJudgedImage, rate_at, roc
from mtcnn_rt.evaluation.regions import draw_region, region_overlaps


def image(overlaps, scores):
    return FddbJudgedImage(
        np.array(overlaps, float).reshape(len(scores), -1), np.array(scores, float)
    )


def points(curve):
    return list(zip(curve.x.tolist(), curve.y.tolist(), strict=True))


def test_two_faces_by_hand():
    # Two faces. 0.9 finds one with overlap 0.8, 0.8 nothing, 0.7 the other with 0.4 only.
    result = roc([image([[0.8, 0], [0, 0], [0, 0.4]], [0.9, 0.8, 0.7])])
    assert result.thresholds.tolist() == [0.9, 0.8, 0.7]
    assert points(result.discrete) == [(0, 0.5), (1, 0.5), (2, 0.5)]
    np.testing.assert_allclose(points(result.continuous), [(0, 0.4), (1, 0.4), (2, 0.6)])


def test_half_an_overlap_is_not_enough():
    assert points(roc([image([[0.5]], [0.9])]).discrete) == [(1, 0)]


def test_the_greatest_sum_pairs():
    # The first prefers face 0 (0.7), but the second has only that: 0.6 + 0.6 is more than 0.7.
    both = image([[0.7, 0.6], [0.6, 0]], [0.9, 0.8])
    result = roc([both])
    assert points(result.discrete) == [(0, 0.5), (0, 1)]
    np.testing.assert_allclose(points(result.continuous), [(0, 0.35), (0, 0.6)])


def test_a_second_detection_of_a_face_is_a_false_positive():
    assert points(roc([image([[0.9], [0.8]], [0.9, 0.8])]).discrete) == [(0, 1), (1, 1)]


def test_images_share_the_thresholds():
    one, other = image([[0.9]], [0.6]), image([[0.8], [0.0]], [0.7, 0.6])
    result = roc([one, other, FddbJudgedImage(np.zeros((0, 0)), np.zeros(0))])
    assert result.thresholds.tolist() == [0.7, 0.6]
    assert points(result.discrete) == [(0, 0.5), (1, 1)]


def test_missed_images_count():
    missed = FddbJudgedImage(np.zeros((0, 3)), np.zeros(0))
    assert points(roc([image([[0.9]], [0.6]), missed]).discrete) == [(0, 0.25)]
    nothing = roc([missed])
    assert points(nothing.discrete) == points(nothing.continuous) == []
    with pytest.raises(ValueError, match="no face is annotated"):
        roc([FddbJudgedImage(np.zeros((0, 0)), np.zeros(0))])


def test_rate_at_a_number_of_false_positives():
    curve = roc([image([[0.8, 0], [0, 0], [0, 0.7]], [0.9, 0.8, 0.7])]).discrete
    assert [rate_at(curve, count) for count in (0, 1, 1000)] == [0.5, 1, 1]
    assert rate_at(roc([FddbJudgedImage(np.zeros((0, 3)), np.zeros(0))]).discrete, 1000) == 0


@given(st.integers(0, 2**32))
def test_the_curves_are_those_of_the_slow_implementation(seed):
    random = np.random.default_rng(seed)
    images = []
    for _ in range(random.integers(1, 5)):
        shape = random.integers(0, 5), random.integers(0, 5)
        overlaps = random.random(shape) * (random.random(shape) < 0.5)
        images.append((overlaps, random.random(shape[0]).round(1)))
    if not any(overlaps.shape[1] for overlaps, _ in images):
        return
    result = roc([FddbJudgedImage(overlaps, scores) for overlaps, scores in images])
    expected = np.array(reference_evaluation.fddb(images)).reshape(-1, 4)
    np.testing.assert_allclose(result.thresholds, expected[:, 0])
    for curve, column in ((result.discrete, 2), (result.continuous, 3)):
        np.testing.assert_allclose(curve.x, expected[:, 1], atol=1e-9)
        np.testing.assert_allclose(curve.y, expected[:, column], atol=1e-9)


def test_rectangles_have_the_expected_pixels():
    mask = draw_region(np.array([2.0, 3.0, 4.0, 1.0]), (8, 10))
    assert mask[3:5, 2:7].all()
    assert mask.sum() == 10


def test_regions_end_at_the_edge_of_the_image():
    whole = draw_region(np.array([-5.0, -5.0, 30.0, 30.0]), (8, 10))
    assert whole.sum() == 80
    # The half of a circle that is in the image and the half that is not: the overlap is that of
    # the halves.
    circle = np.array([[20.0, 20.0, 0.0, 0.0, 50.0]])
    half = np.array([[0.0, 30.0, 20.0, 40.0]])
    assert region_overlaps(half, circle, (100, 100))[0, 0] == pytest.approx(math.pi / 4, abs=0.03)


def test_the_angle_turns_towards_the_lower_right():
    # A long ellipse from the upper left to the lower right: y grows downwards.
    mask = draw_region(np.array([40.0, 5.0, math.pi / 4, 50.0, 50.0]), (100, 100))
    assert mask[[30, 70], [30, 70]].all()
    assert not mask[[30, 70], [70, 30]].any()


@settings(max_examples=30)
@given(st.integers(0, 2**32))
def test_overlaps_are_those_of_the_pixels(seed):
    random = np.random.default_rng(seed)
    size = (60, 80)
    ellipse = [*random.integers(14, 24, 2), random.integers(-90, 90) * math.pi / 180, 40, 30]
    corner = random.integers(10, 30, 2)
    regions = [[*corner, *random.integers(15, 30, 2)], ellipse]
    for region in regions:
        wanted = [reference_evaluation.pixels(r, size) for r in (region, ellipse)]
        expected = len(wanted[0] & wanted[1]) / len(wanted[0] | wanted[1])
        found = region_overlaps(np.array([region], float), np.array([ellipse], float), size)
        assert found[0, 0] == pytest.approx(expected, abs=0.05)


def test_a_wrong_number_of_values_is_an_error():
    with pytest.raises(ValueError, match="a region has 4 or 5 numbers, not 3"):
        draw_region(np.zeros(3), (8, 8))
