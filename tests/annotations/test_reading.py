"""Tests what all formats share: the search for images, and the errors."""

import json
import tarfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from mtcnn_rt.annotations import read_annotations

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
LINE = '{"image": "a.jpg", "boxes": [[1, 2, 3, 4]]}\n'


@pytest.fixture
def pixels():
    return np.random.default_rng(5).integers(0, 256, (6, 9, 3), np.uint8)


def tar_of(path, files, mode="w"):
    with tarfile.open(path, mode) as tar:
        for name, file in files.items():
            tar.add(file, name)


def test_images_in_a_tar(data, tmp_path, pixels):
    cv2.imwrite(str(tmp_path / "other.png"), pixels[::-1])
    cv2.imwrite(str(tmp_path / "one.png"), pixels)
    files = {"./deep/other.png": tmp_path / "other.png", "deep/one.png": tmp_path / "one.png"}
    tar_of(tmp_path / "images.tar", files)
    lines = [{"image": name, "boxes": [[0, 0, 1, 1]]} for name in ("deep/one.png", "deep/x.png")]
    path = data("a.jsonl", "\n".join(map(json.dumps, lines)))
    annotations = read_annotations(path)
    [image] = annotations.images
    np.testing.assert_array_equal(image.read(), pixels)
    assert annotations.problems == [f"{path}: deep/x.png has no image"]


def test_a_compressed_tar_is_refused(data, tmp_path, pixels):
    cv2.imwrite(str(tmp_path / "a.jpg"), pixels)
    tar_of(tmp_path / "images.tar", {"a.jpg": tmp_path / "a.jpg"}, "w:gz")
    with pytest.raises(ValueError, match=r"images\.tar: not an uncompressed tar"):
        read_annotations(data("a.jsonl", LINE))


def test_images_in_another_folder(data, tmp_path):
    path = data("a.jsonl", LINE, ("a.jpg",), "elsewhere")
    [image] = read_annotations(path, images=tmp_path / "elsewhere").images
    assert image.read().shape == (8, 8, 3)


def test_images_that_are_not_found(data, tmp_path):
    path = data("a.jsonl", LINE)
    with pytest.raises(ValueError, match=r"the images are not found: no a\.jpg in .*images\.tar"):
        read_annotations(path)
    with pytest.raises(ValueError, match=r"no a\.jpg in .*elsewhere"):
        read_annotations(path, images=tmp_path / "elsewhere")


def test_exif_orientation_is_not_applied(data, tmp_path):
    image = pytest.importorskip("PIL.Image")
    exif = image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    image.new("RGB", (9, 6)).save(tmp_path / "a.jpg", exif=exif)
    [annotated] = read_annotations(data("a.jsonl", LINE)).images
    assert annotated.read().shape == (6, 9, 3)


def test_images_that_cannot_be_read(data, tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"not an image")
    [image] = read_annotations(data("a.jsonl", LINE)).images
    with pytest.raises(ValueError, match=r"cannot read .*a\.jpg: not an image"):
        image.read()
    (tmp_path / "a.jpg").unlink()
    with pytest.raises(ValueError, match=r"cannot read .*a\.jpg: No such file"):
        image.read()


@pytest.mark.parametrize(
    "text",
    [
        '{"image": "a.jpg", "boxes": []}\n',
        '{"image": "a.jpg", "boxes": [[1, 2, 3, 0]]}\n',
        '{"image": "a.jpg", "boxes": [[1, 2, 3, 4]], "ignored": [true]}\n',
    ],
)
def test_no_usable_face(data, text):
    with pytest.raises(ValueError, match=r"a\.jsonl: has no usable face"):
        read_annotations(data("a.jsonl", text, ("a.jpg",)))


def test_no_usable_face_names_the_first_problem(data):
    path = data("a.jsonl", '{"image": 1}\n{}\n')
    with pytest.raises(ValueError, match=r"usable face; .*a\.jsonl:1: image and split must be"):
        read_annotations(path)


