"""Tests images that annotations have several times."""

import json

import numpy as np

from mtcnn_rt.annotations import read_annotations
from mtcnn_rt.evaluation.average_precision import average_precision, judged_image

POINTS = [[1, 1], [3, 1], [2, 2], [1, 3], [3, 3]]


def read(data, *described, **settings):
    text = "\n".join(map(json.dumps, described))
    return read_annotations(data("x.jsonl", text, ("a.jpg", "b.jpg")), **settings)


def test_an_image_has_the_faces_of_all_its_lines(data):
    found = read(
        data,
        {"image": "a.jpg", "boxes": [[1, 2, 3, 4]], "labels": ["one"]},
        {"image": "b.jpg", "boxes": [[1, 1, 2, 2]]},
        {"image": "./a.jpg", "boxes": [[5, 2, 2, 2], [1, 2, 3, 4]], "ignored": [True, False]},
        {"image": "a.jpg", "boxes": [[1, 2, 3, 4]], "labels": ["one"], "teacher": [0.5]},
        {"image": "a.jpg", "landmarks": POINTS},
    )
    assert found.problems == []
    first, second = found.images
    assert (first.name, second.name) == ("a.jpg", "b.jpg")
    assert first.boxes[:3].tolist() == [[1, 2, 4, 6], [5, 2, 7, 4], [1, 2, 4, 6]]
    assert np.isnan(first.boxes[3]).all()
    assert first.labels == ("one", "", "", "")  # a face with another label is another one
    assert first.ignored.tolist() == [False, True, False, False]
    assert first.landmarks[3].tolist() == POINTS


def test_the_same_line_twice_is_one(data):
    line = {"image": "a.jpg", "boxes": [[1, 2, 3, 4]], "landmarks": [POINTS]}
    [image] = read(data, line, line).images
    assert image.boxes.tolist() == [[1, 2, 4, 6]]


def test_a_face_twice_in_one_line_counts_once(data):
    boxes = [[1, 2, 3, 4], [5, 2, 2, 2], [1, 2, 3, 4]]
    described = {"image": "a.jpg", "boxes": boxes}
    other = {"image": "b.jpg", "boxes": boxes[:1] * 2, "labels": ["x", "y"]}
    first, second = read(data, described, other).images
    assert first.is_repeated().tolist() == [False, False, True]
    assert second.is_repeated().tolist() == [False, False]
    judged = judged_image(first, np.float32([[1, 2, 4, 6], [5, 2, 7, 4]]), np.float32([1, 0.5]))
    assert judged.boxes.tolist() == [[1, 2, 4, 6], [5, 2, 7, 4]]
    assert average_precision([judged], min_height=0) == (1, 1)


def test_two_annotations_of_coco_that_are_the_same_count_once(data):
    faces = [{"id": n, "image_id": 1, "category_id": 1, "bbox": [1, 1, 2, 2]} for n in (1, 2)]
    text = json.dumps(
        {
            "images": [{"id": 1, "file_name": "a.jpg"}],
            "annotations": faces,
            "categories": [{"id": 1, "name": "face"}],
        }
    )
    [image] = read_annotations(data("x.json", text, ("a.jpg",))).images
    assert image.is_repeated().tolist() == [False, True]


def test_two_images_of_coco_with_one_name(data):
    faces = [{"id": n, "image_id": n, "category_id": 1, "bbox": [n, 1, 2, 2]} for n in (1, 2)]
    text = json.dumps(
        {
            "images": [{"id": n, "file_name": "a.jpg"} for n in (1, 2)],
            "annotations": faces,
            "categories": [{"id": 1, "name": "face"}],
        }
    )
    [image] = read_annotations(data("x.json", text, ("a.jpg",))).images
    assert image.boxes.tolist() == [[1, 1, 3, 3], [2, 1, 4, 3]]


def test_a_face_of_coco_without_a_known_category_skips_its_image(data):
    faces = [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 2, 2]}]
    faces += [{"id": 2, "image_id": 2, "bbox": [1, 1, 2, 2]}]
    text = json.dumps(
        {
            "images": [{"id": n, "file_name": name} for n, name in ((1, "a.jpg"), (2, "b.jpg"))],
            "annotations": faces,
            "categories": [{"id": 1, "name": "face"}],
        }
    )
    found = read_annotations(data("x.json", text, ("a.jpg", "b.jpg")))
    assert [image.name for image in found.images] == ["a.jpg"]
    [problem] = found.problems
    assert problem.endswith("annotations[1]: category_id: there is no category None")


def test_wider_takes_names_of_every_image_format(data):
    text = "a.avif\n1\n1 2 3 4 0 0 0 0 0 0\n"
    path = data("x.txt", text, ("a.jpg",))
    (path.parent / "images/a.jpg").rename(path.parent / "images/a.avif")
    assert [image.name for image in read_annotations(path).images] == ["a.avif"]
