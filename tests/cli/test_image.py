"""`mtcnn-rt image`: what is read, where the copies go, the results."""

import csv
import io
import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers.command_results import assert_one_image_done, assert_one_line_error

from mtcnn_rt import LANDMARKS, MTCNN


def test_a_photo_gets_an_annotated_copy_and_a_summary(run, save, photo, tmp_path):
    save("photo.png", photo)
    result = run("image", "photo.png", "--min-face-size", 40)
    faces = MTCNN(min_face_size=40).detect(photo)
    assert_one_image_done(result, len(faces), "faces")
    copy = cv2.imread("faces/photo.png")
    assert copy.shape == photo.shape
    assert 0 < (copy != photo).any(axis=-1).mean() < 0.2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["faces", "photo.png"]


@pytest.mark.parametrize("method", ["blur", "pixelate", "solid"])
def test_copies_are_anonymized(run, save, photo, method, detector):
    save("photo.png", photo)
    result = run("image", "photo.png", "--anonymize", method, "--json", "out.json")
    assert result.exit_code == 0
    copy = cv2.imread("faces/photo.png")
    assert len(detector.detect(copy)) == 0
    with open("out.json") as file:
        faces = json.load(file)[0]["faces"]
    assert len(faces) == 4  # of the picture as it was
    beside = np.full(photo.shape[:2], True)
    for x1, y1, x2, y2 in (face["box"] for face in faces):
        across, down = 0.2 * (x2 - x1) + 1, 0.2 * (y2 - y1) + 1
        rows, columns = slice(int(y1 - down), int(y2 + down)), slice(int(x1 - across), None)
        beside[rows, columns.start : int(x2 + across)] = False
    assert (copy == photo)[beside].all()


def test_the_look_of_what_covers_a_face(run, save, photo):
    save("photo.png", photo)
    changed = {}
    for name, look in {
        "ellipse": [],
        "box": ["--shape", "box"],
        "wide": ["--margin", 1],
        "tight": ["--margin", 0, "--shape", "ellipse"],
    }.items():
        words = ["image", "photo.png", "--anonymize", "solid", "--min-face-size", 40]
        assert run(*words, *look, "--out", name).exit_code == 0
        changed[name] = (cv2.imread(f"{name}/photo.png") != photo).any(-1).sum()
    assert changed["tight"] < changed["ellipse"] < changed["box"] < changed["wide"]


def test_the_look_of_what_is_drawn(run, save, photo):
    save("photo.png", photo)
    copies = []
    for number, look in enumerate(
        ([], ["--style", "corners"], ["--style", "rounded"], ["--no-scores", "--no-landmarks"])
    ):
        words = ["image", "photo.png", "--min-face-size", 40, "--out", number]
        assert run(*words, *look).exit_code == 0
        copies.append(cv2.imread(f"{number}/photo.png"))
        assert (copies[-1] != photo).any()
    assert len({copy.tobytes() for copy in copies}) == 4


@pytest.mark.parametrize(
    "look",
    [
        ["--margin", "0.3"],
        ["--shape", "box"],
        ["--anonymize", "mosaic"],
        ["--anonymize", "blur", "--margin", "-1"],
        ["--style", "fancy"],
    ],
)
def test_a_look_that_cannot_be_is_refused(run, save, look):
    save("plain.png")
    result = run("image", "plain.png", *look)
    assert_one_line_error(result)
    assert not os.path.exists("faces")


