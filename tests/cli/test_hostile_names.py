"""Names that lead to nothing: links that glob patterns match although no file is there, and ''."""

import csv
import os
from functools import partial

import numpy as np
import pytest
from click.testing import CliRunner

from mtcnn_rt.cli import main
from mtcnn_rt.cli.found_files import find_files
from mtcnn_rt.images import as_image, read_image, write_image
from mtcnn_rt.video import FileSource, VideoError
from mtcnn_rt.video.sinks.file import FileSink
from mtcnn_rt.video.sinks.records import CsvWriter, JsonLinesWriter

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links need a right")
NOTHING = "no such file or folder"


@pytest.fixture(autouse=True)
def links(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff")
    for name in ("b.jpg", "c.mp4", "star*.jpg"):
        (tmp_path / name).symlink_to("none")
    (tmp_path / "circle.jpg").symlink_to("circle.jpg")


@pytest.mark.parametrize("find", [find_files, partial(find_files, videos=True)])
@pytest.mark.parametrize("name", ["b.jpg", "star*.jpg", "circle.jpg"])
def test_a_link_that_is_named_is_one_problem(find, name):
    found = find([name], None)
    start = f"cannot read {name}: no such file or folder"
    assert (found.files, found.problems, found.unreadable) == ([], [start], [])


def test_links_that_a_pattern_matches_are_named_beside_the_files():
    found = find_files(["*.*"], None, videos=True)
    assert [str(file.path) for file in found.files] == ["a.jpg"]
    named = sorted(found.unreadable)
    names = ["b.jpg", "c.mp4", "circle.jpg", "star*.jpg"]
    assert named == [f"cannot read {name}: {NOTHING}" for name in names]
    assert found.problems == []


@pytest.mark.parametrize("find", [find_files, partial(find_files, videos=True)])
def test_an_empty_name_is_not_the_current_folder(find):
    found = find([""], None)
    assert (found.files, found.problems) == ([], ["cannot read '': no such file or folder"])


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (["batch", "a.jpg", "--out", "a.jsonl", "--workers", "9" * 20], "--workers"),
        (["train", "pnet", "--workers", "257"], "--workers"),
        (["train", "pnet", "--threads", "1025"], "--threads"),
    ],
)
def test_numbers_of_processes_and_threads_are_limited(words, option):
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 2
    assert f"Invalid value for '{option}'" in done.stderr


def test_an_empty_name_is_no_video_and_no_model(run, clip):
    result = run("process", "")
    assert (result.exit_code, result.stderr) == (
        2,
        "mtcnn-rt: error: cannot read '': no such file or folder\n",
    )
    result = run("process", "", clip, "--out", "o")
    assert result.exit_code == 1
    assert result.stderr == "mtcnn-rt: cannot read '': no such file or folder\n"
    result = run("process", clip, "--model", "")
    assert result.exit_code == 2
    assert result.stderr.startswith("mtcnn-rt: error: '': no such file, and the package has: ")


@pytest.mark.parametrize(
    "words",
    [
        ["image", "a.jpg", "--out", ""],
        ["image", "a.jpg", "--no-images", "--json", ""],
        ["image", "a.jpg", "--anonymize", "solid", "--cover", ""],
        ["image", "a.jpg", "--config", ""],
        ["crops", "a.jpg", "--out", ""],
        ["process", "--sample", "--out", ""],
        ["process", "--sample", "-o", ""],
        ["process", "--sample", "--no-video", "--save-crops", ""],
        ["process", "--sample", "--no-video", "--csv", ""],
        ["batch", "a.jpg", "--out", ""],
        ["export", "", "--format", "coco", "--out", "o"],
        ["export", "a.jpg", "--format", "coco", "--out", ""],
        ["webcam", "--camera", ""],
        ["webcam", "--record", ""],
        ["bench", ""],
        ["convert", "", "--out", "o"],
        ["convert", "a.jpg", "--out", ""],
        ["evaluate", "boxes", "--data", ""],
        ["evaluate", "boxes", "--data", "a.jpg", "--report", ""],
        ["evaluate", "wider", "--ground-truth", ""],
        ["train", "all", "--data", "", "--out", "o"],
        ["train", "all", "--data", "a.jpg", "--out", ""],
        ["train", "all", "--data", "a.jpg", "--out", "o", "--init", ""],
    ],
    ids=" ".join,
)
def test_an_empty_path_is_not_the_current_folder(run, words):
    before = sorted(os.listdir())
    result = run(*words)
    assert result.exit_code == 2
    assert result.stderr.startswith("mtcnn-rt: error: Invalid value for ")
    assert result.stderr.endswith(f": '': {NOTHING}; the current folder is .\n")
    assert sorted(os.listdir()) == before


