"""Tests of folders that are finished or absent."""

import os
from pathlib import Path

import pytest

from mtcnn_rt._files import finished_folder


def listed(folder):
    return sorted(os.listdir(folder))


def test_a_folder_is_absent_until_it_is_finished(tmp_path):
    path = tmp_path / "above" / "new"
    with finished_folder(path) as temporary:
        (temporary / "file").write_text("content")
        assert not path.exists()
    assert (path / "file").read_text() == "content"
    assert listed(path.parent) == ["new"]


def test_an_exception_leaves_the_old_folder(tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "file").write_text("old")

    def write_half(path):
        with finished_folder(path, overwrite=True) as temporary:
            (temporary / "file").write_text("new")
            raise KeyboardInterrupt

    for name in "old", "new":
        with pytest.raises(KeyboardInterrupt):
            write_half(tmp_path / name)
    assert listed(tmp_path) == ["old"]
    assert (tmp_path / "old" / "file").read_text() == "old"


def test_an_existing_folder_is_replaced_as_a_whole_if_asked(tmp_path):
    path = tmp_path / "x"
    path.mkdir()
    (path / "a").write_text("old")
    with pytest.raises(FileExistsError, match="x exists"), finished_folder(path):
        pytest.fail("entered")
    with finished_folder(path, overwrite=True) as temporary:
        (temporary / "a").write_text("new")
        (temporary / "b").write_text("new")
        assert (path / "a").read_text() == "old"
    assert listed(path) == ["a", "b"]
    assert (path / "a").read_text() == "new"
    assert listed(tmp_path) == ["x"]


def test_the_old_folder_is_restored_if_the_new_one_cannot_be_renamed(tmp_path, monkeypatch):
    path = tmp_path / "x"
    path.mkdir()
    (path / "a").write_text("old")
    rename = Path.rename

    def failing(source, target):
        if source.suffix == ".tmp":
            raise OSError("the disk is gone")
        rename(source, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError, match="the disk is gone"), finished_folder(path, True) as temporary:
        (temporary / "a").write_text("new")
    assert (path / "a").read_text() == "old"
    assert listed(tmp_path) == ["x"]


def test_a_folder_with_other_files_is_not_replaced(tmp_path):
    path = tmp_path / "x"
    path.mkdir()
    (path / "mine").write_text("old")
    message = "x is not replaced: it also holds mine"
    with pytest.raises(FileExistsError, match=message), finished_folder(path, True) as temporary:
        (temporary / "a").write_text("new")
    assert listed(path) == ["mine"]
    assert listed(tmp_path) == ["x"]


def test_a_file_is_not_replaced_by_a_folder(tmp_path):
    (tmp_path / "x").write_text("a file")
    message = "x exists and is not a folder"
    with pytest.raises(FileExistsError, match=message), finished_folder(tmp_path / "x", True):
        pass
    assert (tmp_path / "x").read_text() == "a file"


def test_a_folder_that_appears_meanwhile_stays(tmp_path):
    path = tmp_path / "x"

    def write_late():
        with finished_folder(path):
            path.mkdir()
            (path / "theirs").write_text("theirs")

    with pytest.raises(FileExistsError, match="x exists"):
        write_late()
    assert listed(path) == ["theirs"]
    assert listed(tmp_path) == ["x"]
