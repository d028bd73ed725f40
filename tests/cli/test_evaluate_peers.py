"""Tests `mtcnn-rt evaluate` with other detectors, by size, and without faces."""

import json
import re

import numpy as np
import pytest
from helpers.data_sets import write_fddb_folds, write_wider_truth
from helpers.evaluate_command import annotate, photo_data, sides, table

from mtcnn_rt import MTCNN, Faces
from mtcnn_rt._comparison.single_shot.choice import NamedPeer


@pytest.fixture
def faces(photo):
    """Returns the faces that the detector finds in the photo: four."""
    return MTCNN(threads=1).detect(photo)


@pytest.fixture
def peers(faces, monkeypatch):
    """Makes every other detector find two of the faces, and something that is none.

    Returns:
        The arguments with which the detectors were opened.
    """
    opened = []
    boxes = np.vstack([faces.boxes[:2], [[5, 5, 45, 55]]]).astype(np.float32)
    landmarks = np.concatenate([faces.landmarks[:2], np.zeros((1, 5, 2), np.float32)])
    found = Faces(boxes, np.float32([0.95, 0.7, 0.3]), landmarks)

    def load(self, threads, min_score=0.02):
        opened.append((self.name, self.kind, str(self.path), threads, min_score))
        return lambda image: found

    monkeypatch.setattr(NamedPeer, "load", load)
    return opened


def parts(result):
    """Returns the second table: the cells by part and detector."""
    lines = result.stdout.split("\n\n")[1].splitlines()
    head, *rows = [re.split(r" {2,}", line) for line in lines]
    assert head[:2] == ["faces that count", "detector"]
    return {tuple(row[:2]): dict(zip(head[2:], row[2:], strict=True)) for row in rows}


def test_other_detectors_beside_a_model(run, save, tmp_path, photo, faces, peers):
    photo_data(tmp_path, save, photo, {"boxes": list(map(sides, faces.boxes.tolist()))})
    words = ["evaluate", "boxes", "--data", "data", "--threads", 1, "--json", "r.json"]
    result = run(*words, "--model", "published", "--peer", "yunet=a.onnx", "--peer", "b:scrfd=b")
    assert result.exit_code == 0, result.stderr
    assert peers == [("yunet", "yunet", "a.onnx", 1, 0.02), ("b", "scrfd", "b", 1, 0.02)]
    numbers = table(result)
    assert list(numbers) == ["published", "yunet", "b"]
    assert numbers["yunet"] == numbers["b"] == {"AP": 0.5, "recall": 0.5}
    assert numbers["published"]["AP"] == 1
    described = json.loads((tmp_path / "r.json").read_text())
    assert described["about"]["other detectors"] == (
        "yunet: yunet, the image's own size, a.onnx; b: scrfd, the image's own size, b"
    )
    rows = parts(result)
    assert rows["all faces", "published"]["AP"] == "1.0000 (1.000 to 1.000)"
    assert rows["all faces", "yunet"] == {
        "faces": "4",
        "AP": "0.5000 (0.500 to 0.500)",
        "recall": "0.5000",
        "recall at 10 FP": "0.5000",
        "recall at 50 FP": "0.5000",
        "recall at 100 FP": "0.5000",
        "best F1": "0.6667",
        "threshold": "0.7000",
    }
    of_all = described["results"]["yunet"]["parts"]["all faces"]
    assert of_all["numbers"]["best F1"] == pytest.approx(2 / 3, abs=1e-6)
    assert of_all["intervals"]["best F1"] == pytest.approx([2 / 3, 2 / 3], abs=1e-6)


def test_without_a_model_only_the_others_run(run, save, tmp_path, photo, faces, peers):
    photo_data(tmp_path, save, photo, {"boxes": list(map(sides, faces.boxes.tolist()))})
    result = run("evaluate", "boxes", "--data", "data", "--peer", "yuface", "--json", "r.json")
    assert list(table(result)) == ["yuface"]
    about = json.loads((tmp_path / "r.json").read_text())["about"]
    assert about["other detectors"] == "yuface: yuface, the image's own size"
    assert "detector" not in about


