"""Reads COCO's instances and keypoints."""

import json

import numpy as np
import pytest

from mtcnn_rt.annotations import read_annotations
from mtcnn_rt.faces import LANDMARKS

IMAGES = [{"id": 5, "file_name": "a.jpg"}, {"id": 6, "file_name": "b.jpg"}]
CATEGORIES = [{"id": 1, "name": "person"}, {"id": 9, "name": "Human face"}]
FACE = {"id": 1, "image_id": 5, "category_id": 9, "bbox": [1, 2, 3, 4]}
PERSON = {"id": 2, "image_id": 5, "category_id": 1, "bbox": ["any"]}


def coco(annotations, categories=CATEGORIES, images=IMAGES):
    return {"images": images, "annotations": annotations, "categories": categories}


@pytest.fixture
def read(data):
    """Reads COCO, written in a few lines or in many."""

    def read_it(described, indent=None, **settings):
        text = json.dumps(described, indent=indent)
        return read_annotations(data("x.json", text, ("a.jpg", "b.jpg")), **settings)

    return read_it


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("first", ["images", "annotations", "categories", "info", "licenses"])
def test_faces_are_those_of_the_category(read, first, indent):
    described = {"info": {}, "licenses": [], **coco([PERSON, FACE])}
    described = {first: described[first], **described}
    annotations = read(described, indent)
    assert annotations.problems == []
    assert [image.name for image in annotations.images] == ["a.jpg", "b.jpg"]
    assert annotations.images[0].boxes.tolist() == [[1, 2, 4, 6]]
    assert annotations.images[0].labels == ("",)
    assert np.isnan(annotations.images[0].landmarks).all()
    assert annotations.images[1].boxes.shape == (0, 4)


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("first", [{"year": 2026}, {"notes": {str(n): n for n in range(20)}}])
def test_the_first_key_may_be_any(read, first, indent):
    annotations = read({**first, **coco([FACE])}, indent)
    assert annotations.problems == []
    assert annotations.images[0].boxes.tolist() == [[1, 2, 4, 6]]


def test_several_categories_of_faces_are_labels(read):
    categories = [{"id": 1, "name": "face_mask"}, {"id": 2, "name": "face-no-mask"}]
    faces = [{**FACE, "category_id": number} for number in (2, 1)]
    [image, _] = read(coco(faces, categories)).images
    assert image.labels == ("face-no-mask", "face_mask")


@pytest.mark.parametrize("name", ["person", "surface", "interface", "", 5])
def test_without_a_category_of_faces_there_is_an_error(read, name):
    with pytest.raises(ValueError, match=r"x\.json: has no class of faces, named face or such: th"):
        read(coco([FACE], [{"id": 9, "name": name}]))


def test_crowds_are_ignored(read):
    faces = [{**FACE, "iscrowd": 1}, {**FACE, "ignore": 1}, {**FACE, "iscrowd": 0}]
    [image, _] = read(coco(faces)).images
    assert image.ignored.tolist() == [True, True, False]


def test_boxes_that_are_ignored_may_be_empty(read):
    annotations = read(coco([FACE, {**FACE, "bbox": [0, 0, 0, 0], "ignore": 1}]))
    assert annotations.problems == []
    assert annotations.images[0].ignored.tolist() == [False, True]


def test_keypoints_without_visibility_are_missing(read):
    category = {"id": 9, "name": "face", "keypoints": ["a", "b", "c", "d", "e"]}
    points = [1, 2, 2, 3, 4, 1, 5, 6, 0, 7, 8, 2, 9, 10, 2]
    faces = [{**FACE, "keypoints": points}, FACE]
    [image, _] = read(coco(faces, [category])).images
    np.testing.assert_array_equal(
        image.landmarks[0], [[1, 2], [3, 4], [np.nan, np.nan], [7, 8], [9, 10]]
    )
    assert np.isnan(image.landmarks[1]).all()


def test_keypoints_are_ordered_by_their_names(read):
    names = ["nose", "left_eye", "right_eye", "mouth_left", "mouth_right"]
    category = {"id": 9, "name": "face", "keypoints": names}
    points = [value for index in range(5) for value in (index, index, 2)]
    [image, _] = read(coco([{**FACE, "keypoints": points}], [category])).images
    assert image.landmarks[0, :, 0].tolist() == [names.index(name) for name in LANDMARKS]


