"""Tests the contents of the exports, with the numbers of known faces."""

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from helpers.found_faces import face, record, write_results

from mtcnn_rt.evaluation.wider_files import WiderAnnotation, read_detections
from mtcnn_rt.exports.images import ExportedImages
from mtcnn_rt.exports.writing import export
from mtcnn_rt.faces import LANDMARKS, Faces

POINTS = [[30, 28], [50, 28], [40, 36], [32, 44], [48, 44]]
FIRST = face([20, 20, 60, 52], POINTS, 0.75)
AT_THE_EDGE = face([80, -10, 120, 30], [[90, 5], [110, 5], [100, 12], [92, 20], [108, 20]], 0.5)


@pytest.fixture
def exported(tmp_path):
    """Exports two images: one with two faces, of which one reaches over the edge; one without."""
    results = write_results(
        tmp_path / "results.jsonl", record("a/1.jpg", [FIRST, AT_THE_EDGE]), record("b.png", [])
    )

    def export_it(format: str, name: str = "out", **settings) -> Path:
        out = tmp_path / name
        done = export(ExportedImages(results), format, out, **settings)
        assert (done.images, done.faces, done.problems) == (2, 2, [])
        return out

    return export_it


def test_coco(exported):
    found = json.loads(exported("coco").read_text())
    assert list(found) == ["info", "licenses", "categories", "images", "annotations"]
    assert found["images"] == [
        {"id": 1, "file_name": "a/1.jpg", "width": 100, "height": 80},
        {"id": 2, "file_name": "b.png", "width": 100, "height": 80},
    ]
    [category] = found["categories"]
    assert (category["id"], category["name"], category["keypoints"]) == (1, "face", [*LANDMARKS])
    first, second = found["annotations"]
    assert first == {
        "id": 1,
        "image_id": 1,
        "category_id": 1,
        "bbox": [20, 20, 40, 32],
        "area": 1280,
        "iscrowd": 0,
        "score": 0.75,
        "num_keypoints": 5,
        "keypoints": [30, 28, 2, 50, 28, 2, 40, 36, 2, 32, 44, 2, 48, 44, 2],
        "segmentation": [],
    }
    assert (second["id"], second["bbox"], second["area"]) == (2, [80, 0, 20, 30], 600)


def test_coco_has_the_annotations_of_to_coco(exported):
    found = json.loads(exported("coco").read_text())["annotations"][0]
    faces = Faces(
        np.float32([FIRST["box"]]), np.float32([FIRST["score"]]), np.float32([POINTS])
    ).to_coco(image_id=1)
    assert faces == [{key: found[key] for key in faces[0]}]


@pytest.mark.parametrize("posed", [False, True])
def test_yolo(exported, posed):
    out = exported("yolo-pose" if posed else "yolo")
    assert sorted(path.name for path in out.rglob("*.txt")) == ["1.txt", "b.txt"]
    assert (out / "labels/b.txt").read_text() == ""
    rows = [line.split() for line in (out / "labels/a/1.txt").read_text().splitlines()]
    assert [len(row) for row in rows] == [20 if posed else 5] * 2
    first, second = ([float(value) for value in row] for row in rows)
    assert first[:5] == [0, 0.4, 0.45, 0.4, 0.4]
    assert second[:5] == [0, 0.9, 0.1875, 0.2, 0.375]  # cut at the edges
    if posed:
        assert first[5:11] == [0.3, 0.35, 2, 0.5, 0.35, 2]
        assert second[5:14] == [0.9, 0.0625, 2, 0, 0, 0, 1, 0.15, 2]  # the second is outside


@pytest.mark.parametrize("posed", [False, True])
def test_yolo_has_a_description(exported, posed):
    yaml = pytest.importorskip("yaml")
    described = yaml.safe_load(
        (exported("yolo-pose" if posed else "yolo") / "data.yaml").read_text()
    )
    expected = {"train": "images", "val": "images", "names": {0: "face"}}
    if posed:
        expected |= {"kpt_shape": [5, 3], "flip_idx": [1, 0, 2, 4, 3]}
    assert described == expected
    mirrored = [LANDMARKS[index] for index in (1, 0, 2, 4, 3)]
    assert mirrored == ["right_eye", "left_eye", "nose", "mouth_right", "mouth_left"]


