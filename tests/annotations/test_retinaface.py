"""Tests RetinaFace's label.txt, with lines as in the published file."""

import numpy as np

from mtcnn_rt.annotations import read_annotations

LABEL = """# 0--Parade/0_Parade_849.jpg
449 330 122 149 488.906 373.643 0.0 542.089 376.442 0.0 515.031 412.83 0.0 485.174 425.893 0.0 \
538.357 431.491 0.0 0.82
361 98 263 339 -1.0 -1.0 -1.0 -1.0 -1.0 -1.0 -1.0 -1.0 -1.0 -1.0 -1.0 -1.0 -1.0 -1.0 -1.0 0.0
# 1--Handshaking/b.jpg
345 211 4 0
"""
POINTS = [[488.906, 373.643], [542.089, 376.442], [515.031, 412.83], [485.174, 425.893]]
IMAGES = ("0--Parade/0_Parade_849.jpg", "1--Handshaking/b.jpg")


def test_boxes_and_landmarks(data):
    annotations = read_annotations(data("label.txt", LABEL, IMAGES))
    assert annotations.problems == []
    parade, shaking = annotations.images
    assert parade.name == "0--Parade/0_Parade_849.jpg"
    assert parade.boxes.tolist() == [[449, 330, 571, 479], [361, 98, 624, 437]]
    assert parade.landmarks.shape == (2, 5, 2)
    np.testing.assert_array_equal(parade.landmarks[0, :4], np.float32(POINTS))
    np.testing.assert_array_equal(parade.landmarks[0, 4], np.float32([538.357, 431.491]))
    assert np.isnan(parade.landmarks[1]).all()
    assert parade.ignored.tolist() == [False, False]
    assert shaking.ignored.tolist() == [True]
    assert np.isnan(shaking.landmarks).all()


def test_one_landmark_may_be_missing(data):
    row = "0 0 9 9 1 2 0 -1 -1 -1 3 4 0 5 6 0 7 8 0 1"
    [image] = read_annotations(data("label.txt", f"# a.jpg\n{row}\n", ("a.jpg",))).images
    nan = np.nan
    expected = [[[1, 2], [nan, nan], [3, 4], [5, 6], [7, 8]]]
    np.testing.assert_array_equal(image.landmarks, expected)


def test_a_side_below_0_skips_its_image(data):
    path = data("label.txt", "# a.jpg\n9 2 -3 4\n# b.jpg\n5 6 7 8\n", ("a.jpg", "b.jpg"))
    annotations = read_annotations(path)
    assert [image.name for image in annotations.images] == ["b.jpg"]
    reason = "expected x y width height with sides 0 or more, not -3 and 4"
    assert annotations.problems == [f"{path}:2: {reason}"]


def test_a_broken_line_skips_its_image(data):
    text = "# a.jpg\n1 2 3 4\n1 2 3\n# b.jpg\n5 6 7 8\n"
    path = data("label.txt", text, ("a.jpg", "b.jpg"))
    annotations = read_annotations(path)
    assert [image.name for image in annotations.images] == ["b.jpg"]
    assert annotations.problems == [f"{path}:3: expected 4 or 19 or 20 numbers, not 3"]