def test_sizes_and_labels(run, save, tmp_path, photo, faces, peers):
    heights = (faces.boxes[:, 3] - faces.boxes[:, 1]).tolist()
    boxes = list(map(sides, faces.boxes.tolist()))
    photo_data(tmp_path, save, photo, {"boxes": boxes, "labels": ["a", "b", "a", "b"]})
    words = ["evaluate", "boxes", "--data", "data", "--peer", "yunet=x", "--label", "a"]
    rows = parts(run(*words, "--resamples", 0))
    edges = {"20 to 32 px": (20, 32), "32 to 64 px": (32, 64), "64 to 128 px": (64, 128)}
    edges["128 px and more"] = (128, np.inf)
    counts = {title: sum(a <= one < b for one in heights) for title, (a, b) in edges.items()}
    expected = ["all faces", "label a", *(title for title, count in counts.items() if count)]
    assert [part for part, _ in rows] == expected
    assert len(expected) >= 4
    for title, count in counts.items():
        if count:
            assert rows[title, "yunet"]["faces"] == str(count)
    # One of the two faces, and one that has another label; no intervals without resamples.
    assert rows["label a", "yunet"]["AP"] == "0.5000"


def test_the_report_shows_the_worst_mistakes(run, save, tmp_path, photo, faces, peers):
    photo_data(tmp_path, save, photo, {"boxes": list(map(sides, faces.boxes.tolist()))})
    words = ["evaluate", "boxes", "--data", "data", "--overwrite", "--report", "r.html"]
    result = run(*words, "--peer", "mine:yunet=x", "--peer", "low:yuface")
    assert result.exit_code == 0, result.stderr
    page = (tmp_path / "r.html").read_text()
    # The usual thresholds are 0.6 and 0.5: the false alarm has a score of 0.3.
    assert re.findall("<h3>(.*?)</h3>", page) == [
        "mine: missed faces, 2 in all",
        "low: missed faces, 2 in all",
        "photo.png",
    ]
    heights = np.sort(faces.boxes[2:, 3] - faces.boxes[2:, 1])[::-1]
    captions = re.findall("<figcaption>(photo.png: .*?)</figcaption>", page)
    assert captions[:2] == [
        f"photo.png: {height:.0f} px high, nearest detection at IoU 0.00" for height in heights
    ]
    assert page.count("data:image/jpeg;base64,") == 4 + 2
    assert "<td>0.5000 (0.500 to 0.500)</td>" in page
    # A model's detections have passed its thresholds: all count.
    photo_data(tmp_path, save, photo, {"boxes": [[0, 0, 40, 40]]})
    run(*words, "--model", "published")
    page = (tmp_path / "r.html").read_text()
    assert "<h3>published: missed faces, 1 in all</h3>" in page
    assert "<h3>published: false alarms, 4 in all</h3>" in page
    assert re.search("photo.png: score 1.000, .* px high, nearest face at IoU 0.00", page)


def test_a_set_without_faces(run, save, tmp_path, photo, peers):
    save("data/images/a.png", photo)
    save("data/images/b.png")
    data = tmp_path / "data" / "annotations.jsonl"
    annotate(data, {"image": "a.png", "boxes": []}, {"image": "b.png", "boxes": []})
    words = ["evaluate", "boxes", "--data", "data", "--json", "r.json", "--report", "r.html"]
    result = run(*words, "--model", "published", "--peer", "yunet=x", "--peer", "opencv-yunet=x")
    assert result.exit_code == 0, result.stderr
    names = ("images without faces", "FP in them", "FP per image", "share with FP")
    assert table(result) == {
        # Four in the photo, none in the plain image.
        "published": dict(zip(names, (2, 4, 2, 0.5), strict=True)),
        # From 0.6, two in each image; from 0.9, one in each.
        "yunet": dict(zip(names, (2, 4, 2, 1), strict=True)),
        "opencv-yunet": dict(zip(names, (2, 2, 1, 1), strict=True)),
    }
    described = json.loads((tmp_path / "r.json").read_text())
    assert described["title"] == "Images without faces"
    curve = described["results"]["yunet"]["curves"]["false alarms in images without faces"]
    assert curve == {"x": [0.95, 0.95], "y": [1, 0.5]}
    assert "yunet: false alarms, 4 in all" in (tmp_path / "r.html").read_text()


