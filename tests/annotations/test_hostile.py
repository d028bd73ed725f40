"""Tests that one bad annotation never costs the set."""

import json
import os

import pytest

from mtcnn_rt.annotations import read_annotations
from mtcnn_rt.evaluation.detections import parse_blocks

GOOD = {"image": "good.jpg", "boxes": [[1, 2, 3, 4]]}
MANY = "9" * 5000


@pytest.mark.parametrize(
    "name", ["n" * 300, "d/" * 3000 + "a.jpg", "a\0b", "\ud800", "", ".", "..", "/", "\x1b[2J"]
)
def test_a_name_that_no_file_can_have(data, name):
    text = "\n".join(map(json.dumps, [{**GOOD, "image": name}, GOOD]))
    read = read_annotations(data("x.jsonl", text, ("good.jpg",)))
    assert [image.name for image in read.images] == ["good.jpg"]
    [problem] = read.problems
    assert problem.endswith("has no image")


@pytest.mark.parametrize("value", [MANY, "1e400", "-1e400", "NaN", "Infinity", "[" * 5000])
def test_a_number_that_no_box_can_have(data, value):
    bad = '{"image": "good.jpg", "boxes": [[1, 2, 3, VALUE]]}'.replace("VALUE", value)
    lines = [bad, json.dumps(GOOD)]
    read = read_annotations(data("x.jsonl", "\n".join(lines), ("good.jpg",)))
    assert len(read.images) == 1
    [problem] = read.problems
    assert problem.startswith(f"{read.images[0].image.path.parent.parent / 'x.jsonl'}:1: ")


@pytest.mark.parametrize("count", [MANY, "\uff19" * 5000, "1234567890"])
def test_a_number_of_faces_that_no_image_can_have(data, count):
    face = "1 2 3 4 0 0 0 0 0 0"
    text = f"bad.jpg\n{count}\n{face}\ngood.jpg\n1\n{face}\n"
    read = read_annotations(data("gt.txt", text, ("good.jpg", "bad.jpg")))
    assert [image.name for image in read.images] == ["good.jpg"]
    [problem] = read.problems
    assert "gt.txt:2: " in problem
    assert len(problem) < 300


def test_a_number_of_detections_that_no_image_can_have(tmp_path):
    file = tmp_path / "found.txt"
    file.write_text(f"a\n{MANY}\n1 2 3 4 0.5\n")
    with pytest.raises(ValueError, match=r"found\.txt:2: expected the number of faces, not '9+'$"):
        parse_blocks(file, (5,))


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_a_name_in_another_encoding(data):
    path = data("x.txt", "", ())
    path.write_bytes(b"# g\xfcte.jpg\n1 2 3 4\n# good.jpg\n1 2 3 4\n")
    (path.parent / "good.jpg").write_bytes(b"")
    os.close(os.open(os.fsencode(path.parent) + b"/g\xfcte.jpg", os.O_CREAT | os.O_WRONLY))
    read = read_annotations(path, format="retinaface")
    assert len(read.images) == 2
