"""Tests the samples that have the teacher's outputs, against slow and obvious references."""

import numpy as np
import pytest
from helpers import reference

from mtcnn_rt import MTCNN, _native
from mtcnn_rt.images import Image
from mtcnn_rt.training.distillation.proposals import find_proposals, squares_of_cells
from mtcnn_rt.training.distillation.samples import (
    DOUBTFUL,
    annotated_probabilities,
    assign_taught_kinds,
    cut_taught,
    taught_dtype,
)
from mtcnn_rt.training.distillation.selection import select
from mtcnn_rt.training.distillation.teacher import Teacher
from mtcnn_rt.training.samples import Kind, crop_samples


def random_boxes(rng, count, reach=100.0):
    corners = rng.uniform(0, reach, (count, 2))
    return np.hstack([corners, corners + rng.uniform(5, 40, (count, 1))]).astype(np.float32)


def kind_of(square, faces, ignored):
    """Returns the kind of a square, by the definition."""
    best = max((reference.iou(square, face[np.newaxis])[0] for face in faces), default=0)
    if best > 0.65:
        return Kind.POSITIVE
    if best >= 0.3:
        return Kind.PART
    area = (square[2] - square[0]) * (square[3] - square[1])
    for box in ignored:
        width = min(square[2], box[2]) - max(square[0], box[0])
        height = min(square[3], box[3]) - max(square[1], box[1])
        if width > 0 and height > 0 and width * height > 0.3 * area:
            return DOUBTFUL
    return Kind.NEGATIVE


@pytest.mark.parametrize(("faces", "ignored"), [(6, 6), (0, 4), (5, 0), (0, 0)])
def test_kinds(faces, ignored):
    rng = np.random.default_rng(faces)
    faces, ignored = random_boxes(rng, faces), random_boxes(rng, ignored)
    near = np.repeat(np.concatenate([faces, ignored]), 40, axis=0)
    near += rng.normal(0, 4, near.shape).astype(np.float32)
    squares = np.concatenate([random_boxes(rng, 100), near])
    kinds, nearest = assign_taught_kinds(squares, faces, ignored)
    assert kinds.tolist() == [kind_of(square, faces, ignored) for square in squares]
    for square, index in zip(squares, nearest, strict=True):
        if len(faces):
            overlaps = reference.iou(square, faces)
            assert overlaps[index] == overlaps.max()
    assert nearest.shape == (len(squares),)


def test_a_box_without_area_is_doubtful():
    squares = np.array([[40, 40, 60, 60], [0, 0, 30, 30]], np.float32)
    kinds, _ = assign_taught_kinds(squares, squares[:0], np.array([[50, 50, 50, 50]], np.float32))
    assert kinds.tolist() == [DOUBTFUL, Kind.NEGATIVE]


def test_probabilities_come_from_the_ignored_box_that_a_square_shows():
    ignored = np.array([[0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10]], np.float32)
    probabilities = np.array([0.25, np.nan, 0.75], np.float32)
    squares = np.array(
        [[0, 0, 10, 11], [20, 0, 30, 10], [40, 0, 50, 10], [44, 0, 64, 20]], np.float32
    )
    found = annotated_probabilities(squares, ignored, probabilities)
    np.testing.assert_array_equal(found, np.array([0.25, np.nan, 0.75, np.nan], np.float32))
    assert np.isnan(annotated_probabilities(squares, ignored[:0], probabilities[:0])).all()


