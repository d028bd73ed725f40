"""Tests the landmark lists of CelebA and MTFL, with lines as in the official files."""

import numpy as np

from mtcnn_rt.annotations import read_annotations
from mtcnn_rt.annotations.reading import files_of

CELEBA = """3
lefteye_x lefteye_y righteye_x righteye_y nose_x nose_y leftmouth_x leftmouth_y rightmouth_x \
rightmouth_y
000001.jpg 69  109  106  113   77  142   73  152  108  154
000002.jpg 69  110  107  112   81  135   70  151  108
000003.jpg 76  112  104  106  108  128   74  156   98  158
"""
BOXES = """3
image_id x_1 y_1 width height
000001.jpg    95  71 226 313
000003.jpg   216  59  91 126
"""
SPLITS = "000001.jpg 0\n000002.jpg 1\n000003.jpg 2\n"
IMAGES = ("000001.jpg", "000002.jpg", "000003.jpg")
FIRST = [[[69, 109], [106, 113], [77, 142], [73, 152], [108, 154]]]


def test_aligned_celeba_has_landmarks_without_boxes(data):
    data("list_bbox_celeba.txt", BOXES)  # boxes of the images in the wild
    data("list_eval_partition.txt", SPLITS)
    path = data("list_landmarks_align_celeba.txt", CELEBA, IMAGES, "img_align_celeba")
    annotations = read_annotations(path)
    first, third = annotations.images
    assert first.landmarks.tolist() == FIRST
    assert np.isnan(first.boxes).all()
    assert first.boxes.shape == (1, 4)
    assert first.ignored.tolist() == [False]
    assert (first.split, third.split) == ("train", "test")
    assert annotations.problems == [f"{path}:4: expected 10 numbers, not 9"]
    assert [image.name for image in read_annotations(path, split="test").images] == ["000003.jpg"]


def test_celeba_in_the_wild_has_boxes(data):
    data("Anno/list_bbox_celeba.txt", BOXES)
    path = data("Anno/list_landmarks_celeba.txt", CELEBA, IMAGES, "Img/img_celeba")
    first, third = read_annotations(path).images
    assert first.boxes.tolist() == [[95, 71, 321, 384]]
    assert third.boxes.tolist() == [[216, 59, 307, 185]]
    assert first.landmarks.tolist() == FIRST
    assert first.split == ""


def test_the_partition_in_the_official_folders_of_celeba(data):
    splits = data("Eval/list_eval_partition.txt", SPLITS)
    path = data("Anno/list_landmarks_celeba.txt", CELEBA, IMAGES, "Img/img_celeba")
    assert [image.split for image in read_annotations(path).images] == ["train", "test"]
    assert splits in files_of(path)
    beside = data("Anno/list_eval_partition.txt", "000001.jpg 1\n")
    assert [image.split for image in read_annotations(path).images] == ["val", ""]
    assert beside in files_of(path)


def test_broken_lines_in_the_other_files_of_celeba_are_reported(data):
    boxes = data("list_bbox_celeba.txt", BOXES.replace("95", "y"))
    splits = data("list_eval_partition.txt", "000001.jpg 7\n")
    path = data("list_landmarks_celeba.txt", CELEBA, IMAGES)
    annotations = read_annotations(path)
    assert annotations.problems == [
        f"{boxes}:3: could not convert string to float: 'y'",
        f"{splits}:1: expected 0, 1 or 2",
        f"{path}:4: expected 10 numbers, not 9",
    ]
    assert np.isnan(annotations.images[0].boxes).all()


def test_a_face_of_celeba_with_an_empty_box_keeps_its_landmarks(data):
    boxes = data("list_bbox_celeba.txt", BOXES.replace("95  71 226 313", "0 0 0 0"))
    annotations = read_annotations(data("list_landmarks_celeba.txt", CELEBA, IMAGES))
    first, _ = annotations.images
    assert (first.landmarks.tolist(), first.ignored.tolist()) == (FIRST, [False])
    assert np.isnan(first.boxes).all()
    reason = "expected x y width height with sides above 0, not 0 and 0"
    assert annotations.problems[0] == f"{boxes}:3: {reason}"


def test_mtfl_is_read(data):
    text = (
        " lfw_5590\\Abbas_0001.jpg 105.25 141.25 114.25 127.25 142.75"
        " 108.75 109.75 128.25 148.25 147.25 1 1 2 3\n"
        "net_7876\\0_0.jpg 1 2 3 4 5 6 7 8 9 10 1 1 2\n"
    )
    path = data("training.txt", text, ("lfw_5590/Abbas_0001.jpg",), ".")
    annotations = read_annotations(path)
    [image] = annotations.images
    assert image.name == "lfw_5590/Abbas_0001.jpg"
    x, y = [105.25, 141.25, 114.25, 127.25, 142.75], [108.75, 109.75, 128.25, 148.25, 147.25]
    assert image.landmarks.tolist() == [[list(point) for point in zip(x, y, strict=True)]]
    assert np.isnan(image.boxes).all()
    assert annotations.problems == [f"{path}:2: expected 14 numbers, not 13"]