def test_some_images_without_faces(run, save, tmp_path, photo, faces, peers):
    save("data/images/a.png", photo)
    save("data/images/b.png")
    boxes = list(map(sides, faces.boxes.tolist()))
    annotate(
        tmp_path / "data" / "annotations.jsonl",
        {"image": "a.png", "boxes": boxes},
        {"image": "b.png", "boxes": [[5, 5, 40, 50]], "ignored": [True]},
    )
    numbers = table(run("evaluate", "boxes", "--data", "data", "--peer", "yunet=x"))["yunet"]
    # In b.png two of the three do not meet the ignored box.
    assert numbers["images without faces"] == 1
    assert numbers["FP in them"] == numbers["FP per image"] == 2


def test_landmarks_and_fddb(run, save, tmp_path, photo, faces, peers):
    boxes, points = faces.boxes[:2].tolist(), faces.landmarks[:2].tolist()
    entry = {"boxes": list(map(sides, boxes)), "landmarks": points}
    photo_data(tmp_path, save, photo, entry)
    numbers = table(run("evaluate", "landmarks", "--data", "data", "--peer", "yunet=x"))["yunet"]
    assert numbers == {"mean": 0, "median": 0, "failure rate": 0, "missed": 0, "faces": 2}
    x1, y1, x2, y2 = boxes[0]
    ellipse = [(y2 - y1) / 2, (x2 - x1) / 2, np.pi / 2, (x1 + x2) / 2, (y1 + y2) / 2]
    write_fddb_folds(tmp_path / "folds", [{"photo": [ellipse]}])
    save("images/photo.jpg", photo)
    words = ["evaluate", "fddb", "--folds", "folds", "--images", "images"]
    assert table(run(*words, "--peer", "yunet=x"))["yunet"]["discrete at 100"] == 1


def test_wider_measures_peers(run, save, tmp_path, photo, faces, peers):
    image = {"event": "0--Parade", "name": "photo", "faces": list(map(sides, faces.boxes))}
    (tmp_path / "truth").mkdir()
    counted = {"easy": [0], "medium": [0, 1], "hard": [0, 1, 2, 3]}
    write_wider_truth(tmp_path / "truth", [image | counted])
    save("images/0--Parade/photo.jpg", photo)
    words = ["evaluate", "wider", "--ground-truth", "truth", "--images", "images"]
    numbers = table(run(*words, "--peer", "yunet=x"))["yunet"]
    assert numbers == {"AP easy": 1, "AP medium": 1, "AP hard": 0.5}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--peer", "yolo=x"], "expected [NAME:]KIND[@SIDE][=FILE], KIND one of yunet"),
        (["--peer", "yunet=x"], "x: No such file or directory"),
        (["--peer", "yunet=data/annotations.jsonl"], "not a network that can be read"),
        (["--peer", "yunet=x", "--peer", "yunet=y"], "--peer: two are called yunet"),
        (["--peer", "yunet=x", "--model", "yunet=y"], "--peer: another detector is called yunet"),
    ],
)
def test_errors_are_one_line(run, save, tmp_path, words, message):
    photo_data(tmp_path, save, np.zeros((48, 64, 3), np.uint8), {"boxes": [[0, 0, 30, 30]]})
    result = run("evaluate", "boxes", "--data", "data", *words)
    assert result.exit_code == 2
    assert result.stderr.startswith("mtcnn-rt: error: ")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
