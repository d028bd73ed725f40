"""`mtcnn-rt crops`: which crops there are, their names, and where they come from."""

import json
import tracemalloc
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers.command_results import assert_one_image_done, assert_one_line_error

from mtcnn_rt import MTCNN, align, images
from mtcnn_rt.cli.crops import name_stems
from mtcnn_rt.cli.found_files import InputFile


def files(folder: str) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in Path(folder).rglob("*") if p.is_file())


def test_every_face_becomes_an_aligned_crop(run, save, photo):
    save("photo.png", photo)
    result = run("crops", "photo.png", "--min-face-size", 40)
    faces = MTCNN(min_face_size=40).detect(photo)
    assert_one_image_done(result, len(faces), "crops")
    assert files("crops") == [f"photo-{n}.png" for n in range(1, len(faces) + 1)]
    for number, landmarks in enumerate(faces.landmarks, 1):
        crop = cv2.imread(f"crops/photo-{number}.png")
        assert (crop == align.crop(photo, landmarks)).all()


def peak_of(run, *words: object) -> int:
    """Returns the most bytes that Python and NumPy hold during a command."""
    tracemalloc.start()
    try:
        assert run(*words).exit_code == 0
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_crops_are_in_memory_one_after_the_other(run, save, photo, faces):
    """Those of a crowd at a large size may exceed the memory."""
    save("photo.png", photo)
    words = ("crops", "photo.png", "--size", 1024, "--overwrite")
    assert run(*words).exit_code == 0  # what stays is loaded
    one, four = peak_of(run, *words, "--largest"), peak_of(run, *words)
    assert len(files("crops")) == len(faces) == 4
    assert four - one < 1.5 * 1024 * 1024 * 3


def test_json_tells_where_the_crops_come_from(run, save, photo):
    save("day/photo.png", photo)
    result = run("crops", "day", "--json", "-", "--size", 160, "--margin", 0.2, "--out", "people")
    assert result.exit_code == 0
    assert result.stderr.endswith(": people\n")
    records = json.loads(result.stdout)
    faces = MTCNN().detect(photo).to_dicts()
    assert len(records) == len(faces) == 4
    for index, (record, face) in enumerate(zip(records, faces, strict=True)):
        crop = f"people/photo-{index + 1}.png"
        assert record == {"crop": crop, "image": "day/photo.png", "face": index, **face}
        assert cv2.imread(crop).shape == (160, 160, 3)


def test_faces_below_a_score_are_left_out(run, save, photo):
    save("photo.png", photo)
    scores = MTCNN().detect(photo).scores
    limit = (scores[1] + scores[2]) / 2
    assert run("crops", "photo.png", "--min-score", limit).exit_code == 0
    assert files("crops") == ["photo-1.png", "photo-2.png"]


def test_crops_are_written_as_jpeg_on_demand(run, save, photo):
    save("photo.png", photo)
    assert run("crops", "photo.png", "--format", "jpg", "--min-face-size", 60).exit_code == 0
    assert Path("crops/photo-1.jpg").read_bytes()[:2] == b"\xff\xd8"


def test_folders_keep_their_structure_and_the_last_crops_are_no_inputs(run, save, photo):
    save("photos/day/a.png", photo)
    words = ["crops", "photos", "--out", "photos/crops", "--min-face-size", 60]
    assert run(*words).exit_code == 0
    assert files("photos/crops")[0] == "day/a-1.png"
    result = run(*words, "--overwrite")
    assert result.exit_code == 0
    assert result.stdout.startswith("1 images, ")


