"""Tests where a YOLO data set has its files, as people unpack and move it."""

import os
import re
import sys

import cv2
import numpy as np
import pytest

from mtcnn_rt.annotations import read_annotations
from mtcnn_rt.annotations.yolo_description import read_description

ROW = "0 0.5 0.25 0.5 0.25"


@pytest.mark.parametrize(
    "names",
    [
        "names: ['mask',\n  'face', 'hat']",
        "names: [\n    mask,  # 0\n    face\n]",
        "names: {0: mask,\n  1: face}",
    ],
)
def test_names_in_several_lines(dataset, names):
    root = dataset({"a": f"1{ROW[1:]}\n{ROW}\n"}, f"train: images\n{names}\nval: images\n")
    [image] = read_annotations(root).images
    assert image.boxes.tolist() == [[10, 10, 30, 30]]
    assert image.split == ""  # of both


def test_brackets_without_an_end_are_read_in_linear_time(tmp_path):
    file = tmp_path / "data.yaml"
    file.write_text("train: a\nnames: [\n" + "x\n" * 500_000)
    with pytest.raises(ValueError, match="names: expected a list"):
        read_description(file)


@pytest.mark.parametrize("described", ["train: images\\train", "train: train.txt"])
def test_folders_as_windows_writes_them(dataset, described):
    root = dataset({"train/a": ROW, "train/b": ""}, f"{described}\nnames: [face]\n")
    (root / "train.txt").write_bytes(b"images\\train\\a.jpg\r\n.\\images\\train\\b.jpg\r\n")
    annotations = read_annotations(root)
    assert annotations.problems == []
    assert [(image.name, len(image.boxes)) for image in annotations.images] == [
        ("train/a.jpg", 1),
        ("train/b.jpg", 0),
    ]


@pytest.mark.parametrize("folder", ["data/", "/content/set/", "C:\\sets\\mine\\", "../"])
def test_lists_of_other_machines(dataset, folder):
    root = dataset({"train/a": ROW, "train/b": ROW}, "train: train.txt\nnames: [face]\n")
    (root / "a.jpg").write_bytes(b"")  # nothing more is dropped than needed
    lines = [f"{folder}images/train/{name}.jpg" for name in ("a", "b", "c")]
    (root / "train.txt").write_text("\n".join(lines))
    annotations = read_annotations(root)
    assert [image.name for image in annotations.images] == ["train/a.jpg", "train/b.jpg"]
    assert annotations.problems == [f"{root}: train/c.jpg has no image"]


def test_images_of_a_list_that_are_missing_are_the_reason(dataset):
    root = dataset({"a": ROW}, "train: train.txt\nnames: [face]\n")
    (root / "train.txt").write_text("images/b.jpg\n")
    message = f"{root}: has no usable face; {root}: b.jpg has no image"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        read_annotations(root)


def test_a_class_without_a_name_is_named(dataset):
    root = dataset({"a": f"{ROW}\n2{ROW[1:]}\n", "b": ROW}, "train: images\nnames: [face, hat]\n")
    annotations = read_annotations(root)
    assert [image.name for image in annotations.images] == ["b.jpg"]
    assert annotations.problems == [f"{root}/labels/a.txt:2: there is no class 2 among the names"]


def test_images_with_the_same_labels_are_named(dataset):
    root = dataset({"a": ROW, "empty": None})
    for name in ("a.png", "empty.png"):
        cv2.imwrite(str(root / "images" / name), np.zeros((9, 9, 3), np.uint8))
    annotations = read_annotations(root)
    names = [(image.name, len(image.boxes)) for image in annotations.images]
    assert names == [("a.jpg", 1), ("empty.jpg", 0), ("empty.png", 0)]
    assert annotations.problems == [f"{root}: a.png has the labels of a.jpg; rename one"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_to_folders_are_followed_and_hidden_files_are_not_images(dataset):
    root = dataset({"a": ROW, "more/b": ROW})
    for folder in ("images", "labels"):
        (root / folder / "more").rename(root.parent / folder)
        (root / folder / "more").symlink_to(root.parent / folder)
    (root / "images" / "._a.jpg").write_bytes(b"as macOS writes it")
    (root / "labels" / "more" / "c.txt").write_text(ROW)
    annotations = read_annotations(root)
    assert [(image.name, len(image.boxes)) for image in annotations.images] == [
        ("a.jpg", 1),
        ("more/b.jpg", 1),
    ]
    assert annotations.problems == [f"{root}/labels/more/c.txt has no image"]


def test_a_folder_that_cannot_be_opened_is_named(dataset, monkeypatch):
    root = dataset({"a": ROW, "shut/b": ROW})
    shut, scandir = str(root / "images" / "shut"), os.scandir

    def refusing(path):
        if path == shut:
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    annotations = read_annotations(root)
    assert [image.name for image in annotations.images] == ["a.jpg"]
    assert annotations.problems == [
        f"cannot read {shut}: the folder cannot be opened",
        f"{root}/labels/shut/b.txt has no image",
    ]
