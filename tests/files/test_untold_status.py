"""Files of which the system cannot tell whether they exist: nothing takes them for absent.

From Python 3.14 on `Path.exists` returns false for every error of the system.
"""

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from mtcnn_rt._files.finished import finished_folder, same_file, write_finished
from mtcnn_rt._files.paths import is_missing, is_there
from mtcnn_rt.cli.file_plan import FilePlan
from mtcnn_rt.images import write_image


def write_folder(path, overwrite=False):
    with finished_folder(path, overwrite) as folder:
        (folder / "file").write_text("new")


@pytest.fixture
def broken(tmp_path, monkeypatch) -> Path:
    """The path of a file or folder that exists, but about which the disk answers no questions."""
    path = tmp_path / "there.png"
    stat = os.stat

    def failing(place, *args, **options):
        if os.fspath(place) == str(path) and options.get("follow_symlinks", True):
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
        return stat(place, *args, **options)

    monkeypatch.setattr(os, "stat", failing)
    monkeypatch.setattr(Path, "exists", os.path.exists)  # as in Python 3.14
    return path


def image_of(path, overwrite=False):
    write_image(path, np.zeros((2, 2, 3), np.uint8), overwrite)


def bytes_of(path, overwrite=False):
    write_finished(path, b"new", overwrite)


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("write", [image_of, bytes_of, write_folder])
def test_what_may_exist_is_not_replaced(broken, write, overwrite):
    broken.touch() if write is not write_folder else broken.mkdir()
    with pytest.raises(OSError, match=r"there\.png.*Input/output error|error: '.*there\.png'$"):
        write(broken, overwrite)
    assert os.listdir(broken.parent) == ["there.png"]
    assert os.lstat(broken).st_size == 0 or write is write_folder


def test_an_output_that_may_be_an_input_is_refused(broken, tmp_path):
    broken.touch()
    plan = FilePlan()
    plan.add_inputs([broken, tmp_path / "none.png"])  # whoever reads it gives the reason
    with pytest.raises(OSError, match="Input/output error"):
        plan.add_output("--json", broken)
    with pytest.raises(OSError, match="Input/output error"):
        same_file(broken, broken)


def test_only_what_leads_to_nothing_is_missing(broken, tmp_path):
    for name in ("none", "none/below", "zero\0byte"):
        assert is_missing(tmp_path / name)
        assert not is_there(tmp_path / name)
    assert is_there(tmp_path)
    assert not is_missing(broken)
    with pytest.raises(OSError, match="Input/output error"):
        is_there(broken)
