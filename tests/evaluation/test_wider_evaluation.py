"""Tests WIDER FACE's evaluation against a slow implementation and cases computed by hand."""

import numpy as np
import pytest
from helpers import reference_evaluation
from hypothesis import given, settings
from hypothesis import strategies as st

from mtcnn_rt.evaluation.detections import corners
from mtcnn_rt.evaluation.wider import (
    WiderJudgedImage,
    average_precision,
    count,
    judge,
    precision_recall,
    spread_scores,
)

# x, y, width, height: faces of 100 x 100 that do not overlap, and a place without any.
A, B, C = (0, 0, 99, 99), (200, 0, 99, 99), (400, 0, 99, 99)
NOWHERE = (0, 500, 99, 99)


def image(faces, found, counted=None):
    """Makes a judged image.

    Args:
        faces: The annotated boxes.
        found: Boxes and scores of the detections, highest score first.
        counted: Indices of the faces that count; all by default.
    """
    boxes = corners(np.array(faces, float))
    mask = np.isin(np.arange(len(boxes)), range(len(boxes)) if counted is None else counted)
    detections = corners(np.array([box for box, _ in found], float))
    return WiderJudgedImage(boxes, mask, detections, np.array([score for _, score in found], float))


def outcomes(one):
    """Returns a letter for each detection: h, a face found; f, wrong; -, dropped."""
    return "".join(
        "h" if hit else "f" if counts else "-" for counts, hit in zip(*judge(one), strict=True)
    )


def test_found_and_wrong():
    assert outcomes(image([A, B], [(A, 0.9), (NOWHERE, 0.8), (B, 0.7)])) == "hfh"


def test_the_second_detection_of_a_face_is_wrong_even_if_another_is_free():
    # Plain average precision would give the second one the face next to it.
    near = (0, 0, 99, 69)
    assert outcomes(image([A, near], [(A, 0.9), (A, 0.8)])) == "hf"


def test_an_ignored_box_takes_what_overlaps_it_most():
    near = (0, 0, 99, 69)  # 0.7 of A
    assert outcomes(image([A, near], [(A, 0.9)], counted=[1])) == "-"
    assert outcomes(image([A, near], [(near, 0.9)], counted=[1])) == "h"
    assert outcomes(image([A, near], [(A, 0.9)], counted=[0])) == "h"


def test_widths_reach_to_the_last_pixel():
    # 10 columns and 5: 5 / 10. Without the last pixel it would be 4 / 9.
    assert outcomes(image([(0, 0, 9, 9)], [((0, 0, 4, 9), 0.9)])) == "h"
    assert outcomes(image([(0, 0, 9, 9)], [((0, 0, 3, 9), 0.9)])) == "f"
    # Side by side in continuous coordinates, but one column in common here.
    assert outcomes(image([(0, 0, 1, 1)], [((1, 0, 1, 1), 0.9)])) == "f"  # 2 / (4 + 4 - 2)


def test_counts_at_thresholds():
    detections, hits = count(image([A, B], [(A, 1.0), (NOWHERE, 0.5), (B, 0.25)]))
    # Entry t is for scores from 1 - (t + 1) / 1000 up.
    assert detections[[0, 498, 499, 748, 749, 999]].tolist() == [1, 1, 2, 2, 3, 3]
    assert hits[[0, 498, 499, 748, 749, 999]].tolist() == [1, 1, 1, 1, 2, 2]


def test_average_precision_by_hand():
    # right, wrong, right: precision 1, 1/2, 2/3 at recall 1/2, 1/2, 1: 1/2 + 1/2 * 2/3.
    one = image([A, B], [(A, 1.0), (NOWHERE, 0.5), (B, 0.0)])
    assert average_precision([one]) == pytest.approx(5 / 6)
    # With a third face, elsewhere, missed: 1/3 + 1/3 * 2/3.
    assert average_precision([one, image([C], [])]) == pytest.approx(5 / 9)


def test_detections_in_an_image_without_faces_do_not_count():
    one = image([A], [(A, 0.5)])
    assert average_precision([one, image([], [(A, 1.0), (B, 0.9)])]) == 1


