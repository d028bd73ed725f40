"""Folders of photos and videos: nothing in them is skipped without a line."""

import os
import shutil
from functools import partial
from importlib.resources import files
from pathlib import Path

import pytest

import mtcnn_rt
from mtcnn_rt.batch.items import Unreadable
from mtcnn_rt.batch.sources import Sources
from mtcnn_rt.cli.found_files import find_files
from mtcnn_rt.images import read_image, write_image

CLIP = str(files(mtcnn_rt) / "sample.mp4")


@pytest.fixture
def tree(tmp_path, photo) -> Path:
    """A folder with a photo and a video, whose names have no known extension, in each folder."""
    write_image(tmp_path / "photo.jpg", photo)
    for name in ("tree/IMG_1234", "tree/a.jpg_large", "other/b.jpg", "tree/c.JPG~", "tree/d.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(tmp_path / "photo.jpg", tmp_path / name)
    shutil.copyfile(CLIP, tmp_path / "tree" / "GX01.LRV")
    shutil.copyfile(CLIP, tmp_path / "tree" / "clip.mp4")
    for name in ("notes", "notes.txt", "empty", "d.xmp", "sound.m4a"):
        (tmp_path / "tree" / name).write_bytes(b"" if name == "empty" else b"P6 is no image here\n")
    (tmp_path / "tree" / "sound.m4a").write_bytes(b"\0\0\0\x18ftypM4A \0\0\0\0")
    return tmp_path / "tree"


def names(found) -> list[str]:
    return sorted(file.path.name for file in found.files)


def test_photos_and_videos_are_known_by_their_first_bytes(tree):
    photos = ["IMG_1234", "a.jpg_large", "c.JPG~", "d.jpg"]
    found = find_files([str(tree)], None)
    assert (names(found), found.problems, found.unreadable) == (photos, [], [])
    found = find_files([str(tree)], None, videos=True)
    assert names(found) == sorted([*photos, "GX01.LRV", "clip.mp4"])
    assert (found.problems, found.unreadable) == ([], [])
    copies = {file.path.name: file.copy.name for file in found.files}
    assert copies["GX01.LRV"] == "GX01.mp4"


def test_folders_behind_links_are_searched_once(tree):
    for name, place in (("link", "../other"), ("loop", "."), ("up", ".."), ("again", "../other")):
        (tree / name).symlink_to(place)
    found = find_files([str(tree)], None)
    assert names(found).count("b.jpg") == 1
    assert names(found).count("d.jpg") == 1
    assert found.problems == []


@pytest.fixture
def linked(tmp_path, photo) -> Path:
    """A folder with a photo and two links to it, as git-annex and DVC have for equal files."""
    (tmp_path / "linked").mkdir()
    write_image(tmp_path / "linked" / "a.jpg", photo)
    for name in ("0.jpg", "b.jpg"):
        (tmp_path / "linked" / name).symlink_to("a.jpg")
    return tmp_path / "linked"


@pytest.mark.parametrize("find", [find_files, partial(find_files, videos=True)])
@pytest.mark.parametrize("given", [["linked"], ["linked/*"], ["linked/b.jpg", "linked"]])
def test_links_to_one_file_are_files_of_their_own(linked, monkeypatch, find, given):
    monkeypatch.chdir(linked.parent)
    found = find(given, None)
    assert names(found) == ["0.jpg", "a.jpg", "b.jpg"]
    assert sorted(str(file.copy) for file in found.files) == ["0.jpg", "a.jpg", "b.jpg"]
    assert found.problems == []


def test_each_link_to_one_file_gets_a_copy_and_crops(linked, run):
    result = run("image", "linked/a.jpg", "linked/b.jpg", "--out", "o", "--json", "o.json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert sorted(os.listdir("o")) == ["a.jpg", "b.jpg"]
    result = run("crops", "linked", "--out", "c")
    assert (result.exit_code, len(os.listdir("c"))) == (0, 12)
    result = run("process", "linked", "--out", "p")
    assert (result.exit_code, sorted(os.listdir("p"))) == (0, ["0.jpg", "a.jpg", "b.jpg"])


def test_one_name_that_is_given_in_several_ways_counts_once(linked, monkeypatch):
    monkeypatch.chdir(linked.parent)
    (linked.parent / "other").symlink_to("linked")
    given = ["linked/b.jpg", "./linked/b.jpg", "linked/../linked/b.jpg", "other/b.jpg"]
    assert names(find_files([*given, str(linked / "b.jpg")], None)) == ["b.jpg"]


def test_links_to_one_file_that_cannot_be_read_have_a_line_each(tmp_path):
    (tmp_path / "a.jxl").write_bytes(b"\xff\x0a")
    (tmp_path / "b.jxl").symlink_to("a.jxl")
    found = find_files([str(tmp_path)], None)
    assert [line.split(":")[0] for line in found.unreadable] == [
        f"cannot read {tmp_path / name}" for name in ("a.jxl", "b.jxl")
    ]


def test_no_copy_is_written_through_a_link_to_an_input(linked, run):
    before = (linked / "a.jpg").read_bytes()
    result = run("image", "linked", "--out", "linked", "--overwrite")
    assert result.stderr.count("it is an input") == 3
    assert (linked / "a.jpg").read_bytes() == before


def test_copies_that_have_become_links_are_no_inputs(linked, run):
    """As after `git annex add` of what an earlier run wrote."""
    (linked / "out").mkdir()
    write_image(linked.parent / "object.jpg", read_image(linked / "a.jpg"))
    (linked / "out" / "old.jpg").symlink_to("../../object.jpg")
    found = find_files([str(linked)], linked / "out")
    assert names(found) == ["0.jpg", "a.jpg", "b.jpg"]


def test_a_link_to_nothing_has_a_line(tree):
    (tree / "dead.jpg").symlink_to("nowhere.jpg")
    found = find_files([str(tree)], None)
    assert found.unreadable == [f"cannot read {tree / 'dead.jpg'}: no such file or folder"]


@pytest.mark.parametrize("failures", [1, 100])
def test_a_file_is_found_where_the_disk_cannot_tell_what_it_is(tree, monkeypatch, failures):
    ask, left = os.stat, [failures]

    def failing(path, *how, **other):
        if path == tree / "d.jpg" or path == str(tree / "d.jpg"):
            left[0] -= 1
            if left[0] >= 0:
                raise OSError(5, os.strerror(5))
        return ask(path, *how, **other)

    monkeypatch.setattr(os, "stat", failing)
    found = find_files([str(tree)], None)
    assert (names(found)[-1], found.problems, found.unreadable) == ("d.jpg", [], [])
    left[0] = failures
    assert str(tree / "d.jpg") in Sources([str(tree)], None, 1000000).files()


def test_the_reason_is_that_of_the_disk(tree, monkeypatch):
    def failing(path, *how, **other):
        raise OSError(5, os.strerror(5))

    monkeypatch.setattr(os, "stat", failing)
    [item] = Sources(["photo.jpg"], None, 1000000).items()
    assert item.content == Unreadable(f"cannot read photo.jpg: {os.strerror(5)}")


def test_without_the_right_to_open_a_folder_it_has_a_line(tree, monkeypatch):
    (tree / "locked").mkdir()
    opened = os.scandir

    def scandir(path):
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return opened(path)

    monkeypatch.setattr(os, "scandir", scandir)
    line = "the folder cannot be opened"
    found = find_files([str(tree)], None)
    assert found.problems == [f"cannot read {tree / 'locked'}: {line}"]
    assert len(found.files) == 4
    found = find_files([str(tree / "locked")], None)
    assert found.problems == [f"cannot read {tree / 'locked'}: {line}"]


def test_faces_of_a_folder_with_a_locked_one_are_covered_and_the_status_is_1(
    tree, run, monkeypatch
):
    opened = os.scandir

    def scandir(path):
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return opened(path)

    (tree / "locked").mkdir()
    monkeypatch.setattr(os, "scandir", scandir)
    result = run("image", tree, "--out", tree.parent / "out", "--anonymize", "solid")
    assert result.exit_code == 1
    assert "locked: the folder cannot be opened" in result.stderr
    written = sorted(path.name for path in (tree.parent / "out").iterdir())
    assert written == ["IMG_1234.png", "a.png", "c.png", "d.jpg"]


def test_a_video_with_the_name_of_a_photo_is_processed(tmp_path, run):
    shutil.copyfile(CLIP, tmp_path / "clip.jpg")
    result = run("process", tmp_path / "clip.jpg", "--out", tmp_path / "out", "--end", "0.2")
    assert result.exit_code == 0, result.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["clip.mp4"]


@pytest.mark.parametrize(
    "words",
    [
        ["image", "photo.jpg", "--json", "none/a.json"],
        ["crops", "photo.jpg", "--json", "none/a.json"],
        ["batch", "photo.jpg", "--out", "none/a.jsonl"],
    ],
)
def test_the_missing_folder_of_results_is_named(tmp_path, photo, run, words):
    write_image(tmp_path / "photo.jpg", photo)
    result = run(*words)
    assert result.exit_code == 2
    assert f"there is no folder {Path('none')}" in result.stderr
    assert result.stderr.count("\n") == 1


def test_options_may_begin_with_a_byte_order_mark(tmp_path, photo, run):
    write_image(tmp_path / "photo.jpg", photo)
    (tmp_path / "mtcnn-rt.toml").write_text("[image]\nmin-face-size = 5\n", "utf-8-sig")
    result = run("image", "photo.jpg", "--out", "out")
    assert "options from mtcnn-rt.toml: min-face-size" in result.stderr


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="makes a named pipe")
def test_a_named_pipe_is_refused_where_videos_are_read(tmp_path, run):
    """It was waited for without an end."""
    os.mkfifo(tmp_path / "pipe.mkv")
    result = run("process", tmp_path / "pipe.mkv", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "pipe.mkv: a pipe or a device" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("image", "a.png", "--out", "f"), "cannot write f/a.png"),
        (("image", "a.png", "--out", "f/below"), "cannot write f/below/a.png"),
        (("crops", "a.png", "--out", "f"), "cannot write f/a-1.png"),
        (("process", "clip.mp4", "--out", "f"), "error: f/clip.mp4"),
        (("process", "a.png", "clip.mp4", "--out", "f"), "f/clip.mp4"),
        (("image", "a.png", "--no-images", "--json", "f/a.json"), "error: f/a.json"),
        (("batch", "a.png", "--out", "f/a.jsonl"), "error: f/a.jsonl"),
        (("export", "a.json", "--out", "f", "--format", "yolo"), "error: f/data.yaml"),
        (("export", "a.json", "--out", "f/below", "--format", "wider"), "error: f/below"),
    ],
)
def test_a_file_in_the_place_of_a_folder_is_named(run, save, photo, clip, words, message):
    """It was "File exists", also with --overwrite, or "Not a directory"."""
    save("a.png", photo)
    Path("f").write_text("precious")
    assert run("image", "a.png", "--no-images", "--json", "a.json").exit_code == 0
    for more in ((), ("--overwrite",)):
        result = run(*words, *more)
        assert result.exit_code == 2
        assert f"mtcnn-rt: {message}: f is a file, not a folder\n" in result.stderr
        assert Path("f").read_text() == "precious"
