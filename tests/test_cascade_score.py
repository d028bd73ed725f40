"""Tests of the score of a face: from the logits of all networks, or of O-Net alone."""

from dataclasses import replace

import numpy as np
import pytest
from helpers import reference
from helpers.same_faces import assert_same
from hypothesis import given
from hypothesis import strategies as st

from mtcnn_rt import MTCNN, _native
from mtcnn_rt._best_squares import output_until_sure
from mtcnn_rt._cascade import NMS_OUTPUT
from mtcnn_rt._native import as_logits, as_probabilities
from mtcnn_rt._proposals import Proposals
from mtcnn_rt._score import ScoreModel
from mtcnn_rt.images import as_image
from mtcnn_rt.tracking import Tracker
from mtcnn_rt.tracking.finder import Finder

LOW = (0.5, 0.1, 0.02)
MODEL = ScoreModel((0.15, 0.35, 0.5), -0.75, (0.5, -1.0))
numbers = st.integers(-8, 8).map(lambda quarters: quarters / 4)


@pytest.fixture(scope="module")
def cascade():
    return MTCNN(40, thresholds=LOW, threads=1, model="published")._cascade


@pytest.fixture(scope="module")
def frame(sample_frame):
    return as_image(sample_frame)


def fuse(model, logits):
    """Returns the logits of the scores; None if the model has no weights for so many networks."""
    weights = model.weights_of(logits.shape[1])
    return None if weights is None else _native.fuse(logits, weights)


def test_logits_are_weighted_and_clipped():
    logits = np.array([[2, 4, 6], [-1, 0, 1], [99, -99, 16]], np.float32)
    expected = [0.3 + 1.4 + 3 - 0.75, -0.15 + 0.5 - 0.75, 2.4 - 5.6 + 8 - 0.75]
    np.testing.assert_allclose(fuse(MODEL, logits), expected, rtol=1e-6)
    assert fuse(MODEL, logits).dtype == np.float32
    described = {"weights": MODEL.weights, "bias": MODEL.bias}
    scores = [reference.fused(row.tolist(), described) for row in logits]
    np.testing.assert_allclose(as_probabilities(fuse(MODEL, logits)), scores, rtol=1e-6)


def test_infinite_logits_are_clipped():
    logits = np.array([[np.inf, np.inf, np.inf], [-np.inf, -np.inf, -np.inf]], np.float32)
    np.testing.assert_allclose(fuse(MODEL, logits), [16 - 0.75, -16 - 0.75])


def test_onet_alone_has_a_weight_and_a_bias_of_its_own():
    logits = np.array([[2], [-20]], np.float32)
    np.testing.assert_allclose(fuse(MODEL, logits), [0, -9])
    assert fuse(replace(MODEL, onet_alone=None), logits) is None


def test_no_faces_have_no_scores():
    for networks in (1, 3):
        assert fuse(MODEL, np.zeros((0, networks), np.float32)).shape == (0,)


def test_logits_and_probabilities_are_inverse():
    logits = np.array([-12, -3, 0, 0.5, 8], np.float32)
    np.testing.assert_allclose(as_logits(as_probabilities(logits)), logits, rtol=1e-3, atol=1e-6)
    np.testing.assert_array_equal(as_logits(np.array([0, 1], np.float32)), [-16, 16])
    extreme = as_probabilities(np.array([-1e30, 1e30], np.float32))
    assert extreme.tolist() == [0, 1]


@given(weights=st.tuples(numbers, numbers, numbers), bias=numbers, seed=st.integers(0, 99))
def test_the_score_decides_which_boxes_stay_and_their_order(cascade, frame, weights, bias, seed):
    """Boxes of few pixels' distance, and logits without relation to each other."""
    random = np.random.default_rng(seed)
    corners = random.uniform(0, 60, (30, 2))
    squares = np.hstack([corners, corners + random.uniform(20, 60, (30, 1))]).astype(np.float32)
    before = random.normal(0, 6, (30, 2)).astype(np.float32)
    outputs = np.zeros((30, 15), np.float32)
    outputs[:, 0] = random.uniform(-3, 12, 30)
    fused = replace(cascade, score=ScoreModel(weights, bias))
    faces, sources, _ = fused._output(Proposals(squares, before), outputs)

    logits = np.column_stack([before, outputs[:, 0]])
    scores = [reference.fused(row.tolist(), {"weights": weights, "bias": bias}) for row in logits]
    ranking = np.clip(logits.astype(float), -16, 16) @ weights  # sigmoids near 1 are equal
    passed = np.flatnonzero(np.array(scores) > LOW[2])
    kept = passed[reference.nms(squares[passed], ranking[passed], NMS_OUTPUT, "smaller")]
    assert sources.tolist() == kept.tolist()
    np.testing.assert_allclose(faces.scores, np.array(scores)[kept], atol=1e-5)
    assert (np.diff(faces.scores) <= 0).all()