def test_detections_in_an_image_whose_faces_are_ignored_count():
    one = image([A], [(A, 0.5)])
    # wrong, right.
    assert average_precision([one, image([B], [(C, 1.0)], counted=[])]) == pytest.approx(0.5)
    assert average_precision([one, image([B], [(B, 1.0)], counted=[])]) == 1


def test_nothing_found_and_nothing_to_find():
    assert average_precision([image([A], [])]) == 0
    assert np.isnan(average_precision([image([A], [(A, 1.0)], counted=[])]))


def test_scores_are_spread_over_the_set():
    spread = spread_scores([np.array([0.9, 0.5]), np.zeros(0), np.array([0.6])])
    np.testing.assert_allclose(np.concatenate(spread), [1, 0, 0.25], atol=1e-6)
    assert [len(one) for one in spread] == [2, 0, 1]
    assert spread_scores([np.zeros(0)])[0].shape == (0,)
    # The highest score is never taken to be below 0.
    np.testing.assert_allclose(spread_scores([np.array([-1.0, -3.0])])[0], [2 / 3, 0], atol=1e-6)
    for same in ([0.5, 0.5], [0.5, 0.5 + 1e-9]):
        with pytest.raises(ValueError, match=r"every detection has the score 0\.5"):
            spread_scores([np.array(same)])


def test_scores_that_equal_a_threshold():
    # In single precision 0.3 is a little more than in double, and 0.7 a little less.
    [scores] = spread_scores([np.array([1.0, 0.7, 0.3, 0.0])])
    found = [(box, score) for box, score in zip([A, B, C, NOWHERE], scores, strict=True)]
    hits = count(image([A, B, C], found))[1]
    assert hits[[298, 299, 300]].tolist() == [1, 1, 2]  # from 0.701, 0.7 and 0.699 up
    assert hits[[698, 699, 700]].tolist() == [2, 3, 3]  # from 0.301, 0.3 and 0.299 up


@st.composite
def data_sets(draw):
    """Draws a few images with faces of 10 to 30 pixels, some of them ignored, and detections.

    The detections are near the faces and elsewhere. Their scores have two digits, so that some are
    equal.
    """
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    images = []
    for _ in range(draw(st.integers(1, 4))):
        faces = [random_box(random) for _ in range(random.integers(0, 6))]
        found = [[*random_box(random), two_digits(random)] for _ in range(random.integers(0, 3))]
        for face in faces:
            for _ in range(random.integers(0, 3)):
                moved = np.array(face) + random.integers(-4, 5, 4)
                found.append([*np.maximum(moved, [0, 0, 1, 1]).tolist(), two_digits(random)])
        counted = [i for i in range(len(faces)) if random.random() < 0.7]
        images.append({"faces": faces, "counted": counted, "found": found})
    return images


def random_box(random):
    return [*random.integers(0, 40, 2).tolist(), *random.integers(10, 30, 2).tolist()]


def two_digits(random):
    return round(float(random.random()), 2)


@settings(max_examples=30)
@given(data_sets())
def test_the_curve_is_that_of_the_slow_implementation(images):
    found = [sorted(one["found"], key=lambda row: -row[4]) for one in images]
    every = [row[4] for rows in found for row in rows]
    if len(set(every)) < 2 or not any(one["counted"] for one in images):
        return
    spread = spread_scores([np.array([row[4] for row in rows]) for rows in found])
    ours = [
        image(one["faces"], [(row[:4], s) for row, s in zip(rows, scores, strict=True)])
        for one, rows, scores in zip(images, found, spread, strict=True)
    ]
    masked = [
        WiderJudgedImage(
            one.boxes, np.isin(np.arange(len(one.boxes)), given["counted"]), one.found, one.scores
        )
        for one, given in zip(ours, images, strict=True)
    ]
    expected, points = reference_evaluation.wider(images)
    assert average_precision(masked) == pytest.approx(expected, abs=1e-12)
    curve = precision_recall(masked)
    np.testing.assert_allclose(curve.x, [recall for recall, _ in points], atol=1e-12)
    wanted = [np.nan if precision is None else precision for _, precision in points]
    np.testing.assert_allclose(curve.y, wanted, atol=1e-12)
