"""`mtcnn-rt process` with many videos, folders, globs and images."""

import csv
import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers.clips import read, write_steady
from PIL import Image

import mtcnn_rt
from mtcnn_rt._files.extensions import WRITABLE_VIDEOS
from mtcnn_rt.images import write_image
from mtcnn_rt.video.sinks.file import CODECS


@pytest.fixture
def trip(tmp_path, photo) -> Path:
    """A folder with two videos of one name, a photo, an animation, and files of other kinds."""
    folder = tmp_path / "trip"
    for day in ("day 1", "day 2"):
        (folder / day).mkdir(parents=True)
        write_steady(folder / day / "clip.mp4", 5)
    (folder / "day 2" / "clip.mp4").rename(folder / "day 2" / "clip.avi")
    cv2.imwrite(str(folder / "photo.jpg"), photo)
    frames = [Image.fromarray(np.full((48, 64, 3), 80 * n, np.uint8)) for n in range(3)]
    frames[0].save(folder / "moving.gif", save_all=True, append_images=frames[1:], duration=100)
    (folder / "notes.txt").write_text("nothing")
    (folder / ".hidden.mp4").write_bytes(b"nothing")
    return folder


def files_below(folder) -> list[str]:
    found = (path for path in Path(folder).rglob("*") if path.is_file())
    return sorted(str(path.relative_to(folder)) for path in found)


def test_a_folder_keeps_its_structure(run, trip):
    result = run("process", "trip")
    assert (result.exit_code, result.stderr) == (0, "")
    copies = ["day 1/clip.mp4", "day 2/clip.mp4", "moving.gif", "photo.jpg"]
    assert files_below("faces") == copies
    assert len(read("faces/day 2/clip.mp4")) == 5
    lines = result.stdout.splitlines()
    assert [line.split(": ")[-1] for line in lines[:-1]] == [f"faces/{copy}" for copy in copies]
    assert lines[-1] == "4 files: faces"


def test_an_image_gets_the_copy_of_the_command_image(run, trip):
    for options in ([], ["--anonymize", "blur"]):
        assert run("image", "trip/photo.jpg", "--out", "a", *options).exit_code == 0
        result = run("process", "trip/photo.jpg", "--out", "b", *options)
        assert result.exit_code == 0
        assert result.stdout == "1 image, 4 faces: b/photo.jpg\n"
        assert Path("a/photo.jpg").read_bytes() == Path("b/photo.jpg").read_bytes()
        shutil.rmtree("a")
        shutil.rmtree("b")


def test_an_image_becomes_a_video_where_the_copy_is_one(run, trip):
    assert run("process", "trip/photo.jpg", "-o", "one.mp4").exit_code == 0
    assert len(read("one.mp4")) == 1
    assert run("process", "trip/photo.jpg", "-o", "one.png").exit_code == 0
    assert cv2.imread("one.png").shape == cv2.imread("trip/photo.jpg").shape


def test_many_names_that_are_alike_are_numbered(run, tmp_path, trip):
    result = run("process", "trip/day 1/clip.mp4", "trip/day 2/clip.avi", "--out", "out")
    assert result.exit_code == 0
    assert files_below("out") == ["clip-2.mp4", "clip.mp4"]


def test_globs_and_names_that_come_twice(run, trip):
    result = run("process", "trip/*/clip.*", "trip/day 1", "--out", "out")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "2 files: out"


def test_records_name_the_file(run, trip):
    words = ["--no-video", "--jsonl", "a.jsonl", "--csv", "a.csv", "--save-crops", "crops"]
    assert run("process", "trip", *words).exit_code == 0
    records = [json.loads(line) for line in Path("a.jsonl").read_text().splitlines()]
    counts = {}
    for record in records:
        assert list(record) == ["file", "frame", "time", "faces"]
        counts[record["file"]] = counts.get(record["file"], 0) + 1
    assert counts == {
        **{"trip/day 1/clip.mp4": 5, "trip/day 2/clip.avi": 5},
        **{"trip/moving.gif": 3, "trip/photo.jpg": 1},
    }
    with open("a.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["file"] for row in rows] == ["trip/photo.jpg"] * 4
    crops = [f"photo.jpg/frame-000000-face-{number}.png" for number in range(1, 5)]
    assert files_below("crops") == crops
    assert not os.path.exists("faces")


def test_records_of_one_file_do_not_name_it(run, trip):
    for name in ("trip/photo.jpg", "trip/day 1/clip.mp4"):
        result = run("process", name, "--no-video", "--jsonl", "-")
        assert list(json.loads(result.stdout.splitlines()[0])) == ["frame", "time", "faces"]


def test_one_broken_file_does_not_stop_the_others(run, trip):
    (trip / "day 1" / "broken.mp4").write_bytes(b"no video")
    (trip / "broken.jpg").write_bytes(b"no image")
    result = run("process", "trip", "missing.mp4", "*.none", "--jsonl", "a.jsonl")
    assert result.exit_code == 1
    first, *others = result.stderr.splitlines()
    assert first == "mtcnn-rt: cannot read *.none: no such file or folder"
    assert [line.split(": ")[1] for line in others] == [
        *("cannot read trip/broken.jpg", "trip/day 1/broken.mp4", "missing.mp4"),
    ]
    assert result.stdout.splitlines()[-1] == "4 files, 3 failed: faces"
    assert len(files_below("faces")) == 4
    assert len(Path("a.jsonl").read_text().splitlines()) == 14


def test_a_name_that_leads_to_nothing_has_no_copy_in_the_way(run, save, photo):
    save("photo.png", photo)
    result = run("process", "photo.png", "none/photo.png", "--out", "out")
    assert result.exit_code == 1
    assert result.stderr == "mtcnn-rt: none/photo.png: no such file\n"
    assert os.listdir("out") == ["photo.png"]


def test_a_damaged_file_gives_status_1(run, trip):
    content = (trip / "day 1" / "clip.mp4").read_bytes()
    (trip / "day 1" / "clip.mp4").write_bytes(content[:-20])
    result = run("process", "trip")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == "4 files, 1 damaged: faces"
    assert len(files_below("faces")) == 4


def test_if_nothing_can_be_read_the_status_is_2(run, tmp_path):
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).write_bytes(b"no video")
    result = run("process", "a.mp4", "b.mp4")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 2
    assert sorted(os.listdir()) == ["a.mp4", "b.mp4"]


