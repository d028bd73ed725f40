"""Tests the readers of WIDER FACE's and FDDB's files."""

import numpy as np
import pytest
from helpers.data_sets import cell, write_fddb_folds, write_wider_detections, write_wider_truth
from scipy.io import savemat

from mtcnn_rt.evaluation import fddb_files, wider_files

IMAGES = [
    {
        "event": "0--Parade",
        "name": "0_Parade_1",
        "faces": [[10, 20, 30, 40], [1, 2, 3, 4]],
        "easy": [],
        "medium": [0],
        "hard": [0, 1],
    },
    {"event": "0--Parade", "name": "b", "faces": [], "easy": [], "medium": [], "hard": []},
    {
        "event": "61--Street_Battle",
        "name": "c",
        "faces": [[5, 5, 5, 5]],
        "easy": [0],
        "medium": [0],
        "hard": [0],
    },
]
ELLIPSES = {
    "2002/08/11/big/img_591": [[123.5833, 85.5495, 1.265839, 269.6934, 161.7812]],
    "2002/08/26/big/img_265": [[67.3, 44.5, -1.47, 105.2, 87.2], [41.9, 27.1, 1.5, 184.0, 95.0]],
}


def test_the_truth_of_wider_is_read(tmp_path):
    write_wider_truth(tmp_path, IMAGES)
    images = wider_files.read_ground_truth(tmp_path)
    names = [(image.event, image.name) for image in images]
    assert names == [(image["event"], image["name"]) for image in IMAGES]
    assert [len(image.boxes) for image in images] == [2, 0, 1]
    assert images[0].boxes.tolist() == [[10, 20, 40, 60], [1, 2, 4, 6]]
    assert images[0].counted["easy"].tolist() == [False, False]
    assert images[0].counted["medium"].tolist() == [True, False]
    assert images[0].counted["hard"].tolist() == [True, True]
    assert images[1].counted["hard"].shape == (0,)


def test_wrong_wider_truth(tmp_path):
    with pytest.raises(FileNotFoundError):
        wider_files.read_ground_truth(tmp_path)
    write_wider_truth(tmp_path, IMAGES)
    easy = tmp_path / "wider_easy_val.mat"
    good = easy.read_bytes()
    for content in (b"", b"no MATLAB file at all", good[: len(good) // 2]):
        easy.write_bytes(content)
        with pytest.raises(ValueError, match=r"wider_easy_val\.mat: not a MATLAB file"):
            wider_files.read_ground_truth(tmp_path)
    savemat(easy, {"event_list": cell([np.array(["a"])])})
    with pytest.raises(ValueError, match=r"wider_easy_val\.mat: not a ground truth of WIDER FACE"):
        wider_files.read_ground_truth(tmp_path)
    savemat(easy, {"event_list": 1, "file_list": 2, "gt_list": 3})
    with pytest.raises(ValueError, match=r"wider_easy_val\.mat: lists other images"):
        wider_files.read_ground_truth(tmp_path)


def test_wider_truths_that_do_not_match(tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    write_wider_truth(tmp_path, IMAGES)
    write_wider_truth(other, IMAGES[:2])
    (other / "wider_hard_val.mat").replace(tmp_path / "wider_hard_val.mat")
    with pytest.raises(ValueError, match=r"wider_hard_val\.mat: lists other images"):
        wider_files.read_ground_truth(tmp_path)
    write_wider_truth(tmp_path, [*IMAGES[:2], {**IMAGES[2], "easy": [1]}])
    with pytest.raises(ValueError, match=r"wider_easy_val\.mat: a face that the image lacks"):
        wider_files.read_ground_truth(tmp_path)


def test_detections_of_wider_are_read(tmp_path):
    write_wider_truth(tmp_path, IMAGES)
    image = wider_files.read_ground_truth(tmp_path)[0]
    with pytest.raises(FileNotFoundError):
        wider_files.read_detections(tmp_path, image)
    rows = [[1.5, 2, 10, 20, 0.25], [3, 4, 5, 6, 0.75]]
    write_wider_detections(tmp_path, image.event, image.name, rows)
    found = wider_files.read_detections(tmp_path, image)
    assert found.scores.tolist() == [0.75, 0.25]
    assert found.boxes.tolist() == [[3, 4, 8, 10], [1.5, 2, 11.5, 22]]
    write_wider_detections(tmp_path, image.event, image.name, [])
    assert wider_files.read_detections(tmp_path, image).boxes.shape == (0, 4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\n", r":2: expected the number of faces, not ''"),
        ("a\nmany\n", r":2: expected the number of faces, not 'many'"),
        ("a\n2\n1 2 3 4 0.5\n", r":4: expected 5 numbers, not ''"),
        ("a\n1\n1 2 3 4\n", r":3: expected 5 numbers, not '1 2 3 4'"),
        ("a\n1\n1 2 3 4 high\n", r":3: expected 5 numbers, not '1 2 3 4 high'"),
        ("a\n1\n1 2 3 4 nan\n", r":3: expected 5 numbers"),
        ("a\n1\n1 2 3 4 1e39\n", r":3: expected 5 numbers"),
        ("a\n0\nb\n0\n", r": 2 images, expected one"),
        ("", r": 0 images, expected one"),
    ],
)
def test_wrong_wider_detections(tmp_path, text, message):
    write_wider_truth(tmp_path, IMAGES)
    image = wider_files.read_ground_truth(tmp_path)[0]
    path = tmp_path / image.event / f"{image.name}.txt"
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(ValueError, match=rf"0_Parade_1\.txt{message}"):
        wider_files.read_detections(tmp_path, image)


def test_ellipses_of_fddb_are_read(tmp_path):
    write_fddb_folds(tmp_path, [ELLIPSES, {"2003/a": []}])
    faces = fddb_files.read_ellipses(tmp_path)
    assert list(faces) == [*ELLIPSES, "2003/a"]
    for name, ellipses in ELLIPSES.items():
        assert faces[name].tolist() == ellipses
    assert faces["2003/a"].shape == (0, 5)


def test_wrong_fddb_ellipses(tmp_path):
    with pytest.raises(ValueError, match=r"no FDDB-fold-01-ellipseList\.txt or others here"):
        fddb_files.read_ellipses(tmp_path)
    write_fddb_folds(tmp_path, [ELLIPSES, ELLIPSES])
    with pytest.raises(
        ValueError, match=r"FDDB-fold-02-ellipseList\.txt: .*img_591 is there twice"
    ):
        fddb_files.read_ellipses(tmp_path)
    (tmp_path / "FDDB-fold-02-ellipseList.txt").write_text("a\n1\n1 2 3 4 5\n")
    with pytest.raises(ValueError, match=r"fold-02-ellipseList\.txt:3: expected 6 numbers"):
        fddb_files.read_ellipses(tmp_path)


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        ("b\n1\n1 2 3\n", 6),
        ("b\n1\n1 2 3 4 0.5\n5 6 7 8 0.5\nd\n0\n", 8),
        ("b\nmany\n1 2 3 4 0.5\n", 5),
        ("b\n2\n1 2 3 4 0.5\n", 7),
        ("b\n2\n1 2 3 4 0.5\n20 10 0.5 40 50 0.9\n", 4),
        ("12\n1\n1 2 3 high 4\n", 6),
    ],
)
def test_broken_detections_of_one_image_leave_the_others(tmp_path, broken, line):
    file = tmp_path / "out.txt"
    file.write_text(f"a\n1\n1 2 3 4 0.5\n{broken}7\n1\n5 6 7 8 0.75\nc\n0\na\n0\n")
    problems = []
    found = fddb_files.read_detections(file, problems)
    assert [name for name in found if name != "d"] == ["a", "7", "c"]
    assert found["7"].scores.tolist() == [0.75]
    first, second = problems
    name = broken.split()[0]
    assert first.startswith(f"{file}:{line}: ")
    assert first.endswith(f"; the detections of {name} are left out")
    assert second == f"{file}: a is there twice; the first detections count"