def test_cvat(exported):
    root = ElementTree.parse(exported("cvat")).getroot()
    assert (root.tag, root.findtext("version")) == ("annotations", "1.1")
    labels = [(one.findtext("name"), one.findtext("type")) for one in root.iter("label")]
    assert labels == [("face", "rectangle"), ("landmarks", "points")]
    first, second = root.findall("image")
    assert first.attrib == {"id": "0", "name": "a/1.jpg", "width": "100", "height": "80"}
    assert second.attrib["name"] == "b.png"
    assert list(second) == []
    boxes, [points] = (
        first.findall("box"),
        first.findall("points"),
    )  # of the other face, two are outside
    sides = [[float(box.attrib[side]) for side in ("xtl", "ytl", "xbr", "ybr")] for box in boxes]
    assert sides == [[20, 20, 60, 52], [80, 0, 100, 30]]
    assert points.attrib["points"] == "30.00,28.00;50.00,28.00;40.00,36.00;32.00,44.00;48.00,44.00"
    assert points.attrib["group_id"] == boxes[0].attrib["group_id"] != boxes[1].attrib["group_id"]
    assert {one.attrib["source"] for one in (*boxes, points)} == {"auto"}


def test_cvat_numbers_images_by_name_as_its_tasks_do(tmp_path):
    names = ["b.jpg", "a/c.jpg", "a.jpg"]
    results = write_results(tmp_path / "results.jsonl", *(record(name, []) for name in names))
    export(ExportedImages(results), "cvat", tmp_path / "out")
    images = ElementTree.parse(tmp_path / "out").getroot().findall("image")
    found = [(image.attrib["name"], int(image.attrib["id"])) for image in images]
    assert found == [("b.jpg", 2), ("a/c.jpg", 1), ("a.jpg", 0)]


def test_label_studio(exported):
    first, second = json.loads(exported("label-studio").read_text())
    assert first["data"] == {"image": "/data/local-files/?d=a/1.jpg"}
    [prediction] = first["predictions"]
    assert prediction["score"] == 0.5  # of the face that is least sure
    box, *points = prediction["result"][:6]
    assert (box["from_name"], box["to_name"], box["type"]) == ("face", "image", "rectanglelabels")
    assert box["value"] == {
        **{"x": 20, "y": 25, "width": 40, "height": 40, "rotation": 0},
        "rectanglelabels": ["face"],
    }
    assert [point["value"]["keypointlabels"] for point in points] == [[one] for one in LANDMARKS]
    assert {(point["from_name"], point["type"]) for point in points} == {
        ("landmarks", "keypointlabels")
    }
    assert {point["parentID"] for point in points} == {box["id"]}
    assert (points[0]["value"]["x"], points[0]["value"]["y"]) == (30, 35)
    names = [result["id"] for result in prediction["result"]]
    assert len(names) == len(set(names)) == 2 + 5 + 3  # two landmarks are outside
    assert second["predictions"][0]["result"] == []


def test_label_studio_takes_urls(tmp_path):
    results = write_results(tmp_path / "r.jsonl", record("ä b&c.jpg", []))
    export(ExportedImages(results), "label-studio", tmp_path / "out", url="https://host/")
    [task] = json.loads((tmp_path / "out").read_text())
    assert task["data"]["image"] == "https://host/%C3%A4%20b%26c.jpg"


def test_wider_in_one_file(exported):
    text = "a/1.jpg\n2\n20.00 20.00 40.00 32.00 0.75000\n80.00 -10.00 40.00 40.00 0.50000\n"
    assert exported("wider", "all.txt").read_text() == f"{text}b.png\n0\n"


def test_wider_in_a_folder_is_what_the_evaluation_reads(exported):
    out = exported("wider")
    assert sorted(path.relative_to(out).as_posix() for path in out.rglob("*.txt")) == [
        *("a/1.txt", "b.txt")
    ]
    found = read_detections(out, WiderAnnotation("a", "1", np.zeros((0, 4)), {}))
    np.testing.assert_allclose(found.boxes, [[20, 20, 60, 52], [80, -10, 120, 30]])
    np.testing.assert_allclose(found.scores, [0.75, 0.5])


def test_json_lines(exported):
    first, second = map(json.loads, exported("jsonl").read_text().splitlines())
    assert first == {
        "image": "a/1.jpg",
        "width": 100,
        "height": 80,
        "boxes": [[20, 20, 40, 32], [80, -10, 40, 40]],
        "landmarks": [POINTS, list(AT_THE_EDGE["landmarks"].values())],
        "scores": [0.75, 0.5],
    }
    sizes = {"width": 100, "height": 80}
    assert second == {"image": "b.png", **sizes, "boxes": [], "landmarks": [], "scores": []}