def test_json_and_csv_have_what_the_detector_finds(run, save, photo):
    path = save("photo.png", photo)
    result = run(
        *("image", path, "--no-images", "--json", "out.json", "--csv", "out.csv"),
        *("--min-face-size", 40),
    )
    assert result.exit_code == 0
    faces = MTCNN(min_face_size=40).detect(photo).to_dicts()
    assert len(faces) >= 1
    with open("out.json") as file:
        height, width = photo.shape[:2]
        assert json.load(file) == [
            {"image": str(path), "width": width, "height": height, "faces": faces}
        ]
    with open("out.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["face"] for row in rows] == [str(index) for index in range(len(faces))]
    for row, face in zip(rows, faces, strict=True):
        assert row["image"] == str(path)
        assert [float(row[side]) for side in ("x1", "y1", "x2", "y2")] == face["box"]
        assert float(row["score"]) == face["score"]
        for name in LANDMARKS:
            assert [float(row[f"{name}_{axis}"]) for axis in "xy"] == face["landmarks"][name]
    assert not os.path.exists("faces")


@pytest.mark.parametrize("option", ["--json", "--csv"])
def test_results_on_standard_output_are_alone_there(run, save, option):
    save("plain.png")
    result = run("image", "plain.png", "--no-images", option, "-")
    assert result.exit_code == 0
    if option == "--json":
        assert [record["faces"] for record in json.loads(result.stdout)] == [[]]
    else:
        assert len(list(csv.reader(io.StringIO(result.stdout)))) == 1
    assert result.stderr.startswith("1 images, 0 faces, ")


@pytest.mark.parametrize(
    "words",
    [["--json", "-", "--csv", "-"], ["--no-images"]],
)
def test_outputs_that_make_no_sense_are_refused(run, save, words):
    save("plain.png")
    assert run("image", "plain.png", *words).exit_code == 2


def test_a_folder_keeps_its_structure(run, save, tmp_path):
    for name in ("a.png", "day/a.png", "day/night/b.jpg", ".hidden/c.png", "day/._d.png"):
        save(f"photos/{name}")
    (tmp_path / "photos" / "notes.txt").write_text("no picture")
    assert run("image", "photos").exit_code == 0
    copies = sorted(str(p.relative_to("faces")) for p in _files("faces"))
    assert copies == ["a.png", "day/a.png", "day/night/b.jpg"]


def test_copies_of_one_name_are_numbered(run, save):
    for name in ("one/a.png", "two/a.png", "three/A.png", "four/a.gif"):
        save(name) if not name.endswith("gif") else save("four/a.bmp").rename("four/a.gif")
    assert run("image", "one/a.png", "two/a.png", "three/A.png", "four/a.gif").exit_code == 0
    assert sorted(p.name for p in _files("faces")) == ["A-3.png", "a-2.png", "a-4.png", "a.png"]


def test_a_picture_named_twice_is_read_once(run, save):
    save("photos/a.png")
    result = run("image", "photos", "photos/a.png", "photos/../photos/a.png", "photos/*.png")
    assert result.stdout.startswith("1 images, ")


def test_a_pattern_that_the_shell_left_alone(run, save):
    for name in ("a1.png", "a2.png", "b.png", "deep/er/a3.png"):
        save(name)
    assert run("image", "a*.png", "**/a3.png").stdout.startswith("3 images, ")


def test_the_copies_of_the_last_time_are_no_inputs(run, save):
    save("photos/a.png")
    assert run("image", "photos", "--out", "photos/faces").exit_code == 0
    result = run("image", "photos", "--out", "photos/faces", "--overwrite")
    assert result.stdout.startswith("1 images, ")


def test_an_existing_copy_is_skipped_unless_told(run, save):
    save("a.png")
    save("b.png")
    save("faces/a.png", np.zeros((4, 4, 3), np.uint8))
    result = run("image", "a.png", "b.png")
    assert result.exit_code == 1
    assert result.stderr.startswith("mtcnn-rt: cannot write faces/a.png: it exists")
    assert result.stderr.count("\n") == 1
    assert ", 1 failed" in result.stdout
    assert cv2.imread("faces/a.png").shape == (4, 4, 3)
    assert run("image", "a.png", "b.png", "--overwrite").exit_code == 0
    assert cv2.imread("faces/a.png").shape == (48, 64, 3)


def test_an_input_is_never_overwritten(run, save):
    before = save("photos/a.png").read_bytes()
    result = run("image", "photos", "--out", "photos", "--overwrite")
    assert result.exit_code == 1
    assert "it is an input" in result.stderr
    assert run("image", "photos", "--json", "photos/a.png", "--overwrite").exit_code == 2
    assert [p.read_bytes() for p in _files("photos")] == [before]


def test_what_cannot_be_read_is_named_and_skipped(run, save, tmp_path):
    save("good.png")
    (tmp_path / "bad.png").write_bytes(b"no picture")
    (tmp_path / "empty.jpg").touch()
    result = run("image", "bad.png", "good.png", "empty.jpg", "missing.jpg", "--json", "out.json")
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert len(lines) == 3
    for name in ("bad.png", "empty.jpg", "missing.jpg"):
        assert any(line.startswith(f"mtcnn-rt: cannot read {name}: ") for line in lines)
    assert result.stdout.startswith("1 images, 0 faces, ")
    assert ", 3 failed" in result.stdout
    with open("out.json") as file:
        assert [record["image"] for record in json.load(file)] == ["good.png"]


def test_nothing_that_can_be_read(run, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    (tmp_path / "empty").mkdir()
    assert run("image", "bad.png").exit_code == 2
    assert run("image", "empty").exit_code == 2


def test_a_copy_that_cannot_be_written_is_named(run, save, tmp_path):
    save("a.png")
    (tmp_path / "faces").write_text("a file where the folder should be")
    result = run("image", "a.png")
    assert result.exit_code == 2
    assert result.stderr.startswith("mtcnn-rt: cannot write faces/a.png: ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["image", "crops", "process"])
def test_the_status_is_that_of_what_was_written(run, save, photo, command):
    save("a/1.png", photo)
    save("b/2.png", photo)
    Path("taken.txt").touch()
    out = {"image": "1.png", "crops": "1-1.png", "process": "1.png"}[command]
    assert run(command, "a", "b", "--out", "taken.txt").exit_code == 2
    Path("out", out).mkdir(parents=True)  # a folder in the place of a copy
    words = (command, "a", "--out", "out", "--overwrite")
    assert run(*words).exit_code == 2
    assert run(*words[:2], "b", *words[2:]).exit_code == 1  # the other one is written
    assert run(*words[:2], "--out", "out").exit_code == 1  # something exists, and is kept


def test_results_do_not_replace_a_file_unless_told(run, save, tmp_path):
    save("a.png")
    (tmp_path / "out.json").write_text("precious")
    result = run("image", "a.png", "--no-images", "--json", "out.json")
    assert result.exit_code == 2
    line = "mtcnn-rt: error: out.json exists (--overwrite replaces it, in Python overwrite=True)\n"
    assert result.stderr == line
    assert (tmp_path / "out.json").read_text() == "precious"
    run("image", "a.png", "--no-images", "--json", "out.json", "--overwrite")
    assert len(json.loads((tmp_path / "out.json").read_text())) == 1


def _files(folder: str) -> list[Path]:
    return [path for path in Path(folder).rglob("*") if path.is_file()]