@pytest.mark.parametrize(
    "words",
    [
        ["image", "a.jpg", "--out", "-"],
        ["crops", "a.jpg", "--out", "-"],
        ["export", "a.jpg", "--format", "coco", "--out", "-"],
        ["export", "-", "--format", "coco", "--out", "o"],
        ["bench", "-"],
        ["convert", "a.jpg", "--out", "-"],
    ],
    ids=" ".join,
)
def test_a_dash_is_no_file_where_it_is_no_standard_stream(run, words):
    before = sorted(os.listdir())
    result = run(*words)
    assert result.exit_code == 2
    assert result.stderr.startswith("mtcnn-rt: error: Invalid value for ")
    reason = "'-' is neither standard input nor output here; for a file write ./-"
    assert result.stderr.endswith(f": {reason}\n")
    assert sorted(os.listdir()) == before


@pytest.mark.parametrize(
    "words",
    [
        ["image", "a.jpg", "--out", "s3://bucket/faces"],
        ["image", "a.jpg", "--no-images", "--json", "https://me:secret@host/faces.json"],
        ["image", "a.jpg", "--anonymize", "solid", "--cover", "https://host/smiley.png"],
        ["crops", "a.jpg", "--out", "s3://bucket/crops"],
        ["process", "--sample", "--no-video", "--save-crops", "s3://bucket/crops"],
        ["export", "s3://bucket/faces.jsonl", "--format", "coco", "--out", "o"],
        ["bench", "https://host/photo.jpg"],
        ["train", "all", "--data", "https://host/faces", "--out", "o"],
    ],
    ids=" ".join,
)
def test_an_address_is_no_path(run, words):
    before = sorted(os.listdir())
    result = run(*words)
    assert result.exit_code == 2
    assert result.stderr.startswith("mtcnn-rt: error: Invalid value for ")
    reason = "an address, where only a file or folder of this computer can be; copy from or to it"
    assert result.stderr.endswith(f": {reason} in a step of its own\n")
    assert "secret" not in result.stderr
    assert sorted(os.listdir()) == before


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["image", "a.jpg", "--model", "https://me:secret@host/model"], "model"),
        (["train", "all", "--data", "x", "--out", "o", "--init", "s3://bucket/model"], "--init"),
    ],
)
def test_an_address_is_no_model(run, words, what):
    result = run(*words)
    expected = f"mtcnn-rt: error: {what}: an address, not a file; download it first\n"
    assert (result.exit_code, result.stderr) == (2, expected)


def test_an_empty_path_in_a_file_of_options_is_named(run):
    with open("options.toml", "w") as file:
        file.write("[image]\nout = ''\n")
    result = run("image", "a.jpg", "--config", "options.toml")
    assert result.exit_code == 2
    assert result.stderr == (
        f"mtcnn-rt: error: options.toml: [image] out: '': {NOTHING}; the current folder is .\n"
    )


def test_an_empty_source_of_batch_is_named(run):
    result = run("batch", "", "--out", "o.jsonl")
    assert result.exit_code == 2
    assert f"cannot read '': {NOTHING}" in result.stderr


@pytest.mark.parametrize("call", [read_image, as_image, JsonLinesWriter, CsvWriter])
def test_an_empty_path_is_no_file_in_python(call):
    with pytest.raises(FileNotFoundError, match=NOTHING):
        call("")


def test_an_empty_path_is_no_output_in_python(clip):
    with pytest.raises(FileNotFoundError, match=NOTHING):
        write_image("", np.zeros((9, 9, 3), np.uint8))
    with pytest.raises(VideoError, match=f"^'': {NOTHING}$"):
        FileSource("")
    with FileSource(clip) as source, pytest.raises(VideoError, match=f"^'': {NOTHING}$"):
        FileSink("", source.format)


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_an_address_that_is_none_is_named_without_its_password(run, scheme):
    result = run("process", f"{scheme}://me:secret@[::1/clip?key=secret", "-o", "o.mp4")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"mtcnn-rt: error: {scheme}://[::1/clip: cannot be opened (")
    assert "secret" not in result.stderr