@pytest.mark.parametrize("named", [{}, {"keypoints": []}])
def test_five_keypoints_without_names_count_in_their_order(read, named):
    category = {"id": 9, "name": "face", **named}
    points = [value for index in range(5) for value in (index, index + 1, 2)]
    faces = [{**FACE, "keypoints": points}, {**FACE, "bbox": [1, 1, 2, 2], "keypoints": [1] * 51}]
    [image, _] = read(coco(faces, [category])).images
    assert image.landmarks[0].tolist() == [[index, index + 1] for index in range(5)]
    assert np.isnan(image.landmarks[1]).all()


def test_other_keypoints_are_left_out(read):
    category = {"id": 9, "name": "face", "keypoints": ["a"] * 17}
    [image, _] = read(coco([{**FACE, "keypoints": [1] * 51}], [category])).images
    assert np.isnan(image.landmarks).all()


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"bbox": [1, 2, 3]}, "bbox: expected 4 numbers"),
        ({"bbox": None}, "bbox: expected 4 numbers"),
        ({"bbox": [1, 2, 3, float("nan")]}, "bbox: expected numbers up to 1e+06"),
        ({"bbox": [1, 2, 3, "wide"]}, "could not convert string to float: 'wide'"),
        ({"bbox": [1, 2, 3, [4]]}, "bbox: expected 4 numbers: float() argument must be"),
        ({"bbox": [1, 2, 3, 10**400]}, "int too large to convert to float"),
        ({"bbox": [1, 2, -3, 4]}, "bbox: expected x y width height with sides above 0, not -3 and"),
        ({"bbox": [1, 2, 3, 0]}, "bbox: expected x y width height with sides above 0, not 3 and 0"),
        ({"bbox": [9, 2, -3, 4], "iscrowd": 1}, "bbox: expected x y width height with sides 0 or"),
    ],
)
def test_a_broken_face_skips_its_image_alone(read, broken, reason):
    faces = [FACE, {**FACE, **broken, "image_id": 6}, {**FACE, "image_id": 6}]
    annotations = read(coco(faces))
    assert [image.name for image in annotations.images] == ["a.jpg"]
    [problem] = annotations.problems
    assert f"x.json: annotations[1]: {reason}" in problem


def test_images_and_annotations_that_do_not_fit_are_reported(read):
    images = [*IMAGES, {"id": 5, "file_name": "c.jpg"}, {"id": 7}, "d.jpg"]
    faces = [FACE, {**FACE, "image_id": 99}, "face", {**PERSON, "image_id": 98}]
    annotations = read(coco(faces, images=images))
    assert [image.name for image in annotations.images] == ["a.jpg", "b.jpg"]
    assert [problem.split("x.json: ")[1] for problem in annotations.problems] == [
        "images[2]: the id 5 is there twice",
        "images[3]: expected an id and a file_name",
        "images[4]: expected an id and a file_name",
        "annotations[1]: image_id: there is no image 99",
        "annotations[2]: expected an object",
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"images": [\n\n1,\n', r":3: not JSON"),
        ('{"images": {}, "annotations": []}', ": not COCO: it has no lists of images and annot"),
        ('{"info": "x"}', ": not COCO"),
        ('{"images": ' + "[" * 100_000, ": not JSON"),
    ],
)
def test_broken_files_give_one_line(data, text, reason):
    with pytest.raises(ValueError, match=rf"x\.json{reason}") as error:
        read_annotations(data("x.json", text))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("place", ["images", "images/train", "train2017", "annotations/images"])
def test_images_beside_the_folder_annotations(data, place):
    path = data("annotations/instances_train.json", json.dumps(coco([FACE])), ("a.jpg",), place)
    assert [image.name for image in read_annotations(path).images] == ["a.jpg"]


def test_json_lines_with_such_a_key_are_json_lines(data):
    line = '{"info": "x", "image": "a.jpg", "boxes": [[1, 2, 3, 4]]}\n'
    [image] = read_annotations(data("x.jsonl", line, ("a.jpg",))).images
    assert image.boxes.tolist() == [[1, 2, 4, 6]]