def test_a_score_from_onet_alone_changes_nothing(cascade, frame):
    same = replace(cascade, score=ScoreModel((0, 0, 1), 0))
    [faces], [expected] = same.detect([frame]), cascade.detect([frame])
    assert len(faces) > 4
    np.testing.assert_array_equal(faces.boxes, expected.boxes)
    np.testing.assert_allclose(faces.scores, expected.scores, atol=1e-6)


@pytest.mark.parametrize(("bias", "threshold"), [(0, 0.7), (-4, 0.1), (3, 0.98)])
def test_the_last_threshold_is_of_the_score(cascade, frame, bias, threshold):
    """A bias of the score moves the threshold that gives the same faces."""
    scored = replace(cascade, score=ScoreModel((0, 0, 1), bias), thresholds=(0.6, 0.7, threshold))
    [faces] = scored.detect([frame])
    onet = as_probabilities(as_logits(faces.scores) - np.float32(bias))
    least = as_probabilities(as_logits(np.float32([threshold])) - np.float32(bias))
    assert faces.scores.min() > threshold
    assert onet.min() > least[0] - 1e-4
    [plain] = replace(cascade, thresholds=(0.6, 0.7, float(least[0]))).detect([frame])
    np.testing.assert_array_equal(faces.boxes, plain.boxes)
    assert len(faces) == 4


def test_proposals_carry_the_logits_of_the_networks(cascade, frame):
    proposals = cascade.propose(frame)
    assert (len(proposals), proposals.logits.shape) == (len(proposals.squares), (len(proposals), 1))
    assert (proposals.logits > 0).all()  # a threshold of 0.5
    [refined] = cascade.refine([frame], [proposals])
    assert refined.logits.shape == (len(refined), 2)
    [outputs] = cascade.engine.refine([frame], [proposals.squares])
    for pnet, rnet in refined.logits:
        [place] = np.flatnonzero(outputs[:, 0] == rnet)
        assert proposals.logits[place, 0] == pnet


def test_joined_proposals():
    one = Proposals(np.ones((2, 4), np.float32), np.ones((2, 1), np.float32))
    joined = Proposals.join([one, one[:1]], networks=1)
    assert (joined.squares.shape, joined.logits.shape) == ((3, 4), (3, 1))
    nothing = Proposals.join([], networks=2)
    assert (len(nothing), nothing.logits.shape) == (0, (0, 2))
    assert Proposals.of(one.squares).with_logits(np.ones(2, np.float32)).shape == (2, 1)


def test_faces_that_onet_alone_finds_have_a_score_of_their_own(cascade, frame):
    [faces] = cascade.detect([frame])
    expected, sources = Finder(cascade).find_at(frame, faces.boxes)
    least = as_probabilities(0.5 * as_logits(np.float32([LOW[2]])) - 1)  # of the same faces
    scored = replace(cascade, score=MODEL, thresholds=(*LOW[:2], float(least[0])))
    found, places = Finder(scored).find_at(frame, faces.boxes)
    assert len(found) == len(expected) >= 4
    np.testing.assert_array_equal(np.sort(places), np.sort(sources))
    order = [places.tolist().index(place) for place in sources]
    logits = as_logits(expected.scores)
    np.testing.assert_allclose(found.scores[order], as_probabilities(0.5 * logits - 1), atol=1e-3)


def test_without_an_entry_for_onet_alone_its_probability_is_the_score(cascade, frame):
    [faces] = cascade.detect([frame])
    plain = replace(cascade, score=replace(MODEL, onet_alone=None))
    found, _ = Finder(plain).find_at(frame, faces.boxes)
    assert_same(found, Finder(cascade).find_at(frame, faces.boxes)[0])