def test_detections_of_fddb_are_read(tmp_path):
    one = tmp_path / "fold-01-out.txt"
    one.write_text("a\n2\n1 2 3 4 0.5\n5 6 7 8 0.75\nb\n0\n")
    (tmp_path / "fold-02-out.txt").write_text("c\n1\n20 10 0.5 40 50 0.9\n\n")
    found = fddb_files.read_detections(tmp_path)
    assert list(found) == ["a", "b", "c"]
    assert found["a"].regions.tolist() == [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert found["a"].scores.tolist() == [0.5, 0.75]
    assert (found["b"].regions.shape, found["b"].scores.shape) == ((0, 4), (0,))
    assert found["c"].regions.tolist() == [[20, 10, 0.5, 40, 50]]
    assert list(fddb_files.read_detections(one)) == ["a", "b"]
    one.write_text("a\n2\n1 2 3 4 0.5\n20 10 0.5 40 50 0.9\n")
    with pytest.raises(ValueError, match=r"fold-01-out\.txt:1: faces of different formats"):
        fddb_files.read_detections(one)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("-5 8 0.5 40 50 0.9", "{file}: b has ellipses with a radius below 0; they are left out"),
        (
            "1 2 1e12 4 0.9",
            "{file}:6: expected numbers up to 1e+06, not '1 2 1e12 4 0.9'; the detections of b are "
            "left out",
        ),
    ],
)
def test_regions_that_cannot_be_drawn_leave_the_others(tmp_path, row, reason):
    file = tmp_path / "out.txt"
    file.write_text(f"a\n1\n1 2 3 4 -1e9\nb\n1\n{row}\nc\n0\n")
    problems = []
    found = fddb_files.read_detections(file, problems)
    assert list(found) == ["a", "c"]
    assert found["a"].scores.tolist() == [-1e9]
    assert problems == [reason.format(file=file)]


def test_an_annotated_ellipse_that_cannot_be_drawn(tmp_path):
    write_fddb_folds(tmp_path, [{"a": [[-1, 2, 0, 5, 5]]}])
    with pytest.raises(ValueError, match="a has ellipses with a radius below 0"):
        fddb_files.read_ellipses(tmp_path)


def test_detections_as_programs_on_windows_write_them(tmp_path):
    file = tmp_path / "out.txt"
    file.write_bytes(b"\xef\xbb\xbf2002\\08\\a\r\n1\r\n1 2 3 4 0.5\r\n")
    found = fddb_files.read_detections(file)
    assert list(found) == ["2002/08/a"]
    assert found["2002/08/a"].regions.tolist() == [[1, 2, 3, 4]]
