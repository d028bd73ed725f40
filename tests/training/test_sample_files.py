"""Tests that samples are written whole or not at all."""

import errno

import numpy as np
import pytest

from mtcnn_rt.training import sample_files
from mtcnn_rt.training.sample_files import write_samples
from mtcnn_rt.training.samples import sample_dtype

LAYOUT = sample_dtype(12)


def filled(count, start=0):
    samples = np.zeros(count, LAYOUT)
    samples["side"] = np.arange(start, start + count)
    return samples


@pytest.mark.parametrize("at_once", [1, 2000, 64 << 20])
def test_arrays_are_joined_as_numpy_would_write_them(tmp_path, monkeypatch, at_once):
    monkeypatch.setattr(sample_files, "WRITTEN_AT_ONCE", at_once)
    arrays = [filled(7), filled(0), filled(5, 7), filled(4)[::2]]
    write_samples(tmp_path / "joined.npy", LAYOUT, arrays)
    np.save(tmp_path / "expected.npy", np.concatenate(arrays))
    content = [(tmp_path / f"{name}.npy").read_bytes() for name in ("joined", "expected")]
    assert content[0] == content[1]


def test_nothing_is_an_empty_file_of_samples(tmp_path):
    write_samples(tmp_path / "a.npy", LAYOUT, [])
    assert np.load(tmp_path / "a.npy").shape == (0,)
    with pytest.raises(FileExistsError):
        write_samples(tmp_path / "a.npy", LAYOUT, [filled(1)])
    write_samples(tmp_path / "a.npy", LAYOUT, [filled(1)], overwrite=True)
    assert len(np.load(tmp_path / "a.npy", mmap_mode="r")) == 1


def test_samples_of_another_network_are_refused(tmp_path):
    with pytest.raises(ValueError, match="samples of another type"):
        write_samples(tmp_path / "a.npy", LAYOUT, [np.zeros(2, sample_dtype(24))])
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_too_large_is_an_error_with_its_name(tmp_path):
    """A limit of the file's size fails as a full disk does, but needs no disk of its own."""
    resource = pytest.importorskip("resource", reason="the system has no limits of files")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, before[1]))
    try:
        with pytest.raises(OSError, match=r"a\.npy") as caught:
            write_samples(tmp_path / "a.npy", LAYOUT, [filled(100)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.value.errno == errno.EFBIG
    assert list(tmp_path.iterdir()) == []
