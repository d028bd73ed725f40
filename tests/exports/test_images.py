"""Tests which images are exported, and what replaces what."""

import json
from pathlib import Path

import pytest
from helpers.found_faces import face, record, write_results

from mtcnn_rt.exports import FORMATS
from mtcnn_rt.exports.images import ExportedImages
from mtcnn_rt.exports.writing import export

FACES = [face([1, 1, 9, 9], score=0.9), face([20, 20, 40, 40], score=0.3)]


def names_of(images: ExportedImages) -> list[str]:
    return [image.name for image in images]


def test_names_become_relative_to_a_folder(tmp_path):
    inside = tmp_path / "photos" / "day 1" / "a.jpg"
    results = write_results(
        tmp_path / "r.jsonl", record(str(inside), FACES), record("/elsewhere/b.jpg", [])
    )
    images = ExportedImages(results, tmp_path / "photos")
    assert names_of(images) == ["day 1/a.jpg"]
    assert images.problems == [f"/elsewhere/b.jpg left out: it is not in {tmp_path / 'photos'}"]


def test_faces_below_a_score_are_left_out_and_their_images_stay(tmp_path):
    results = write_results(
        tmp_path / "r.jsonl", record("a.jpg", FACES), record("b.jpg", FACES[1:])
    )
    images = ExportedImages(results, min_score=0.5)
    assert [len(image.faces) for image in images] == [1, 0]
    assert (images.images, images.faces) == (2, 1)


def test_failures_and_frames_are_named(tmp_path):
    results = write_results(
        tmp_path / "r.jsonl",
        record("a.jpg", FACES),
        {"image": "b.jpg", "faces": [], "error": "cannot read b.jpg: not an image"},
        *(record("c.mp4", FACES, frame=index, time=index / 25) for index in range(3)),
    )
    images = ExportedImages(results)
    assert names_of(images) == ["a.jpg"]
    assert images.problems == [
        "b.jpg left out: cannot read b.jpg: not an image",
        "3 frames of videos left out: annotations are of images",
    ]


@pytest.mark.parametrize(
    ("format", "names", "reason"),
    [
        ("yolo", ["a.jpg", "a.png"], "a.png left out: another image has its place, a"),
        ("wider", ["x/a.jpg", "x/a.png"], "x/a.png left out: another image has its place, x/a"),
        ("yolo", ["b.jpg", "/a.jpg"], "/a.jpg left out: its name is no relative path; --images"),
        ("yolo", ["b.jpg", "../a.jpg"], "../a.jpg left out: its name is no relative path"),
        ("wider", ["b.jpg", "a\nb.jpg"], "a\nb.jpg left out: its name has a line break"),
        ("cvat", ["b.jpg", "a\x01.jpg"], "a\x01.jpg left out: XML cannot hold its name"),
        ("coco", ["a.jpg", "a.jpg"], "a.jpg left out: another image has its place, a.jpg"),
    ],
)
def test_names_that_a_format_cannot_hold(tmp_path, format, names, reason):
    results = write_results(tmp_path / "r.jsonl", *(record(name, FACES) for name in names))
    done = export(ExportedImages(results), format, tmp_path / "out")
    assert done.images == 1
    [problem] = done.problems
    assert problem.startswith(reason)
    assert not (tmp_path.parent / "a.txt").exists()


@pytest.mark.parametrize("format", FORMATS)
def test_faces_that_are_not_written_do_not_count(tmp_path, format):
    boxes = ([1, 1, 9, 9], [200, 1, 220, 20], [9, 1, 5, 9], [1, 1, 9, 1.001], [-20, 1, 0.003, 9])
    results = write_results(tmp_path / "r.jsonl", record("a.jpg", list(map(face, boxes))))
    done = export(ExportedImages(results), format, tmp_path / "out")
    [problem] = done.problems
    if format in ("wider", "jsonl"):
        assert (done.images, done.faces) == (1, 3)
        assert problem == "a.jpg: 2 of 5 faces left out: their boxes have no area"
    else:
        assert (done.images, done.faces) == (1, 1)
        assert problem == "a.jpg: 4 of 5 faces left out: their boxes have no area in the image"


def test_annotations_of_coco_are_those_that_count(tmp_path):
    boxes = ([200, 1, 220, 20], [1, 1, 9, 9])
    results = write_results(tmp_path / "r.jsonl", record("a.jpg", list(map(face, boxes))))
    export(ExportedImages(results), "coco", tmp_path / "out")
    written = json.loads((tmp_path / "out").read_text())["annotations"]
    assert [one["bbox"] for one in written] == [[1, 1, 8, 8]]


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_is_replaced_unasked(tmp_path, format):
    results = write_results(tmp_path / "r.jsonl", record("a/b.jpg", FACES))
    out = tmp_path / "out"
    export(ExportedImages(results), format, out)
    before = [path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()]
    with pytest.raises(FileExistsError, match="exist"):
        export(ExportedImages(results), format, out)
    export(ExportedImages(results), format, out, overwrite=True)
    assert [path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()] == before


@pytest.mark.parametrize(("format", "folder"), [("yolo", "labels"), ("wider", "")])
def test_a_folder_with_other_files_is_not_replaced(tmp_path, format, folder):
    results = write_results(tmp_path / "r.jsonl", record("a/b.jpg", FACES))
    photo = tmp_path / "out" / folder / "a" / "b.jpg"
    photo.parent.mkdir(parents=True)
    photo.write_bytes(b"precious")
    with pytest.raises(FileExistsError, match=r"is not replaced: .*b\.jpg is no file of labels"):
        export(ExportedImages(results), format, tmp_path / "out", overwrite=True)
    assert photo.read_bytes() == b"precious"


def test_labels_come_beside_images_that_are_there(tmp_path):
    results = write_results(tmp_path / "r.jsonl", record("b.jpg", FACES))
    photo = tmp_path / "data" / "images" / "b.jpg"
    photo.parent.mkdir(parents=True)
    photo.write_bytes(b"precious")
    for overwrite in (False, True):
        export(ExportedImages(results), "yolo", tmp_path / "data", overwrite)
        assert photo.read_bytes() == b"precious"
        assert (tmp_path / "data/labels/b.txt").exists()


@pytest.mark.parametrize("format", FORMATS)
def test_broken_results_leave_nothing(tmp_path, format):
    results = tmp_path / "r.jsonl"
    good = json.dumps(record("a.jpg", FACES))
    for bad in (
        "[]",
        "{",
        '{"image": "a"}',
        '{"image": "b", "width": 0, "height": 1, "faces": []}',
    ):
        results.write_text(f"{good}\n{bad}\n")
        with pytest.raises(ValueError, match=r"r\.jsonl:2: "):
            export(ExportedImages(results), format, tmp_path / "out")
        assert sorted(path.name for path in Path(tmp_path).iterdir()) == ["r.jsonl"]


def test_results_without_an_image_leave_nothing(tmp_path):
    results = write_results(tmp_path / "r.jsonl", {"image": "b", "faces": [], "error": "no such"})
    for format in FORMATS:
        with pytest.raises(ValueError, match=r"has no image to export: b left out: no such"):
            export(ExportedImages(results), format, tmp_path / "out")
    assert sorted(path.name for path in Path(tmp_path).iterdir()) == ["r.jsonl"]