def test_nothing_is_replaced_unasked(run, trip):
    Path("faces").mkdir()
    Path("faces/photo.jpg").write_text("precious")
    result = run("process", "trip")
    assert result.exit_code == 1
    line = "mtcnn-rt: cannot write faces/photo.jpg: it exists (--overwrite replaces it)\n"
    assert result.stderr == line
    assert Path("faces/photo.jpg").read_text() == "precious"
    assert result.stdout.splitlines()[-1] == "3 files, 1 failed: faces"
    assert run("process", "trip", "--overwrite").exit_code == 0
    assert cv2.imread("faces/photo.jpg") is not None


def test_no_input_is_overwritten(run, trip):
    before = {path: path.read_bytes() for path in trip.rglob("*.*")}
    result = run("process", "trip", "--out", "trip", "--overwrite")
    assert result.exit_code == 1
    # The copy of clip.avi is the only one with another name.
    assert result.stderr.count("it is an input") == 3
    assert {path: path.read_bytes() for path in before} == before
    assert (trip / "day 2" / "clip.mp4").exists()


def test_copies_of_an_earlier_run_are_no_inputs(run, trip):
    for _ in range(2):
        result = run("process", "trip", "--out", "trip/faces", "--overwrite")
        assert result.exit_code == 0
        assert result.stdout.splitlines()[-1] == "4 files: trip/faces"


def test_images_that_are_not_read_are_named(run, trip):
    (trip / "raw.cr2").write_bytes(b"II*\0")
    for options, status in (([], 0), (["--anonymize", "blur"], 1)):
        result = run("process", "trip", "--overwrite", *options)
        assert result.exit_code == status
        assert "mtcnn-rt: cannot read trip/raw.cr2: no library here decodes" in result.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a.mp4", "b.mp4", "-o", "c.mp4"], "-o names the copy of a single VIDEO; --out FOLDER"),
        (["a.mp4", "-"], "give -o: - has no name to make another of"),
        (["http://127.0.0.1:1/a.mp4"], "give -o: this VIDEO has no name to make another of"),
        (["empty"], "cannot read empty: no image or video in this folder"),
        (["*.none"], "cannot read *.none: no such file or folder"),
        (["a.mp4", "--jsonl", "x", "--out", "x"], "--jsonl and --out are the same file: x"),
    ],
)
def test_errors_are_one_line(run, tmp_path, words, message):
    for name in ("a.mp4", "b.mp4"):
        write_steady(tmp_path / name, 2)
    (tmp_path / "empty").mkdir()
    result = run("process", *words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert sorted(os.listdir()) == ["a.mp4", "b.mp4", "empty"]


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_ctrl_c_stops_all(program, tmp_path, trip):
    clip = Path(mtcnn_rt.__file__).with_name("sample.mp4")
    names = [f"{letter}.mp4" for letter in "abcd"]
    write_steady(tmp_path / names[0], 3)
    for name in names[1:]:
        shutil.copy(clip, tmp_path / name)
    words = [*program, "process", *names, "--jsonl", "all.jsonl"]
    with subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as command:
        deadline = time.monotonic() + 60
        while not (tmp_path / "faces/a.mp4").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.3)
        command.send_signal(signal.SIGINT)
        assert command.communicate(timeout=30)[1] == "mtcnn-rt: interrupted\n"
    assert command.returncode == 130
    assert os.listdir(tmp_path / "faces") == ["a.mp4"]
    assert not (tmp_path / "all.jsonl").exists()


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_finished_crops_stay_after_ctrl_c(run, tmp_path, monkeypatch):
    def write_and_stop(path, pixels, overwrite):
        if len(list(tmp_path.rglob("*.png"))) == 6:
            signal.raise_signal(signal.SIGINT)
        write_image(path, pixels, overwrite)

    monkeypatch.setattr("mtcnn_rt.video.sinks.crops.write_image", write_and_stop)
    words = ("process", "--sample", "--no-video", "--save-crops", "crops", "--jsonl", "a.jsonl")
    result = run(*words)
    assert result.exit_code == 130
    message = "mtcnn-rt: 6 face crops are finished, and stay: crops\nmtcnn-rt: interrupted\n"
    assert result.stderr == message
    assert os.listdir() == ["crops"]
    assert all(cv2.imread(f"crops/{name}").shape == (112, 112, 3) for name in os.listdir("crops"))
    assert len(os.listdir("crops")) == 6


def test_the_extensions_of_copies_are_those_that_can_be_written():
    assert set(CODECS) == WRITABLE_VIDEOS
