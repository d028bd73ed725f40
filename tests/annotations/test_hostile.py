"""Tests that one bad annotation never costs the set."""

import json
import os
from pathlib import Path

import pytest

from mtcnn_rt.annotations import coco, jsonl, read_annotations
from mtcnn_rt.annotations.lines import Line
from mtcnn_rt.annotations.yolo_description import read_description
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


COCO = {
    "images": [{"id": 1, "file_name": "a.jpg"}],
    "annotations": [
        {"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "keypoints": [1, 2, 2] * 5}
    ],
    "categories": [{"id": 1, "name": "face", "keypoints": ["nose", "a", "b", "c", "d"]}],
}
LINE = {
    **{"image": "a.jpg", "boxes": [[1, 2, 3, 4]], "landmarks": [[[1, 2]] * 5], "labels": ["a"]},
    **{"ignored": [False], "teacher": [0.5], "split": "train"},
}
OTHERS = (None, 5, -0.5, True, "x", "", [], [5], [[]], [None], ["a"], {}, {"a": 1}, [{}], 10**400)
OTHERS += (float("nan"), float("inf"), [{"id": [1]}], "\ud800", [float("nan")] * 15)


def variants(value):
    """Yields a value with each of its parts, and the whole of it, replaced by each other value."""
    yield from OTHERS
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in parts if isinstance(value, (dict, list)) else ():
        for other in variants(part) if isinstance(part, (dict, list)) else OTHERS:
            changed = value.copy()
            changed[key] = other
            yield changed


@pytest.mark.parametrize(("module", "good"), [(coco, COCO), (jsonl, LINE)])
def test_json_of_other_types_is_no_other_error(module, good):
    """Before, `"categories": 5` was a TypeError."""
    texts = [json.dumps(one) for one in variants(good)]
    assert len(texts) > 400
    refused: list[str] = []
    for text in [json.dumps(good), *texts]:
        lines = [Line(Path("a.json"), 1, text)]
        problems: list[str] = []
        assert module.recognizes(lines) in (True, False)
        try:
            entries = list(module.read(lines, problems))
        except ValueError as error:
            refused.append(str(error))
        else:
            assert entries or problems or module is coco
    assert all(reason.startswith("a.json") for reason in refused)
    assert (len(refused) > 20) == (module is coco)  # a broken line is skipped


@pytest.mark.parametrize("line", ["a" * 200_000, "a" + " " * 200_000, "a" + " a" * 100_000])
def test_a_long_line_of_a_description_takes_linear_time(tmp_path, line):
    """Before, 16,000 characters took 0.9 s, and the 4 MB that are allowed hours."""
    (tmp_path / "data.yaml").write_text(f"{line}\ntrain : images\n'val' :\n  - {line}\n")
    found = read_description(tmp_path / "data.yaml")
    assert found.places == {"train": ["images"], "val": [line.strip()]}
