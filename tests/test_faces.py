"""Tests of Faces: indexing, and the plain values for JSON."""

import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtcnn_rt import LANDMARKS, Faces

COUNT = 5


@pytest.fixture(scope="module")
def faces() -> Faces:
    random = np.random.default_rng(0)
    shapes = ((COUNT, 4), (COUNT,), (COUNT, 5, 2))
    return Faces(*(random.uniform(0, 1, shape).astype(np.float32) for shape in shapes))


def assert_are(found: Faces, faces: Faces, numbers: list[int]):
    """Asserts that `found` are the faces with these numbers."""
    np.testing.assert_array_equal(found.boxes, faces.boxes[numbers].reshape(-1, 4))
    np.testing.assert_array_equal(found.scores, faces.scores[numbers])
    np.testing.assert_array_equal(found.landmarks, faces.landmarks[numbers].reshape(-1, 5, 2))
    assert len(found) == len(numbers)


def test_no_faces_have_the_shapes_of_some():
    faces = Faces.empty()
    assert len(faces) == 0
    assert list(faces) == []
    assert faces.to_dicts() == []
    assert (faces.boxes.shape, faces.scores.shape) == ((0, 4), (0,))
    assert faces.landmarks.shape == (0, 5, 2)
    assert faces.boxes.dtype == faces.scores.dtype == faces.landmarks.dtype == np.float32


@pytest.mark.parametrize(
    ("boxes", "scores", "landmarks", "message"),
    [
        (np.zeros((2, 4)), np.zeros(3), np.zeros((3, 5, 2)), r"boxes: expected (3, 4), not (2, 4)"),
        (np.zeros(4), np.zeros(1), np.zeros((1, 5, 2)), r"boxes: expected (1, 4), not (4,)"),
        (np.zeros((1, 4)), np.zeros(()), np.zeros((1, 5, 2)), r"scores: expected (N,), not ()"),
        (
            np.zeros((3, 4)),
            np.zeros(3),
            np.zeros((1, 5, 2)),
            r"landmarks: expected (3, 5, 2), not (1, 5, 2)",
        ),
        (
            np.zeros((3, 4)),
            np.zeros(3),
            np.zeros((3, 10)),
            r"landmarks: expected (3, 5, 2), not (3, 10)",
        ),
    ],
)
def test_arrays_that_do_not_fit_one_another_are_refused(boxes, scores, landmarks, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Faces(boxes, scores, landmarks)


def test_lists_are_refused():
    with pytest.raises(TypeError, match=r"^scores: expected a NumPy array, not list$"):
        Faces(np.zeros((1, 4)), [0.9], np.zeros((1, 5, 2)))


def test_iteration_gives_single_faces_in_order(faces):
    singles = list(faces)
    assert len(singles) == COUNT
    for number, single in enumerate(singles):
        assert_are(single, faces, [number])


@given(st.integers(-COUNT, COUNT - 1), st.sampled_from([int, np.int64, np.uint8, np.int8]))
def test_an_integer_gives_one_face(faces, index, kind):
    if index < 0 and kind is np.uint8:
        index += COUNT
    assert_are(faces[kind(index)], faces, [range(COUNT)[index]])


@given(st.slices(COUNT))
def test_a_slice_gives_the_faces_of_a_list_slice(faces, part):
    assert_are(faces[part], faces, list(range(COUNT))[part])


@given(st.lists(st.booleans(), min_size=COUNT, max_size=COUNT))
def test_a_mask_gives_the_faces_where_it_is_true(faces, mask):
    assert_are(faces[np.array(mask)], faces, np.flatnonzero(mask).tolist())


@given(st.lists(st.integers(-COUNT, COUNT - 1), max_size=9))
def test_indices_give_faces_in_their_order_with_repetitions(faces, indices):
    expected = [range(COUNT)[index] for index in indices]
    assert_are(faces[np.array(indices, int)], faces, expected)


@pytest.mark.parametrize("index", [COUNT, -COUNT - 1, 99, np.int64(COUNT)])
def test_an_integer_out_of_range_is_refused(faces, index):
    with pytest.raises(IndexError, match=rf"^face {index} of 5$"):
        faces[index]


def test_an_array_without_dimensions_is_an_integer(faces):
    assert_are(faces[np.array(-2)], faces, [COUNT - 2])


@pytest.mark.parametrize("index", [True, np.True_, np.array(True), None, np.zeros((2, 2), int)])
def test_what_selects_no_row_of_faces_is_refused(faces, index):
    expected = "an int, a slice, a mask (N,) or an array (M,) of ints"
    with pytest.raises(
        IndexError, match=re.escape(f"index of faces: expected {expected}, not {index!r}")
    ):
        faces[index]


def test_the_first_of_no_faces_is_refused():
    with pytest.raises(IndexError, match=r"^face 0 of 0$"):
        Faces.empty()[0]


@pytest.mark.parametrize("index", [np.array([0, COUNT]), np.array([True]), 0.0, "boxes"])
def test_other_wrong_indices_are_refused(faces, index):
    with pytest.raises(IndexError):
        faces[index]


def test_parts_have_the_types_of_the_whole(faces):
    for part in faces[0], faces[1:3], faces[np.zeros(COUNT, bool)]:
        assert part.boxes.dtype == part.scores.dtype == part.landmarks.dtype == np.float32
        assert part.boxes.shape == (len(part), 4)
        assert part.landmarks.shape == (len(part), 5, 2)


def test_to_dicts_survives_json(faces):
    dicts = json.loads(json.dumps(faces.to_dicts()))
    assert len(dicts) == COUNT
    for number, face in enumerate(dicts):
        assert list(face) == ["box", "score", "landmarks"]
        assert list(face["landmarks"]) == list(LANDMARKS)
        np.testing.assert_allclose(face["box"], faces.boxes[number], atol=0.00501)
        assert face["score"] == pytest.approx(float(faces.scores[number]), abs=0.00000501)
        points = list(face["landmarks"].values())
        np.testing.assert_allclose(points, faces.landmarks[number], atol=0.00501)


def test_to_dicts_rounds():
    boxes = np.array([[1.234, 5.678, 90.126, 120]], np.float32)
    landmarks = np.arange(10, dtype=np.float32).reshape(1, 5, 2) + np.float32(0.004)
    (face,) = Faces(boxes, np.array([0.9999949], np.float32), landmarks).to_dicts()
    assert face == {
        "box": [1.23, 5.68, 90.13, 120.0],
        "score": 0.99999,
        "landmarks": {
            "left_eye": [0.0, 1.0],
            "right_eye": [2.0, 3.0],
            "nose": [4.0, 5.0],
            "mouth_left": [6.0, 7.0],
            "mouth_right": [8.0, 9.0],
        },
    }
