"""Tests how files of weights are recognized."""

import shutil
import sys

import pytest

from mtcnn_rt import _packages
from mtcnn_rt._errors import NO_MEMORY, text_of
from mtcnn_rt._packages import MissingPackageError
from mtcnn_rt.conversion import sources
from mtcnn_rt.conversion.sources import read_sources


def test_files_in_any_order(published_files):
    layers = read_sources(list(published_files.values())[::-1])
    assert list(layers) == ["pnet", "rnet", "onet"]
    assert [len(network) for network in layers.values()] == [4, 5, 6]


def test_a_missing_network(published_files):
    with pytest.raises(ValueError, match=r"there is no rnet, no onet in .*pnet\.lz4"):
        read_sources([published_files["pnet"]])


def test_a_network_that_is_there_twice(published_files, tmp_path):
    shutil.copy(published_files["pnet"], tmp_path / "again.lz4")
    with pytest.raises(ValueError, match=r"pnet\.lz4 and .*again\.lz4 are both pnet"):
        read_sources([published_files["pnet"], tmp_path / "again.lz4"])


def test_other_files_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"x\.h5: expected a file that ends in \.pt, \.lz4"):
        read_sources([tmp_path / "x.h5"])
    (tmp_path / "x.lz4").write_bytes(b"a pickle, perhaps")
    with pytest.raises(ValueError, match=r"x\.lz4: not one of the published files"):
        read_sources([tmp_path])


@pytest.mark.parametrize(
    ("suffix", "library", "cure"),
    [
        (".pt", "torch", "PyTorch: pip install torch (or the extra `train`)"),
        (".caffemodel", "google", "Protobuf: pip install protobuf (or the extra `convert`)"),
        (".lz4", "joblib", "joblib: pip install joblib (or the extra `convert`)"),
    ],
)
def test_a_library_that_is_not_installed(
    published_files, tmp_path, monkeypatch, suffix, library, cure
):
    path = tmp_path / f"pnet{suffix}"
    shutil.copy(published_files["pnet"], path)
    for name in [*sys.modules]:
        if name.partition(".")[0] == library or name == "mtcnn_rt.conversion.caffe":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)  # its import fails
    monkeypatch.setattr(_packages, "_has", lambda distribution: False)
    with pytest.raises(MissingPackageError) as raised:
        read_sources([path])
    assert str(raised.value) == f"reading {path.name} needs {cure}"


@pytest.mark.parametrize(
    ("error", "expected"),
    [(OSError(5, "Input/output error"), OSError), (MemoryError(), ValueError)],
)
def test_what_fails_has_the_name_of_the_file_and_the_reason(
    published_files, monkeypatch, error, expected
):
    def failing(*_):
        raise error

    monkeypatch.setattr(sources, "read_regular_file", failing)
    with pytest.raises(expected) as raised:
        read_sources([published_files["rnet"]])
    reason = NO_MEMORY if expected is ValueError else "Input/output error"
    assert text_of(raised.value) == f"{published_files['rnet']}: {reason}"
