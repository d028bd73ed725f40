"""Tests `mtcnn-rt evaluate` on the first frame of the packaged clip and on small data sets."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers import reference_evaluation
from helpers.data_sets import write_fddb_folds, write_wider_detections, write_wider_truth
from helpers.evaluate_command import annotate, photo_data, sides, table

from mtcnn_rt import MTCNN
from mtcnn_rt._defaults import DEFAULT_MODEL
from mtcnn_rt.annotations import read_annotations


def test_boxes_are_measured_with_labels_left_out(run, save, tmp_path, photo, faces):
    # Three of the four faces are annotated, one of them with another label, and one box without a
    # face: recall 3 of 4. The face without annotation has the best score.
    boxes = [*map(sides, faces.boxes[1:].tolist()), [0, 0, 30, 30]]
    labels = ["face", "face", "statue", "face"]
    photo_data(tmp_path, save, photo, {"boxes": boxes, "labels": labels})
    result = run("evaluate", "boxes", "--data", "data", "--label", "statue", "--json", "out.json")
    assert result.exit_code == 0, result.stderr
    numbers = table(result)[DEFAULT_MODEL]
    # wrong, right, right, right: precision up to 3/4.
    assert numbers["AP"] == pytest.approx(3 / 4 * 3 / 4, abs=1e-4)
    assert numbers["recall"] == 0.75
    # wrong, then the two others dropped, then right.
    assert numbers["AP statue"] == 0.5
    assert numbers["recall statue"] == 1
    described = json.loads((tmp_path / "out.json").read_text())
    assert described["about"]["photos"] == "1"
    curve = described["results"][DEFAULT_MODEL]["curves"]["all faces"]
    assert curve["x"] == [0, 0.25, 0.5, 0.75]
    assert curve["y"] == pytest.approx([0, 1 / 2, 2 / 3, 3 / 4], abs=1e-6)


def test_a_label_cannot_control_the_terminal(run, save, tmp_path, photo, faces):
    boxes = [*map(sides, faces.boxes.tolist())]
    photo_data(tmp_path, save, photo, {"boxes": boxes, "labels": ["a\x1b[2Jb"] * 4})
    result = run("evaluate", "boxes", "--data", "data", "--label", "a\x1b[2Jb")
    assert result.exit_code == 0, result.stderr
    assert r"a\x1b[2Jb" in result.stdout


def test_small_boxes_and_overlap(run, save, tmp_path, photo, faces):
    height = float(faces.boxes[0, 3] - faces.boxes[0, 1])
    photo_data(tmp_path, save, photo, {"boxes": list(map(sides, faces.boxes.tolist()))})
    words = ["evaluate", "boxes", "--data", "data"]
    assert table(run(*words))[DEFAULT_MODEL] == {"AP": 1, "recall": 1}
    assert run(*words, "--min-size", height * 5).exit_code == 2  # nothing is left
    boxes = [
        [x, y, width, 0.7 * height] for x, y, width, height in map(sides, faces.boxes.tolist())
    ]
    photo_data(tmp_path, save, photo, {"boxes": boxes})
    assert table(run(*words))[DEFAULT_MODEL]["recall"] == 1
    assert table(run(*words, "--iou", 0.8))[DEFAULT_MODEL]["recall"] == 0


def test_landmarks_are_measured_and_misses_counted(run, save, tmp_path, photo, faces):
    # The first face as it is found, the second with points off by a fifth of the eyes' distance,
    # and a third, where there is none.
    points = faces.landmarks[:3].astype(float)
    eyes = np.linalg.norm(points[1, 0] - points[1, 1])
    points[1] += [0.2 * eyes, 0]
    points[2] = points[2] - points[2].mean(axis=0) + [20, 20]
    boxes = [sides([*face.min(axis=0), *face.max(axis=0)]) for face in points]
    photo_data(tmp_path, save, photo, {"boxes": boxes, "landmarks": points.tolist()})
    words = ["evaluate", "landmarks", "--data", "data", "--min-face-size", 20]
    result = run(*words, "--json", "out.json")
    assert result.exit_code == 0, result.stderr
    numbers = table(result)[DEFAULT_MODEL]
    assert numbers["missed"] == 1
    assert numbers["faces"] == 3
    assert numbers["mean"] == numbers["median"] == pytest.approx(0.1, abs=1e-3)
    assert numbers["failure rate"] == 0.5
    curve = json.loads((tmp_path / "out.json").read_text())["results"][DEFAULT_MODEL]["curves"]
    assert curve["cumulative errors"]["y"] == pytest.approx([1 / 3, 2 / 3], abs=1e-6)


WIDER = [
    {"event": "0--Parade", "name": "a", "faces": [[0, 0, 50, 50], [100, 0, 50, 50]]},
    {"event": "0--Parade", "name": "b", "faces": [[0, 0, 30, 40]]},
    {"event": "1--Handshaking", "name": "c", "faces": []},
]
COUNTED = {"easy": [[0], [], []], "medium": [[0, 1], [], []], "hard": [[0, 1], [0], []]}
FOUND = {
    "a": [[0, 0, 50, 50, 0.9], [100, 0, 50, 40, 0.6], [2, 0, 50, 50, 0.5], [0, 200, 9, 9, 0.3]],
    "b": [[0, 0, 30, 40, 0.4], [50, 50, 30, 40, 0.8]],
    "c": [[0, 0, 20, 20, 0.7]],
}


def test_eyes_on_one_point_are_named_and_left_out(run, save, tmp_path, photo, faces):
    points = faces.landmarks.tolist()
    broken = [points[0][1], *points[0][1:]]
    save("data/images/b.png", photo)
    photo_data(tmp_path, save, photo, {"landmarks": [broken, *points[1:]]})
    lines = (tmp_path / "data" / "annotations.jsonl").read_text()
    more = json.dumps({"image": "b.png", "landmarks": [broken]})
    (tmp_path / "data" / "annotations.jsonl").write_text(f"{lines}\n{more}\n")
    result = run("evaluate", "landmarks", "--data", "data")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "mtcnn-rt: photo.png: the annotated eyes are one point",
        "mtcnn-rt: b.png: the annotated eyes are one point",
    ]
    assert table(result)[DEFAULT_MODEL]["faces"] == len(points) - 1
    (tmp_path / "data" / "annotations.jsonl").write_text(more)
    result = run("evaluate", "landmarks", "--data", "data")
    assert result.exit_code == 2
    assert "no face has all five landmarks, with the eyes apart" in result.stderr


def test_a_face_that_is_there_twice_counts_once(run, save, tmp_path, photo, faces):
    points, boxes = faces.landmarks.tolist(), list(map(sides, faces.boxes.tolist()))
    photo_data(
        tmp_path, save, photo, {"boxes": boxes + boxes[:1], "landmarks": points + points[:1]}
    )
    found = table(run("evaluate", "landmarks", "--data", "data"))[DEFAULT_MODEL]
    assert found["faces"] == len(points)
    assert table(run("evaluate", "boxes", "--data", "data"))[DEFAULT_MODEL]["recall"] == 1


def test_a_face_without_a_box_leaves_out_its_image_alone(run, save, tmp_path, photo, faces):
    save("data/images/b.png", photo)
    photo_data(tmp_path, save, photo, {"boxes": list(map(sides, faces.boxes.tolist()))})
    path = tmp_path / "data" / "annotations.jsonl"
    more = json.dumps({"image": "b.png", "landmarks": faces.landmarks[:1].tolist()})
    path.write_text(f"{path.read_text()}\n{more}\n")
    result = run("evaluate", "boxes", "--data", "data")
    assert (result.exit_code, result.stderr) == (1, "mtcnn-rt: b.png: a face without a box\n")
    assert table(result)[DEFAULT_MODEL]["AP"] == 1
    path.write_text(more)
    result = run("evaluate", "boxes", "--data", "data")
    assert result.exit_code == 2
    assert "data: every image has a face without a box, which" in result.stderr


@pytest.fixture
def truth(tmp_path):
    images = [
        {**image, **{setting: COUNTED[setting][index] for setting in COUNTED}}
        for index, image in enumerate(WIDER)
    ]
    (tmp_path / "truth").mkdir()
    write_wider_truth(tmp_path / "truth", images)
    return tmp_path / "truth"


def test_wider_from_detections(run, truth, tmp_path):
    for image in WIDER:
        write_wider_detections(
            tmp_path / "found", image["event"], image["name"], FOUND[image["name"]]
        )
    words = ["evaluate", "wider", "--ground-truth", truth, "--detections", "x=found"]
    result = run(*words)
    assert result.exit_code == 0, result.stderr
    expected = {
        setting: reference_evaluation.wider(
            [
                {"faces": image["faces"], "counted": counted, "found": FOUND[image["name"]]}
                for image, counted in zip(WIDER, COUNTED[setting], strict=True)
            ]
        )[0]
        for setting in COUNTED
    }
    # Easy: the face, then b's wrong one, which has no counted face but one that is ignored.
    assert expected["easy"] == 1
    assert 0.5 < expected["hard"] < expected["medium"] < 1
    for setting, value in expected.items():
        assert table(result)["x"][f"AP {setting}"] == pytest.approx(value, abs=5e-5)


def test_wider_without_some_detections(run, truth, tmp_path):
    write_wider_detections(tmp_path / "found", "0--Parade", "a", FOUND["a"])
    words = ["evaluate", "wider", "--ground-truth", truth, "--detections", "x=found"]
    result = run(*words)
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "mtcnn-rt: found/0--Parade/b.txt: no detections",
        "mtcnn-rt: found/1--Handshaking/c.txt: no detections",
    ]
    (tmp_path / "found" / "0--Parade" / "a.txt").unlink()
    result = run(*words)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == (
        "mtcnn-rt: error: found: has no detections, such as 0--Parade/a.txt"
    )


def test_a_broken_file_of_wider_detections_is_left_out(run, truth, tmp_path):
    for image in WIDER:
        write_wider_detections(
            tmp_path / "found", image["event"], image["name"], FOUND[image["name"]]
        )
    (tmp_path / "found/0--Parade/b.txt").write_text("b.jpg\n1\n1 2 3 4\n")
    words = ["evaluate", "wider", "--ground-truth", truth, "--detections", "x=found"]
    result = run(*words)
    assert result.exit_code == 1
    [line] = result.stderr.splitlines()
    assert line == (
        "mtcnn-rt: found/0--Parade/b.txt:3: expected 5 numbers, not '1 2 3 4'; the detections of "
        "the image are left out"
    )
    broken = table(result)
    (tmp_path / "found/0--Parade/b.txt").unlink()
    assert table(run(*words)) == broken


def test_wider_over_images(run, save, tmp_path, photo, faces):
    images = [{"event": "0--Parade", "name": "photo", "faces": list(map(sides, faces.boxes))}]
    images[0] |= {"easy": [0], "medium": [0, 1], "hard": [0, 1, 2, 3]}
    (tmp_path / "truth").mkdir()
    write_wider_truth(tmp_path / "truth", images)
    path = tmp_path / "images" / "0--Parade" / "photo.jpg"
    path.parent.mkdir(parents=True)
    cv2.imwrite(str(path), photo, [cv2.IMWRITE_JPEG_QUALITY, 100])
    words = ["evaluate", "wider", "--ground-truth", "truth"]
    result = run(*words, "--images", "images", "--report", "r.html")
    assert result.exit_code == 0, result.stderr
    assert table(result) == {DEFAULT_MODEL: {"AP easy": 1, "AP medium": 1, "AP hard": 1}}
    assert (tmp_path / "r.html").read_text().count("data:image/jpeg;base64,") == 1
    result = run(*words)
    assert result.exit_code == 2
    assert result.stderr == "mtcnn-rt: error: a detector needs --images to run over\n"


def ellipse(box):
    """Returns the upright ellipse in a box."""
    x1, y1, x2, y2 = box
    return [(y2 - y1) / 2, (x2 - x1) / 2, np.pi / 2, (x1 + x2) / 2, (y1 + y2) / 2]


def test_fddb_compares_with_detections_of_a_file(run, save, tmp_path, photo, faces):
    save("images/2002/a.jpg")  # 64 x 48, plain
    save("images/2002/b.jpg", photo)
    write_fddb_folds(
        tmp_path / "folds",
        [{"2002/a": [[20, 15, 0, 32, 24]]}, {"2002/b": [ellipse(box) for box in faces.boxes]}],
    )
    # In a.jpg the box around the ellipse; pixels of both, counted with their last row and column.
    detections = tmp_path / "out.txt"
    detections.write_text("2002/a\n2\n12 9 40 30 0.9\n0 0 5 5 0.8\n2002/b\n0\n")
    words = ["evaluate", "fddb", "--folds", "folds", "--images", "images", "--json", "out.json"]
    result = run(*words, "--detections", "file=out.txt", "--model", "published")
    assert result.exit_code == 0, result.stderr
    numbers = table(result)
    assert numbers["file"]["discrete at 100"] == pytest.approx(1 / 5)
    assert numbers["file"]["continuous at 100"] == pytest.approx(np.pi / 4 / 5, abs=0.01)
    # The detector finds the four, in boxes around their ellipses, and nothing in the plain image.
    assert numbers["published"]["discrete at 100"] == pytest.approx(4 / 5)
    assert numbers["published"]["continuous at 1000"] == pytest.approx(np.pi / 5, abs=0.03)
    curves = json.loads((tmp_path / "out.json").read_text())["results"]["file"]["curves"]
    assert curves["discrete"] == {"x": [0, 1], "y": [0.2, 0.2]}


def test_broken_fddb_detections_are_left_out(run, save, tmp_path):
    for name in "abc":
        save(f"images/{name}.jpg")
    write_fddb_folds(tmp_path / "folds", [{name: [[20, 20, 0, 30, 30]] for name in "abc"}])
    found = tmp_path / "found.txt"
    words = ["evaluate", "fddb", "--folds", "folds", "--images", "images", "--detections"]
    found.write_text("a\n1\n10 10 40 40 0.9\nb\n2\n10 10 40\nc\n1\n10 10 40 40 0.9\n")
    result = run(*words, "x=found.txt")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "mtcnn-rt: found.txt:6: expected 5 or 6 numbers, not '10 10 40'; the detections of b are "
        "left out",
        "mtcnn-rt: found.txt: b: no detections",
    ]
    found.write_text("a\n1\n10 10 40 40 0.9\nc\n1\n10 10 40 40 0.9\n")
    assert table(run(*words, "x=found.txt")) == table(result)
    found.write_text("no detections\nat all\n")
    result = run(*words, "x=found.txt")
    assert result.exit_code == 2
    assert "found.txt:2: expected the number of faces, not 'at all'" in result.stderr


def test_fddb_without_some_images_and_detections(run, save, tmp_path):
    save("images/a.jpg")
    write_fddb_folds(tmp_path / "folds", [{"a": [[20, 15, 0, 32, 24]], "b": []}])
    (tmp_path / "out.txt").write_text("b\n0\n")
    words = ["evaluate", "fddb", "--folds", "folds", "--images", "images"]
    result = run(*words, "--detections", "out.txt")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "mtcnn-rt: out.txt: a: no detections",
        "mtcnn-rt: cannot read images/b.jpg: No such file or directory",
    ]
    assert table(result)["out.txt"]["discrete at 1000"] == 0


def test_boxes_of_real_photographs(run, tmp_path, media):
    data = media.parent / "data" / "facemask"
    if not data.is_dir():
        pytest.skip("../shared/data/facemask, annotated photographs, is not here")
    images = read_annotations(data, split="test").images[:15]
    entries = [{"image": one.name, "boxes": list(map(sides, one.boxes.tolist()))} for one in images]
    annotate(tmp_path / "some.jsonl", *entries)
    result = run("evaluate", "boxes", "--data", "some.jsonl", "--images", data / "images")
    assert result.exit_code == 0, result.stderr
    detector = MTCNN()
    found = [detector.detect(one.read()) for one in images]
    expected = reference_evaluation.average_precision(
        (one.boxes.tolist(), faces.boxes.tolist(), faces.scores.tolist())
        for one, faces in zip(images, found, strict=True)
    )
    assert 0.4 < expected[0] < expected[1] < 0.95
    assert list(table(result)[DEFAULT_MODEL].values()) == pytest.approx(list(expected), abs=5e-5)


def test_landmarks_of_real_photographs(run, tmp_path, media):
    data = media.parent / "data" / "mtfl"
    if not data.is_dir():
        pytest.skip("../shared/data/mtfl, annotated faces, is not here")
    lines = (data / "aflw.jsonl").read_text().splitlines()[:20]
    (tmp_path / "some.jsonl").write_text("\n".join(lines) + "\n")
    words = ["evaluate", "landmarks", "--data", "some.jsonl", "--images", data / "images.tar"]
    result = run(*words)
    assert result.exit_code == 0, result.stderr
    numbers = table(result)[DEFAULT_MODEL]
    assert numbers["faces"] == 20
    assert numbers["missed"] <= 1
    assert 0.04 < numbers["median"] < 0.1


def test_a_damaged_image_is_left_out(run, tmp_path, photo, faces):
    """Zeros in the middle of a JPEG: libjpeg decodes it, and only writes a line."""
    boxes = list(map(sides, faces.boxes.tolist()))
    (tmp_path / "data/images").mkdir(parents=True)
    content = bytearray(cv2.imencode(".jpg", photo)[1].tobytes())
    (tmp_path / "data/images/good.jpg").write_bytes(content)
    middle = len(content) // 2
    content[middle : middle + 4096] = bytes(4096)
    (tmp_path / "data/images/bad.jpg").write_bytes(content)
    lines = [json.dumps({"image": name, "boxes": boxes}) for name in ("good.jpg", "bad.jpg")]
    (tmp_path / "data/annotations.jsonl").write_text("\n".join(lines))
    result = run("evaluate", "boxes", "--data", "data", "--json", "out.json")
    assert result.exit_code == 1
    bad = Path("data", "images", "bad.jpg")
    assert f"mtcnn-rt: cannot read {bad}: its data are damaged (" in result.stderr
    described = json.loads((tmp_path / "out.json").read_text())
    assert described["about"]["photos"] == "1"
