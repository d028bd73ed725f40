"""Paths that callers give to the functions of the package."""

import os
from pathlib import Path

import numpy as np
import pytest

from mtcnn_rt.annotations import read_annotations
from mtcnn_rt.conversion.folder import write_model_folder
from mtcnn_rt.images import read_image, write_image
from mtcnn_rt.model import load_model
from mtcnn_rt.training.settings import read_settings
from mtcnn_rt.video import CropWriter


def write_published(folder) -> None:
    layers = {name: network.layers for name, network in load_model("published").networks.items()}
    write_model_folder(folder, layers, name="it", license="MIT", source="a test")


def annotations_with_images(folder):
    return read_annotations("none.jsonl", images=folder)


CALLS = [read_annotations, annotations_with_images, read_settings, write_published, CropWriter]


@pytest.mark.parametrize("call", CALLS)
def test_an_empty_path_is_not_the_current_folder(tmp_path, monkeypatch, call):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="no such file or folder"):
        call("")
    assert os.listdir() == []


def write_photo(path):
    return write_image(path, np.zeros((2, 2, 3), np.uint8))


READ = [read_annotations, annotations_with_images, read_settings, read_image]
WRITTEN = [write_published, CropWriter, write_photo]


@pytest.mark.parametrize("call", READ + WRITTEN)
def test_an_address_is_no_path(tmp_path, monkeypatch, call):
    """Images that were written to `s3://bucket/a.png` were in a folder `s3:` here."""
    monkeypatch.chdir(tmp_path)
    cure = "write a file, and copy it there" if call in WRITTEN else "download it first"
    with pytest.raises(FileNotFoundError, match=f"an address, not a file; {cure}") as raised:
        call("s3://bucket/a.png")
    assert raised.value.filename == "s3://bucket/a.png"
    assert os.listdir() == []


@pytest.mark.parametrize("call", READ + WRITTEN)
def test_a_zero_byte_is_named(tmp_path, monkeypatch, call):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="no file has a name with a zero byte") as raised:
        call("a\0b.png")
    assert raised.value.filename == "a\0b.png"
    assert os.listdir() == []


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("given", [b"faces", 3])
def test_what_is_no_path_is_named(call, given):
    kind = type(given).__name__
    with pytest.raises(TypeError, match=f"^path: expected text or a Path, not {kind}$"):
        call(given)


def test_crops_are_written_to_a_folder_that_is_named_by_text(tmp_path, sample_frame, detector):
    faces = detector.detect(sample_frame)[:1]
    [path] = CropWriter(str(tmp_path / "crops")).write(sample_frame, faces, None, 0)
    assert path == Path(tmp_path / "crops" / "frame-000000-face-1.png")
    assert path.read_bytes()[:4] == b"\x89PNG"