@pytest.mark.parametrize("near", [False, True])
def test_new_faces_have_the_score_of_detect(cascade, frame, near):
    fused = replace(cascade, score=MODEL, thresholds=(0.6, 0.7, 0.7))
    [faces] = fused.detect([frame])
    nothing = np.zeros((0, 4), np.float32)
    found = Finder(fused).find_new(frame, nothing, faces.boxes if near else None)
    assert len(found) == len(faces) == 4
    np.testing.assert_allclose(found.scores, faces.scores, atol=0.03 if near else 0)


def test_a_tracker_keeps_scores_comparable(sample_frame):
    """A still video: faces that O-Net alone follows keep about the score of the first frame."""
    detector = MTCNN(40, threads=1, model="published")
    detector._cascade = replace(
        detector._cascade, score=ScoreModel((0.1, 0.1, 0.3), -0.5, (0.5, -0.5))
    )
    tracker = Tracker(detector, detect_every=10)
    first = tracker.update(sample_frame, 0.0)
    np.testing.assert_array_equal(
        np.sort(first.faces.scores), np.sort(detector.detect(sample_frame).scores)
    )
    for index in range(1, 6):
        tracked = tracker.update(sample_frame, index / 25)
        assert tracked.ids.tolist() == first.ids.tolist()
        np.testing.assert_allclose(tracked.faces.scores, first.faces.scores, atol=0.1)
        assert tracked.faces.scores.max() < 0.999  # O-Net's probabilities are 0.9999
    assert tracker.full_detections == 1


def test_the_last_nms_may_take_the_union(cascade, frame):
    """Boxes inside one another, as of a head and its face, then both stay."""
    squares = np.array([[0, 0, 60, 60], [5, 5, 40, 40], [1, 1, 61, 61]], np.float32)
    outputs = np.zeros((3, 15), np.float32)
    outputs[:, 0] = 3, 2, 1
    proposals = Proposals.of(squares)
    _, smaller, _ = cascade._output(proposals, outputs)
    _, union, _ = replace(cascade, nms_output=0.5)._output(proposals, outputs)
    assert (smaller.tolist(), union.tolist()) == ([0], [0, 1])


@pytest.mark.parametrize(("sure", "most"), [(0.0, 1), (0.9, 0.7), (1.0, 1)])
def test_onet_sees_one_square_of_a_face_that_it_is_sure_of(cascade, frame, sure, most):
    [refined] = cascade.refine([frame], [cascade.propose(frame)])
    careful = replace(cascade, sure_score=sure)
    [seen], [outputs] = output_until_sure(careful, [frame], [refined], sure)
    assert len(seen) == len(outputs)
    best = reference.nms(refined.squares, refined.logits[:, -1], 0.4)
    np.testing.assert_array_equal(seen.squares[: len(best)], refined.squares[best])
    if sure == 0:  # sure of all: no other square
        left = reference.iou  # of a square that is not seen with one that is
        for square in refined.squares:
            assert left(square.astype(float), seen.squares.astype(float)).max() > 0.4
        assert len(seen) < 0.5 * len(refined)
    if sure == 1:  # of none
        assert len(seen) == len(refined)
    assert len(seen) <= most * len(refined)
    [expected] = cascade.engine.output([frame], [seen.squares])
    np.testing.assert_allclose(outputs, expected, atol=1e-5)


def test_the_faces_stay_where_onet_is_sure(cascade, frame):
    high = replace(cascade, thresholds=(0.6, 0.5, 0.5))
    [faces], [expected] = (one.detect([frame]) for one in (replace(high, sure_score=0.9), high))
    assert len(faces) == len(expected) == 4
    for box in faces.boxes.astype(float):
        assert reference.iou(box, expected.boxes.astype(float)).max() > 0.8


def test_nothing_to_be_sure_of(cascade):
    empty = as_image(np.zeros((60, 60, 3), np.uint8))
    assert len(replace(cascade, sure_score=0.9).detect([empty])[0]) == 0


def test_nms_after_calibration_gives_onet_fewer_crops(cascade, frame):
    after = replace(cascade, nms_after_calibration=0.6)
    proposals = cascade.propose(frame)
    [many], [few] = (one.refine([frame], [proposals]) for one in (cascade, after))
    assert len(few) < len(many)
    for i, one in enumerate(few.squares):
        others = np.delete(few.squares, i, axis=0).astype(float)
        assert (reference.iou(one.astype(float), others) < 0.8).all()
    [faces] = after.detect([frame])
    assert len(faces) >= 4
