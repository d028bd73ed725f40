"""`mtcnn-rt export`, and what becomes of its files in the other commands."""

import json
import os
from pathlib import Path

import cv2
import pytest
from helpers.found_faces import face, record, write_results

from mtcnn_rt.annotations import read_annotations
from mtcnn_rt.exports import FORMATS


@pytest.fixture
def results(run, save, photo):
    """Results of a folder with a photo, a plain image, and a file that is no image."""
    save("photos/faces.png", photo)
    save("photos/plain.jpg")
    Path("photos/broken.jpg").write_text("not an image")
    assert run("batch", "photos", "--out", "results.jsonl", "--workers", 1).exit_code == 1
    return Path("results.jsonl")


def test_results_become_annotations_that_evaluate_reads(run, results):
    result = run("export", results, "--format", "coco", "--out", "coco.json", "--images", "photos")
    assert result.exit_code == 1
    assert result.stdout == "2 images, 4 faces: coco.json\n"
    [line] = result.stderr.splitlines()
    assert line.startswith("mtcnn-rt: photos/broken.jpg left out: cannot read photos/broken.jpg: ")
    evaluated = run("evaluate", "boxes", "--data", "coco.json", "--images", "photos", "--json", "n")
    assert evaluated.exit_code == 0, evaluated.stderr
    [numbers] = json.loads(Path("n").read_text())["results"].values()
    assert numbers["numbers"]["AP"] > 0.99


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_written(run, tmp_path, format):
    write_results(tmp_path / "r.jsonl", record("a.jpg", [face([1, 1, 9, 9])]))
    result = run("export", "r.jsonl", "--format", format, "--out", "out", "--min-score", 0.5)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "1 images, 1 faces: out\n"
    assert Path("out").is_dir() == (format in ("yolo", "yolo-pose", "wider"))


def test_a_data_set_is_made_in_its_folder(run, save, photo):
    save("data/images/day/faces.png", photo)
    assert run("batch", "data/images", "--out", "r.csv", "--workers", 1).exit_code == 0
    words = ["export", "r.csv", "--format", "yolo-pose", "--images", "data/images", "--out", "data"]
    assert run(*words).exit_code == 0
    [image] = read_annotations(Path("data")).images
    assert (image.name, image.usable_faces()) == ("day/faces.png", 4)
    assert image.landmarks.min() > 10
    evaluated = run("evaluate", "boxes", "--data", "data", "--json", "n.json")
    assert evaluated.exit_code == 0, evaluated.stderr
    [numbers] = json.loads(Path("n.json").read_text())["results"].values()
    assert numbers["numbers"]["AP"] > 0.99
    before = Path("data/data.yaml").read_bytes()
    refused = run("evaluate", "boxes", "--data", "data", "--json", "data/data.yaml", "--overwrite")
    assert (refused.exit_code, "is an input" in refused.stderr) == (2, True)
    assert Path("data/data.yaml").read_bytes() == before


def test_many_lines_are_not_printed(run, tmp_path):
    failures = ({"image": f"{n}", "faces": [], "error": "no such file"} for n in range(25))
    write_results(tmp_path / "r.jsonl", record("a.jpg", []), *failures)
    result = run("export", "r.jsonl", "--format", "jsonl", "--out", "out")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 21
    assert result.stderr.endswith("mtcnn-rt: 5 more are left out\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["r.jsonl", "--out", "o"], "Missing option '--format'"),
        (["r.jsonl", "--format", "voc", "--out", "o"], "'voc' is not one of 'coco', 'yolo',"),
        (["none", "--format", "coco", "--out", "o"], "File 'none' does not exist"),
        (["r.jsonl", "--format", "coco", "--out", "r.jsonl", "--overwrite"], "is an input, which"),
        (
            ["r.jsonl", "--format", "coco", "--out", "there"],
            "there exists (--overwrite replaces it",
        ),
        (["bad", "--format", "coco", "--out", "o"], "bad:1: not JSON: Expecting value"),
    ],
)
def test_errors_are_one_line(run, tmp_path, words, message):
    write_results(tmp_path / "r.jsonl", record("a.jpg", []))
    (tmp_path / "there").write_text("precious")
    (tmp_path / "bad").write_text("no results")
    result = run("export", *words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad", "r.jsonl", "there"]
    assert (tmp_path / "there").read_text() == "precious"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_results_in_a_pipe_are_refused(run, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    done = run("export", "pipe", "--format", "coco", "--out", "c.json")
    assert done.exit_code == 2
    assert "pipe: a pipe, which is not read twice; write it to a file" in done.stderr


def test_an_image_is_never_replaced(run, save, tmp_path):
    save("photos/a.jpg")
    save("photos/b.jpg")
    Path("photos.tar").write_bytes(b"an archive")
    Path("link").symlink_to("photos/b.jpg")
    names = ("photos/a.jpg", "photos/b.jpg", "photos.tar/day/c.jpg")
    write_results(tmp_path / "r.jsonl", *(record(name, []) for name in names))
    words = ("export", "r.jsonl", "--format", "coco", "--overwrite", "--out")
    for out in ("photos/b.jpg", "link", "photos.tar"):
        before = Path(out).read_bytes()
        result = run(*words, out)
        assert result.exit_code == 2
        assert f"--out: {out} is an input, which is never overwritten" in result.stderr
        assert Path(out).read_bytes() == before
    Path("old.json").write_text("{}")
    assert run(*words, "old.json").exit_code == 0


def test_coordinates_are_of_the_image(run, results):
    run("export", results, "--format", "jsonl", "--out", "a.jsonl")
    found = next(one for one in read_annotations(Path("a.jsonl")).images if "faces" in one.name)
    height, width = cv2.imread("photos/faces.png").shape[:2]
    assert found.boxes.max(axis=0)[0] < width
    assert found.boxes.max(axis=0)[1] < height
    assert found.name == "photos/faces.png"
