"""Tests WIDER FACE's text format, with lines as in the official files."""

import numpy as np
import pytest

from mtcnn_rt.annotations import read_annotations

PARADE, EVENT, CAR = "0--Parade/0_Parade_849.jpg", "11--E/a b.jpg", "2--Car/2_Car_9.jpg"
TRAIN = f"""{PARADE}
2
449 330 122 149 0 0 0 0 0 0 
361 98 263 339 2 1 0 1 0 0 
{EVENT}
0
0 0 0 0 0 0 0 0 0 0 
{CAR}
1
78 221 0 8 2 0 0 0 0 0 
"""  # the official lines end in a space


def test_boxes_and_ignored_faces(data):
    path = data("split/wider_face_train_bbx_gt.txt", TRAIN, (PARADE, EVENT, CAR), "split/images")
    annotations = read_annotations(path)
    assert annotations.problems == []
    parade, event, car = annotations.images
    assert [image.name for image in annotations.images] == [PARADE, EVENT, CAR]
    assert parade.boxes.tolist() == [[449, 330, 571, 479], [361, 98, 624, 437]]
    assert parade.boxes.dtype == np.float32
    assert parade.ignored.tolist() == [False, True]  # its invalid flag
    assert parade.labels == ("", "")
    assert parade.landmarks.shape == (2, 5, 2)
    assert np.isnan(parade.landmarks).all()
    assert event.boxes.shape == (0, 4)
    assert car.ignored.tolist() == [True]  # no width
    assert parade.read().shape == (8, 8, 3)


def test_the_images_of_the_official_archives(data):
    folder = "WIDER_train/images"
    path = data("wider_face_split/wider_face_train_bbx_gt.txt", TRAIN, (PARADE, CAR), folder)
    annotations = read_annotations(path)
    assert [image.name for image in annotations.images] == [PARADE, CAR]
    assert annotations.problems == [f"{path}: {EVENT} has no image"]


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (f"{CAR}\n1\n1 2 x 4 0 0 0 0 0 0", "6: could not convert string to float: 'x'"),
        (f"{CAR}\n1\n1 2 3 4", "6: expected 10 numbers, not 4"),
        (f"{CAR}\n1\n1 2 3 nan 0 0 0 0 0 0", "6: expected numbers up to 1e+06"),
        (
            f"{CAR}\n1\n9 2 -3 4 0 0 0 0 0 0",
            "6: expected x y width height with sides 0 or more, not -3 and 4",
        ),
        (f"{CAR}\n3\n1 2 3 4 0 0 0 0 0 0", "4: expected 3 faces, 1 follow"),
        (f"{CAR}\none\n1 2 3 4 0 0 0 0 0 0", "5: expected the number of faces"),
        (
            f"{CAR}\n0\n1 2 3 4 0 0 0 0 0 0",
            "6: expected zeros, or no line, where the number of faces is 0",
        ),
        ("IMG_1\n1 2 3 4 0 0 0 0 0 0", "5: expected the number of faces"),
        (f"{CAR}", "4: expected the number of faces"),
    ],
)
def test_a_broken_image_is_reported_and_skipped(data, broken, problem):
    good = f"{PARADE}\n1\n1 2 3 4 0 0 0 0 0 0\n"
    last = f"\n{EVENT}\n1\n5 6 7 8 0 0 0 0 0 0\n"
    path = data("gt.txt", good + broken + last, (PARADE, CAR, EVENT))
    annotations = read_annotations(path)
    assert annotations.problems == [f"{path}:{problem}"]
    boxes = [image.boxes.tolist() for image in annotations.images]
    assert boxes == [[[1, 2, 4, 6]], [[5, 6, 12, 14]]]


def test_names_of_any_kind(data):
    names = ("IMG_1234", "c.tga", "12", "7", "a photo (2)", "2 b", "day 1/c.heic", "d.jpg")
    text = "".join(f"{name}\n1\n{i} 2 3 4 0.5\n" for i, name in enumerate(names))
    path = data("x.txt", f"none.tga\n0\n13\n0\n{text}14\n0\n")
    for name in (*names, "none.tga", "13", "14"):
        (path.parent / "images" / name).parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "images" / name).write_bytes(b"")
    annotations = read_annotations(path)
    assert annotations.problems == []
    assert [image.name for image in annotations.images] == ["none.tga", "13", *names, "14"]
    first = [image.boxes[:, 0].tolist() for image in annotations.images]
    assert first == [[], [], *([i] for i in range(len(names))), []]


def test_a_broken_image_costs_no_other_one(data):
    face = "1 2 3 4 0 0 0 0 0 0"
    text = f"d.jpg\n1\n{face}\nIMG_1\n2\n{face}\nIMG_2\n1\n1 2 x 4 0 0 0 0 0 0\n"
    path = data("x.txt", f"{text}7\n1\n{face}\n", ("d.jpg",))
    (path.parent / "images/7").write_bytes(b"")
    annotations = read_annotations(path)
    assert [image.name for image in annotations.images] == ["d.jpg", "7"]
    assert annotations.problems == [
        f"{path}:4: expected 2 faces, 1 follow",
        f"{path}:9: could not convert string to float: 'x'",
    ]