@pytest.mark.parametrize("text", ["", "# A heading\n\nand words\n", "1 2 3\n", "\0\1"])
def test_an_unknown_format_is_refused_with_those_there_are(data, text):
    with pytest.raises(ValueError, match=r"x\.txt: not annotations in a known format \(jsonl, "):
        read_annotations(data("x.txt", text))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", r"mtfl\): it is empty"),
        ("a\0b\0", r"mtfl\): it is no text in UTF-8"),
        (f"[{LINE}]", r"mtfl\): it is a JSON list; JSON lines have an object in each line"),
        (
            '[\n{"image": "a.jpg", "faces": []}\n]',
            "a JSON list of results, .*export --format jsonl",
        ),
        ('{"image": "a.jpg", "faces": []}', "x.txt:1: results, of which .*export --format jsonl"),
    ],
)
def test_what_is_given_in_place_of_annotations(data, text, hint):
    with pytest.raises(ValueError, match=hint):
        read_annotations(data("x.txt", text))


def test_a_format_that_is_given(data):
    text = "# a.jpg\n1 2 3 4\n"
    path = data("x.txt", text, ("a.jpg",))
    assert read_annotations(path, format="retinaface").images[0].boxes.tolist() == [[1, 2, 4, 6]]
    with pytest.raises(ValueError, match=r"has no usable face; .*:1: Expecting value"):
        read_annotations(path, format="jsonl")
    with pytest.raises(ValueError, match=r"format: expected one of jsonl, .*, not 'voc'"):
        read_annotations(path, format="voc")


def test_a_split_is_chosen_and_a_missing_one_is_named(data):
    line = '{{"image": "a.jpg", "boxes": [[1, 2, 3, 4]], "split": "{}"}}\n'
    path = data("a.jsonl", line.format("test") + line.format("train"), ("a.jpg",))
    assert [image.split for image in read_annotations(path, split="train").images] == ["train"]
    with pytest.raises(ValueError, match="has no split 'val'; there is test, train"):
        read_annotations(path, split="val")
    with pytest.raises(ValueError, match="has no split 'val'; it has no splits"):
        read_annotations(data("b.jsonl", LINE), split="val")


def test_the_error_for_a_folder_names_its_files(data, tmp_path):
    data("b.jsonl", LINE)
    data("a.jsonl", LINE)
    message = (
        r"has no annotations\.jsonl, and is no YOLO data set: name the file of annotations; "
        r"there is a\.jsonl, b\.jsonl$"
    )
    with pytest.raises(ValueError, match=message):
        read_annotations(tmp_path)


@pytest.mark.parametrize(
    ("path", "images", "faces", "size"),
    [
        ("facemask", 550, 2669, (290, 400)),
        ("mtfl/train.jsonl", 7643, 7643, (80, 80)),
        ("mtfl/aflw.jsonl", 1495, 1495, (80, 80)),
    ],
)
def test_real_data_have_so_many_images_and_faces(path, images, faces, size):
    if not SHARED.is_dir():
        pytest.skip("../shared/data, annotated photographs, is not here")
    annotations = read_annotations(SHARED / path)
    assert annotations.problems == []
    assert len(annotations.images) == images
    assert sum(image.usable_faces() for image in annotations.images) == faces
    assert annotations.images[0].read().shape == (*size, 3)


def test_paths_may_be_strings(drawn):
    file, folder = str(drawn / "annotations.jsonl"), str(drawn / "images")
    expected = [image.name for image in read_annotations(drawn).images]
    for path, images in ((file, None), (str(drawn), None), (file, folder)):
        found = read_annotations(path, images=images)
        assert [image.name for image in found.images] == expected
        assert found.images[0].read().shape == (96, 128, 3)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("gt.txt", "0--E\\a.jpg\n1\n1 2 3 4 0 0 0 0 0 0\n"),
        ("label.txt", "# 0--E\\a.jpg\n1 2 3 4\n"),
        ("list_landmarks_celeba.txt", f"1\nlefteye_x lefteye_y\n0--E\\a.jpg {'1 ' * 9}2\n"),
        ("training.txt", f"0--E\\a.jpg {'1 ' * 9}2 1 1 1 1\n"),
        ("annotations.jsonl", '{"image": "0--E\\\\a.jpg", "boxes": [[1, 2, 3, 4]]}\n'),
    ],
)
def test_names_as_windows_writes_them(data, file, text):
    annotations = read_annotations(data(file, text, ("0--E/a.jpg",)))
    assert [image.name for image in annotations.images] == ["0--E/a.jpg"]
    assert annotations.problems == []
