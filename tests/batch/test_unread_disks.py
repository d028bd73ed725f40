"""Files and folders of which the disk gives nothing: the reason is the system's."""

import errno
import os
from pathlib import Path

import pytest

from mtcnn_rt.batch import archives
from mtcnn_rt.batch.search import Search
from mtcnn_rt.batch.sources import Sources

MOST = 10**7


class Broken:
    """An open file that a disk does not give, from a place on."""

    def __init__(self, file, first):
        self._file, self._first = file, first

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()

    def __getattr__(self, name):
        return getattr(self._file, name)

    def read(self, size=-1):
        if self._file.tell() >= self._first:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return self._file.read(size)


def reason_of(path, detector):
    [item] = Sources([str(path)], None, MOST, 1).items()
    return Search(detector, MOST, False).record(item)["error"]


@pytest.mark.parametrize("first", [0, 1 << 16])
@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz"])
def test_an_archive_that_the_disk_does_not_give(tmp_path, monkeypatch, detector, name, first):
    if first and name != "a.zip":
        pytest.skip("tar files are read from their start")
    (tmp_path / name).write_bytes(b"PK\3\4" + bytes(1 << 18))
    opened = archives.opened

    def broken(path):
        return Broken(opened(path), first)

    monkeypatch.setattr(archives, "opened", broken)
    monkeypatch.setattr("mtcnn_rt.batch.tar_reading.opened", broken)
    expected = f"cannot read {tmp_path / name}: {os.strerror(errno.EIO)}"
    assert reason_of(tmp_path / name, detector) == expected


def test_a_folder_that_the_disk_does_not_list(tmp_path, monkeypatch, detector):
    (tmp_path / "closed").mkdir()
    scandir, listdir = os.scandir, os.listdir

    def failing(one):
        def list_it(path="."):
            if Path(os.fsdecode(path)) == tmp_path / "closed":
                raise OSError(errno.EIO, os.strerror(errno.EIO), path)
            return one(path)

        return list_it

    monkeypatch.setattr(os, "scandir", failing(scandir))
    monkeypatch.setattr(os, "listdir", failing(listdir))
    expected = f"cannot read {tmp_path / 'closed'}: {os.strerror(errno.EIO)}"
    assert reason_of(tmp_path, detector) == expected