def test_existing_crops_are_replaced_only_on_demand(run, save, photo, tmp_path):
    save("photo.png", photo)
    save("other.png", photo)
    (tmp_path / "crops").mkdir()
    (tmp_path / "crops" / "photo-2.png").write_text("precious")
    result = run("crops", "photo.png", "other.png")
    assert result.exit_code == 1
    assert result.stderr.startswith("mtcnn-rt: cannot write crops/photo-2.png: it exists")
    assert result.stderr.count("\n") == 1
    assert files("crops") == [*(f"other-{n}.png" for n in (1, 2, 3, 4)), "photo-2.png"]
    assert (tmp_path / "crops" / "photo-2.png").read_text() == "precious"
    assert run("crops", "photo.png", "--overwrite").exit_code == 0
    assert cv2.imread("crops/photo-2.png").shape == (112, 112, 3)


def test_an_input_is_never_overwritten(run, save, photo):
    save("photo.png", photo)
    before = save("photo-1.png", photo).read_bytes()
    result = run("crops", "photo.png", "photo-1.png", "--out", ".", "--overwrite")
    assert result.exit_code == 1
    assert "cannot write photo-1.png: it is an input" in result.stderr
    assert Path("photo-1.png").read_bytes() == before
    assert run("crops", "photo.png", "--json", "photo.png", "--overwrite").exit_code == 2


def test_what_cannot_be_read_is_named_and_skipped(run, save, tmp_path):
    save("plain.png")
    (tmp_path / "bad.png").write_bytes(b"no picture")
    result = run("crops", "bad.png", "plain.png", "missing.jpg")
    assert result.exit_code == 1
    lines = sorted(result.stderr.splitlines())
    assert lines[0].startswith("mtcnn-rt: cannot read bad.png: ")
    assert lines[1] == "mtcnn-rt: cannot read missing.jpg: no such file or folder"
    assert result.stdout.startswith("1 images, 0 faces, ")
    assert not Path("crops").exists()
    assert run("crops", "bad.png").exit_code == 2
    assert run("crops", "missing.jpg").exit_code == 2


@pytest.mark.parametrize(
    "option", [["--size", "8"], ["--margin", "-1"], ["--min-score", "2"], ["--format", "gif"]]
)
def test_a_wrong_option_is_one_line(run, save, option):
    save("plain.png")
    result = run("crops", "plain.png", *option)
    assert_one_line_error(result)


def test_pictures_of_one_name_have_crops_of_their_own(run, save, photo):
    for name in ("photo.png", "photo.bmp", "two/photo.png"):
        save(name, np.ascontiguousarray(photo))
    words = ["photo.png", "photo.bmp", "two/photo.png", "--min-face-size", 60]
    faces = len(MTCNN(min_face_size=60).detect(photo))
    assert run("crops", *words).exit_code == 0
    assert len(files("crops")) == 3 * faces
    assert {name[:-6] for name in files("crops")} == {"photo", "photo-2", "photo-2-2"}


def test_no_two_pictures_share_a_stem():
    copies = ["a.jpg", "a.png", "A.webp", "a-2.png", "b/a.png", "a-2-2.jpg", "a.b.png", "a.c.png"]
    pictures = [InputFile(Path(str(n)), Path(copy)) for n, copy in enumerate(copies)]
    stems = [str(stem) for stem in name_stems(pictures).values()]
    assert stems == ["a", "a-2", "A-3", "a-2-2", "b/a", "a-2-2-2", "a.b", "a.c"]


@pytest.mark.parametrize(("old", "left"), [([], []), (["photo-1.png"], ["photo-1.png"])])
def test_of_an_image_all_crops_are_written_or_none(run, save, photo, monkeypatch, old, left):
    save("photo.png", photo)
    for name in old:
        save(f"crops/{name}", photo)
    write = images.write_image

    def full(path, image, overwrite):
        if path.name == "photo-3.png":
            raise OSError(f"cannot write {path}: No space left on device")
        write(path, image, overwrite)

    with monkeypatch.context() as patch:
        patch.setattr(images, "write_image", full)
        result = run("crops", "photo.png", "--overwrite")
    assert result.exit_code == 2
    assert "photo-3.png: No space left on device" in result.stderr
    assert files("crops") == left
    assert run("crops", "photo.png", *["--overwrite"] * len(old)).exit_code == 0
    assert len(files("crops")) == 4
