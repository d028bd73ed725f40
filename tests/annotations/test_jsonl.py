"""Tests annotations in JSON lines."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtcnn_rt.annotations import jsonl, read_annotations
from mtcnn_rt.annotations.lines import Line

FACE = [[1, 2], [3, 4], [5, 6], [7, 8], [9, 10]]
GOOD = {"image": "good.jpg", "boxes": [[1, 2, 3, 4]]}


def test_all_keys_of_a_line(data):
    described = {
        "image": "a.jpg",
        "size": [8, 8],
        "boxes": [[1, 2, 3, 4], [5, 6, 7, 8], [1, 1, 0, 5]],
        "landmarks": [FACE, None, None],
        "labels": ["mask", "", "no_mask"],
        "ignored": [False, True, False],
        "split": "train",
    }
    path = data("annotations.jsonl", json.dumps(described) + "\n", ("a.jpg",))
    [image] = read_annotations(path.parent).images
    assert image.boxes.tolist() == [[1, 2, 4, 6], [5, 6, 12, 14], [1, 1, 1, 6]]
    assert image.landmarks[0].tolist() == FACE
    assert np.isnan(image.landmarks[1:]).all()
    assert image.labels == ("mask", "", "no_mask")
    assert image.ignored.tolist() == [False, True, True]  # the last has no width
    assert image.split == "train"


def test_probabilities_of_other_detectors(data):
    good = GOOD | {"boxes": [[1, 2, 3, 4]] * 3, "teacher": [0.25, None, 1]}
    wrong = [[0.5], [0.5, 0.5, 1.5], [0.5, 0.5, "a"], [0.5, [], 0.5], 0.5]
    lines = [good, *(good | {"teacher": values} for values in wrong), GOOD | {"image": "last.jpg"}]
    text = "\n".join(map(json.dumps, lines))
    read = read_annotations(data("x.jsonl", text, ("good.jpg", "last.jpg")))
    first, last = read.images
    np.testing.assert_array_equal(first.probabilities, np.float32([0.25, np.nan, 1]))
    assert last.probabilities is None
    assert len(read.problems) == len(wrong)


def test_places_as_windows_writes_them(data):
    described = GOOD | {"image": "sub\\a.jpg"}
    path = data("annotations.jsonl", json.dumps(described) + "\n", ("sub/a.jpg",))
    [image] = read_annotations(path.parent).images
    assert image.name == "sub/a.jpg"


def test_landmarks_without_boxes(data):
    lines = [{"image": "a.jpg", "landmarks": FACE}, {"image": "b.jpg", "landmarks": [FACE, FACE]}]
    text = "\n".join(map(json.dumps, lines))
    one, two = read_annotations(data("x.jsonl", text, ("a.jpg", "b.jpg"))).images
    assert one.landmarks.tolist() == [FACE]
    assert two.landmarks.tolist() == [FACE, FACE]
    assert np.isnan(two.boxes).all()
    assert two.boxes.shape == (2, 4)


def test_an_image_without_faces_has_empty_boxes(data):
    text = "\n".join(map(json.dumps, [{"image": "a.jpg", "boxes": []}, GOOD]))
    empty, _ = read_annotations(data("x.jsonl", text, ("a.jpg", "good.jpg"))).images
    assert empty.boxes.shape == (0, 4)
    assert empty.landmarks.shape == (0, 5, 2)
    assert empty.usable_faces() == 0


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[1, 2]", "expected an object"),
        ('{"image": "a.jpg"', "Expecting ',' delimiter"),
        ('{"boxes": []}', "image and split must be strings"),
        ('{"image": "a.jpg"}', "there are neither boxes nor landmarks"),
        ('{"image": "a.jpg", "boxes": [[1, 2, 3]]}', "boxes: expected N x 4 numbers up to 1e+06"),
        ('{"image": "a.jpg", "boxes": [[1, 2, 3, NaN]]}', "boxes: expected N x 4 numbers"),
        ('{"image": "a.jpg", "boxes": [[1, 2, 3, 1e300]]}', "boxes: expected N x 4 numbers"),
        ('{"image": "a.jpg", "boxes": [[1, 2], [3]]}', "inhomogeneous"),
        (
            '{"image": "a.jpg", "boxes": [[1, 2, 3, 4], [178, 229, -90, -116]]}',
            "boxes[1]: expected x y width height with sides 0 or more, not -90 and -116",
        ),
        ('{"image": "a.jpg", "boxes": [[1, 2, 3, "x"]]}', "could not convert string"),
        ('{"image": "a.jpg", "boxes": {}}', "not 'dict'"),
        ('{"image": "a.jpg", "landmarks": [[1, 2], [3, 4]]}', "landmarks: expected 5 x 2"),
        ('{"image": "a.jpg", "landmarks": 5}', "landmarks: expected a list"),
        ('{"image": "a.jpg", "boxes": [], "landmarks": [null]}', "each of 0 boxes, not 1"),
        ('{"image": "a.jpg", "boxes": [[1, 2, 3, 4]], "labels": []}', "labels: expected one"),
        ('{"image": "a.jpg", "boxes": [[1, 2, 3, 4]], "ignored": [1]}', "ignored: expected a list"),
    ],
)
def test_a_broken_line_is_reported_and_skipped(data, line, reason):
    text = f"{json.dumps(GOOD)}\n\n{line}\n"
    path = data("x.jsonl", text, ("good.jpg",))
    annotations = read_annotations(path)
    assert [image.name for image in annotations.images] == ["good.jpg"]
    [problem] = annotations.problems
    assert problem.startswith(f"{path}:3: ")
    assert reason in problem
    assert "\n" not in problem


@pytest.mark.parametrize("broken", ["{", '{"boxes": [[1, 2', '{"year": 1, "images": []'])
def test_a_broken_first_line_is_none_of_another_format(data, broken):
    path = data("x.jsonl", f"{broken}\n{json.dumps(GOOD)}\n", ("good.jpg",))
    annotations = read_annotations(path)
    assert [image.name for image in annotations.images] == ["good.jpg"]
    [problem] = annotations.problems
    assert problem.startswith(f"{path}:1: ")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda values: st.lists(values, max_size=5) | st.dictionaries(st.text(max_size=3), values),
    max_leaves=20,
)


@given(
    st.fixed_dictionaries(
        {"image": st.just("a.jpg")},
        optional=dict.fromkeys(
            ["boxes", "landmarks", "labels", "ignored", "teacher", "split"], JSON
        ),
    )
)
def test_any_json_gives_an_entry_or_a_problem(tmp_path_factory, described):
    problems = []
    line = Line(tmp_path_factory.getbasetemp(), 1, json.dumps(described))
    entries = list(jsonl.read([line], problems))
    assert len(entries) + len(problems) == 1
    for entry in entries:
        count = len(entry.boxes)
        assert entry.landmarks.shape == (count, 5, 2)
        assert entry.ignored.shape == (count,)
        assert len(entry.labels) == count