@pytest.mark.parametrize("network", ["pnet", "rnet", "onet"])
def test_the_teacher_gives_what_its_engine_gives(sample_frame, network, detector):
    image = Image(sample_frame, bgr=True)
    rng = np.random.default_rng(0)
    squares = find_proposals(detector, image, 0.6, rng)["onet"].squares
    size = taught_dtype(network)["pixels"].shape[1]
    pixels = crop_samples(image, squares, size)["pixels"]
    outputs = Teacher("published").outputs(network, pixels)
    assert outputs.shape == (len(squares), taught_dtype(network)["teacher"].shape[0])
    engine = detector._cascade.engine
    if network == "pnet":
        layers = detector.model.networks["pnet"].layers
        expected = [_native.PNet(layers).cells(crop.astype(np.float32))[:, 0, 0] for crop in pixels]
        np.testing.assert_array_equal(outputs, expected)
        return
    run = engine.refine if network == "rnet" else engine.output
    # Its crops are not rounded to whole values.
    np.testing.assert_allclose(outputs, run([image], [squares])[0], atol=0.3)


def test_no_crop_has_no_outputs():
    pixels = np.zeros((0, 3, 12, 12), np.uint8)
    assert Teacher("published").outputs("pnet", pixels).shape == (0, 5)


def test_the_squares_of_cells_are_what_p_net_sees(sample_frame):
    """P-Net gives the cells' own squares the logits that it gives the cells."""
    detector = MTCNN(min_face_size=40, thresholds=(0.6, 0.7, 0.7), threads=1, model="published")
    image = Image(sample_frame, bgr=True)
    cells = find_proposals(detector, image, 0.9, np.random.default_rng(0))["pnet"]
    samples = crop_samples(image, cells.squares, 12)
    outputs = Teacher("published").outputs("pnet", samples["pixels"])
    logits = np.log(cells.scores / (1 - np.minimum(cells.scores, 1 - 1e-6)))
    assert np.corrcoef(outputs[:, 0], logits)[0, 1] > 0.8
    assert np.median(np.abs(outputs[:, 0] - logits)) < 0.5


def test_a_cell_begins_where_the_authors_box_does_not():
    # A level at half the scale: its cell of 12 pixels at 0 covers 24 pixels of the image.
    boxes = np.array([[1 / 0.5 - 1, 1 / 0.5 - 1, 12 / 0.5, 12 / 0.5]], np.float32)
    np.testing.assert_allclose(squares_of_cells(boxes), [[0, 0, 24, 24]], atol=1e-5)


def test_samples_have_labels_and_the_teachers_outputs(sample_frame):
    squares = np.array([[10, 10, 60, 60], [12, 12, 62, 62]], np.float32)
    boxes = np.array([[15, 10, 60, 60], [15, 10, 60, 60]], np.float32)
    landmarks = np.full((2, 5, 2), 35, np.float32)
    kinds = np.array([Kind.POSITIVE, DOUBTFUL])
    teacher = Teacher("published")
    image = Image(sample_frame, bgr=True)
    positive, doubtful = cut_taught(image, "onet", squares, kinds, boxes, landmarks, teacher)
    np.testing.assert_allclose(positive["box"], [0.1, 0, 1, 1])
    np.testing.assert_allclose(positive["landmarks"], 0.5)
    assert np.isnan(doubtful["box"]).all()
    expected = teacher.outputs("onet", doubtful["pixels"][np.newaxis])[0]
    np.testing.assert_array_equal(doubtful["teacher"], expected)
    [alone, _] = cut_taught(image, "onet", squares, kinds, boxes, landmarks, None)
    assert np.isnan(alone["teacher"]).all()


def test_half_of_the_selected_negatives_are_the_hardest():
    rng = np.random.default_rng(0)
    kinds = rng.choice([0, 1, 2, DOUBTFUL], 400)
    scores = rng.normal(size=400).astype(np.float32)
    chosen = select(kinds, scores, (20, 5, 1000, 0), rng)
    assert len(set(chosen.tolist())) == len(chosen)
    counts = {kind: (kinds[chosen] == kind).sum() for kind in (0, 1, 2, DOUBTFUL)}
    assert counts == {0: 20, 1: 5, 2: (kinds == 2).sum(), DOUBTFUL: 0}
    negatives = np.flatnonzero(kinds == 0)
    hardest = negatives[np.argsort(-scores[negatives])][:10]
    assert set(hardest.tolist()) <= set(chosen.tolist())
