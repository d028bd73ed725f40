"""Tests reading files from outside."""

import os
from pathlib import Path

import pytest

from mtcnn_rt._files.guarded import read_regular_file
from mtcnn_rt.model import ModelError, load_model

DESCRIPTORS = Path("/proc/self/fd")


def read_quietly(path: Path) -> None:
    with pytest.raises((OSError, ValueError)):
        read_regular_file(path, 10)


@pytest.mark.skipif(not DESCRIPTORS.exists(), reason="no list of open files")
def test_what_is_refused_is_closed(tmp_path):
    """Before, 20 model folders whose model.json is a folder left 20 files open."""
    (tmp_path / "model.json").mkdir()
    (tmp_path / "long").write_bytes(bytes(11))
    os.mkfifo(tmp_path / "pipe")
    before = len(os.listdir(DESCRIPTORS))
    for _ in range(20):
        with pytest.raises(ModelError, match=r"model\.json: Is a directory"):
            load_model(tmp_path)
        for name in ("model.json", "long", "pipe", "missing"):
            read_quietly(tmp_path / name)
    assert len(os.listdir(DESCRIPTORS)) == before


def test_the_error_about_a_folder_has_its_name(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        read_regular_file(tmp_path / "folder", 10)


def test_a_file_of_the_largest_size_is_read(tmp_path):
    (tmp_path / "file").write_bytes(b"0123456789")
    assert read_regular_file(tmp_path / "file", 10) == b"0123456789"
