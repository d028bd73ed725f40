import cv2
import numpy as np
import pytest
from helpers import reference
from hypothesis import given
from hypothesis import strategies as st

from mtcnn_rt import _native
from mtcnn_rt.images import Image
from mtcnn_rt.training.samples import (
    NO_SAMPLE,
    Kind,
    Truth,
    assign_kinds,
    boxes_in,
    crop_samples,
    face_samples,
    points_in,
    regressions,
)

NONE = np.zeros((0, 4), np.float32)


def floats(*rows):
    return np.array(rows, np.float32)


def square(x, y, side):
    return [x, y, x + side, y + side]


# Squares of side 100 beside one at the origin: shifted by d they have IoU (100 - d) / (100 + d).
@pytest.mark.parametrize(
    ("shift", "kind"),
    [
        (0, Kind.POSITIVE),
        (21, Kind.POSITIVE),  # 0.653
        (22, Kind.PART),  # 0.639
        (42, Kind.PART),  # 0.408
        (43, NO_SAMPLE),  # 0.399
        (53, NO_SAMPLE),  # 0.307
        (54, Kind.NEGATIVE),  # 0.299
        (200, Kind.NEGATIVE),
    ],
)
def test_kinds_are_those_of_the_paper(shift, kind):
    found, _ = assign_kinds(floats(square(shift, 0, 100)), Truth(floats(square(0, 0, 100)), NONE))
    assert found.tolist() == [kind]


def test_an_ignored_box_counts_neither_as_a_face_nor_against_one():
    ignored = Truth(NONE, floats(square(0, 0, 100)))
    squares = floats(square(0, 0, 100), square(10, 10, 20), square(80, 0, 28), square(81, 0, 28))
    # The box itself, within it, and with 20 / 28 and 19 / 28 of themselves in it.
    assert assign_kinds(squares, ignored)[0].tolist() == [NO_SAMPLE] * 4
    beside = floats(square(93, 0, 25), square(92, 0, 25))  # 0.28 and 0.32 of them in it
    assert assign_kinds(beside, ignored)[0].tolist() == [Kind.NEGATIVE, NO_SAMPLE]
    both = Truth(floats(square(0, 0, 100)), floats(square(0, 0, 90)))
    assert assign_kinds(floats(square(0, 0, 100)), both)[0].tolist() == [Kind.POSITIVE]


@pytest.mark.parametrize("empty", [[50, 50, 50, 50], [50, 40, 50, 60], [45, 50, 60, 50]])
def test_a_box_without_area_is_no_background(empty):
    squares = floats(square(40, 40, 20), square(0, 0, 100), square(0, 0, 30), square(61, 61, 20))
    face = floats(square(0, 0, 100))
    kinds = assign_kinds(squares, Truth(NONE, floats(empty)))[0]
    assert kinds.tolist() == [NO_SAMPLE, NO_SAMPLE, Kind.NEGATIVE, Kind.NEGATIVE]
    kinds = assign_kinds(squares, Truth(face, floats(empty)))[0]
    assert kinds.tolist() == [NO_SAMPLE, Kind.POSITIVE, Kind.NEGATIVE, Kind.NEGATIVE]


def test_an_image_without_faces_has_negatives_only():
    found, nearest = assign_kinds(floats(square(0, 0, 10), square(5, 5, 30)), Truth(NONE, NONE))
    assert found.tolist() == [Kind.NEGATIVE, Kind.NEGATIVE]
    assert nearest.tolist() == [0, 0]


boxes = st.tuples(
    *[st.integers(0, 60)] * 2, *[st.integers(5, 60)] * 2
).map(lambda b: [b[0], b[1], b[0] + b[2], b[1] + b[3]])  # fmt: skip