@pytest.mark.parametrize("scheme", ["rtsp", "tcp"])
def test_a_receiver_that_is_no_address_is_named(run, clip, scheme):
    result = run("process", clip, "-o", f"{scheme}://me:secret@[::1/live")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"mtcnn-rt: error: {scheme}://[::1/live: cannot be opened: ")


def test_a_carriage_return_in_a_name_breaks_no_row(run, save, photo):
    save("cr\r1.png", photo)
    assert run("image", "cr\r1.png", "--no-images", "--csv", "image.csv").exit_code == 0
    assert run("batch", "cr\r1.png", "--out", "batch.csv", "--workers", 1).exit_code == 0
    save("plain.png")
    words = ("process", "cr\r1.png", "plain.png", "--no-video", "--csv", "video.csv")
    assert run(*words).exit_code == 0
    for name, column in (("image", "image"), ("batch", "image"), ("video", "file")):
        with open(f"{name}.csv", newline="", encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if row["x1"]][:4]
        assert [row[column] for row in rows] == ["cr\r1.png"] * 4
    exported = run("export", "batch.csv", "--format", "coco", "--out", "coco.json")
    assert (exported.exit_code, exported.stdout) == (0, "1 images, 4 faces: coco.json\n")


LONG = "x" * 300 + ".png"
"""A name that no file can have: looking for it is an error, as it is below a closed folder."""


@pytest.mark.parametrize(
    ("command", "begin"), [("image", "cannot read "), ("crops", "cannot read "), ("process", "")]
)
def test_a_name_that_cannot_be_looked_for_costs_nothing_else(run, save, photo, command, begin):
    save("photo.png", photo)
    result = run(command, LONG, "photo.png", "--out", "o")
    assert result.exit_code == 1
    assert result.stderr == f"mtcnn-rt: {begin}{LONG}: File name too long\n"
    assert os.listdir("o")


def test_batch_says_why_a_name_cannot_be_looked_for(run, save):
    save("photo.png")
    result = run("batch", LONG, "photo.png", "--out", "o.jsonl", "--workers", 1)
    assert result.exit_code == 1
    assert result.stderr == f"mtcnn-rt: cannot read {LONG}: File name too long\n"


@pytest.mark.parametrize(("command", "end"), [("image", ".png"), ("crops", "-1.png")])
def test_a_copy_whose_name_is_too_long_is_named(run, save, photo, command, end):
    name = "x" * 255
    save("photo.png", photo).rename(name)
    result = run(command, name, "--out", "o")
    expected = f"mtcnn-rt: cannot write o/{name}{end}: File name too long\n"
    assert (result.exit_code, result.stderr) == (2, expected)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
@pytest.mark.parametrize("command", ["image", "crops", "process", "batch"])
def test_a_file_in_a_closed_folder_costs_nothing_else(run, save, command):
    save("photo.png")
    closed = save("closed/b.png").parent
    closed.chmod(0)
    try:
        result = run(command, "photo.png", "closed/b.png", "--out", "o.jsonl")
    finally:
        closed.chmod(0o700)
    begin = "" if command == "process" else "cannot read "
    expected = f"mtcnn-rt: {begin}closed/b.png: Permission denied\n"
    assert (result.exit_code, result.stderr) == (1, expected)


@pytest.mark.parametrize("name", ["..jpg", "...jpg", ".jpg", "a..jpg", "b."])
def test_names_of_dots_have_copies_and_crops(run, save, tmp_path, photo, name):
    """The stem of ..jpg is ".", which is no name: crops ended before the first image."""
    for folder in ("one", "other"):
        save(f"{folder}/photo.jpg", photo)
        (tmp_path / folder / "photo.jpg").rename(tmp_path / folder / name)
    words = (f"one/{name}", f"other/{name}", "--min-face-size", "40")
    for command, made in (("image", 2), ("crops", 8)):
        result = run(command, *words, "--out", command)
        assert result.exit_code == 0, result.stderr
        assert len(list((tmp_path / command).iterdir())) == made