@given(
    st.lists(boxes, min_size=1, max_size=5),
    st.lists(boxes, max_size=4),
    st.lists(boxes, max_size=3),
)
def test_kinds_equal_those_of_one_box_at_a_time(squares, faces, ignored):
    given_faces = Truth(*(np.array(rows, np.float32).reshape(-1, 4) for rows in (faces, ignored)))
    found, nearest = assign_kinds(np.array(squares, np.float32), given_faces)
    for one, kind, face in zip(np.array(squares, float), found, nearest, strict=True):
        overlaps = [float(reference.iou(one, np.array(other, float))) for other in faces]
        best = max(overlaps, default=0)
        within = [covered_fraction(one, other) for other in ignored]
        if kind == Kind.NEGATIVE:
            assert best < 0.3
            assert max(within, default=0) < 0.3
        elif kind == Kind.PART:
            assert 0.4 <= best <= 0.65
        elif kind == Kind.POSITIVE:
            assert best > 0.65
        else:
            assert 0.3 <= best < 0.4 or (best < 0.3 and max(within) >= 0.3)
        if best > 0:
            assert overlaps[face] == best


def covered_fraction(one, other):
    sides = [min(one[k + 2], other[k + 2]) - max(one[k], other[k]) for k in (0, 1)]
    return max(sides[0], 0) * max(sides[1], 0) / ((one[2] - one[0]) * (one[3] - one[1]))


def test_crops_are_those_of_detection():
    pixels = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    squares = floats(square(3.5, 4.25, 17), square(-6, 20, 30))
    samples = crop_samples(Image(pixels, bgr=True), squares, 24)
    for sample, box in zip(samples, squares, strict=True):
        expected = reference.area_average(pixels[..., ::-1], box, 24, 24)
        assert np.abs(sample["pixels"] - expected).max() <= 0.501
    assert samples["side"].tolist() == [17, 30]


def test_face_samples_have_the_targets_of_their_kinds():
    image = Image(np.zeros((100, 100, 3), np.uint8), bgr=True)
    faces = Truth(floats([10, 20, 30, 44]), NONE)
    squares = floats(square(8, 20, 24), square(14, 20, 30), square(19, 20, 24), square(60, 60, 20))
    samples = face_samples(image, squares, faces, 12)
    # 480 / 576, 384 / 996; the third has 264 / 792 = 0.33 and is no sample.
    assert samples["kind"].tolist() == [Kind.POSITIVE, Kind.NEGATIVE]
    np.testing.assert_allclose(samples["box"][0], [2 / 24, 0, 22 / 24, 1], atol=1e-6)
    assert np.isnan(samples["box"][1]).all()
    assert np.isnan(samples["landmarks"]).all()


def test_the_core_restores_boxes_and_landmarks():
    rng = np.random.default_rng(3)
    corners = rng.uniform(-20, 60, (30, 2)).astype(np.float32)
    squares = np.hstack([corners, corners + rng.uniform(12, 90, (30, 1)).astype(np.float32)])
    faces = squares + rng.uniform(-5, 5, (30, 4)).astype(np.float32)
    inside = boxes_in(squares, faces)
    moves = regressions(inside, squares[:, 2] - squares[:, 0], "onet")
    np.testing.assert_allclose(_native.calibrate(squares, moves), faces, atol=1e-4)
    points = rng.uniform(-20, 100, (30, 5, 2)).astype(np.float32)
    np.testing.assert_allclose(
        _native.place(squares, points_in(squares, points)), points, atol=1e-4
    )


@pytest.mark.parametrize("scale", [0.15, 0.5, 1.0])
def test_regressions_of_pnet_move_the_cell_of_the_core(scale):
    cells = np.full((5, 6, 7), -9, np.float32)
    cells[0, 4, 3] = 9
    found, _, _ = _native.candidates(cells, 0.6, 0, (scale, scale))
    # Cell (row 4, column 3) covers 12 x 12 pixels of the level from (6, 8) on.
    cell = floats([6 / scale, 8 / scale, 18 / scale, 20 / scale])
    face = cell + floats([1, -2, 3, 2.5])
    side = np.array([12 / scale], np.float32)
    moves = regressions(boxes_in(cell, face), side, "pnet")
    np.testing.assert_allclose(_native.calibrate(found, moves), face, rtol=1e-4, atol=1e-3)


def test_a_crop_of_the_input_size_is_the_image(sample_frame):
    whole = cv2.resize(sample_frame, (48, 48), interpolation=cv2.INTER_AREA)
    small = crop_samples(Image(whole, bgr=True), floats([0, 0, 48, 48]), 48)[0]
    np.testing.assert_array_equal(small["pixels"].transpose(1, 2, 0), whole[..., ::-1])
