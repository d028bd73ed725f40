"""Reads YOLO data sets: folders, descriptions, boxes and keypoints."""

import json

import numpy as np
import pytest

from mtcnn_rt.annotations import read_annotations
from mtcnn_rt.annotations.reading import files_of
from mtcnn_rt.annotations.yolo_description import read_description

ROW = "0 0.5 0.25 0.5 0.25"
POSE = f"{ROW} .1 .1 2 .2 .1 1 .3 .2 0 .4 .3 2 .5 .3 2"


def test_a_folder_without_a_description(dataset):
    root = dataset({"a": f"{ROW}\n1 0.5 0.5 1 1 0.9\n", "sub/b": "", "c": None})
    annotations = read_annotations(root)
    assert annotations.problems == []
    assert [image.name for image in annotations.images] == ["a.jpg", "c.jpg", "sub/b.jpg"]
    a, c, b = annotations.images
    assert a.boxes.tolist() == [[10, 10, 30, 30], [0, 0, 40, 80]]
    assert len(b.boxes) == len(c.boxes) == 0
    assert a.read().shape == (80, 40, 3)


def test_keypoints_are_landmarks(dataset):
    [image] = read_annotations(dataset({"a": f"{POSE}\n"})).images
    expected = [[4, 8], [8, 8], [np.nan, np.nan], [16, 24], [20, 24]]
    np.testing.assert_allclose(image.landmarks[0], expected)


@pytest.mark.parametrize(
    ("shape", "row"),
    [("[5, 3]", POSE), ("[5, 2]", f"{ROW} .1 .1 .2 .1 0 0 .4 .3 .5 .3")],
)
def test_the_description_has_the_number_of_values(dataset, shape, row):
    described = f"train: images\nkpt_shape: {shape}\nnames: [face]\n"
    root = dataset({"a": f"{row}\n{ROW}\n", "b": f"{row} .1\n"}, described)
    annotations = read_annotations(root)
    [image] = annotations.images
    assert image.landmarks[0, 4].tolist() == [20, 24]
    assert np.isnan(image.landmarks[0, 2]).all()
    assert np.isnan(image.landmarks[1]).all()
    assert "b.txt:1: expected 5 or " in annotations.problems[0]


def test_keypoints_of_other_objects_are_left_out(dataset):
    row = " ".join([ROW, *["0.5"] * 6])
    root = dataset({"a": row}, "train: images\nkpt_shape: [3, 2]\nnames: [face]\n")
    [image] = read_annotations(root).images
    assert image.boxes.tolist() == [[10, 10, 30, 30]]
    assert np.isnan(image.landmarks).all()


@pytest.mark.parametrize(
    "names",
    [
        *("names: [car, face]", "names: ['car', \"face\"]  # two", "names: {0: car, 1: face}"),
        *("names:\n  0: car\n  1: face", "names:\n- car\n- face", "names:\n  - car\n  - 'face'"),
    ],
)
def test_faces_are_those_of_the_class(dataset, names):
    described = f"# A comment\n{names}\nnc: 2\ntrain: images\ndownload: |\n  import x\n  y: z\n"
    root = dataset({"a": f"{ROW}\n1 0.5 0.5 1 1\n"}, described)
    for path in (root, root / "data.yaml"):
        [image] = read_annotations(path).images
        assert image.boxes.tolist() == [[0, 0, 40, 80]]
        assert image.labels == ("",)


def test_classes_are_named_in_a_list(dataset):
    root = dataset({"a": f"{ROW}\n1 0.5 0.5 1 1\n"})
    (root / "classes.txt").write_text("car\nface\n")
    [image] = read_annotations(root).images
    assert image.boxes.tolist() == [[0, 0, 40, 80]]


def test_several_classes_of_faces_are_labels(dataset):
    root = dataset({"a": f"1{ROW[1:]}\n{ROW}\n"}, "train: images\nnames: [mask face, face]\n")
    [image] = read_annotations(root).images
    assert image.labels == ("face", "mask face")


def test_without_a_class_of_faces_there_is_an_error(dataset):
    root = dataset({"a": ROW}, "train: images\nnames: [car, bus]\n")
    with pytest.raises(ValueError, match=r"has no class of faces, .*: there is bus, car"):
        read_annotations(root)


@pytest.mark.parametrize(
    ("images", "labels", "places"),
    [
        ("images/{}", "labels/{}", "train: images/train\nval: images/val\n"),
        ("images/{}", "labels/{}", "path: .\ntrain: [images/train]\nval:\n  - images/val\n"),
        ("images/{}", "labels/{}", "path: /no/where\ntrain: images/train\nval: images/val\n"),
        ("{}/images", "{}/labels", "train: ../train/images\nval: ../val/images\n"),
        ("{}", "{}", "train: train\nval: val\n"),
    ],
)
def test_splits_are_those_of_the_folders(dataset, images, labels, places):
    for split in ("train", "val"):
        row = {split[0]: ROW}
        root = dataset(row, f"{places}names: [face]\n", images.format(split), labels.format(split))
    assert [image.split for image in read_annotations(root).images] == ["train", "val"]
    [image] = read_annotations(root, split="val").images
    assert image.name.endswith("v.jpg")
    assert image.boxes.tolist() == [[10, 10, 30, 30]]
    with pytest.raises(ValueError, match=r"set: has no split 'test'; there is train, val"):
        read_annotations(root, split="test")


def test_images_of_several_splits_have_none(dataset):
    root = dataset({"a": ROW}, "train: images\nval: images\nnames: [face]\n")
    assert [image.split for image in read_annotations(root).images] == [""]


def test_a_list_of_images(dataset):
    root = dataset({"a": ROW, "b": ROW, "c": ROW}, "train: train.txt\nnames: [face]\n")
    (root / "train.txt").write_text("./images/b.jpg\nimages/a.jpg\nimages/none.jpg\n")
    annotations = read_annotations(root)
    assert [image.name for image in annotations.images] == ["b.jpg", "a.jpg"]
    assert annotations.problems == [f"{root}: none.jpg has no image"]


def test_labels_without_an_image_are_reported(dataset):
    root = dataset({"a": ROW, "gone": ROW, "sub/empty": ""})
    (root / "images/gone.jpg").unlink()
    (root / "images/sub/empty.jpg").unlink()
    (root / "labels/classes.txt").write_text("face\n")
    annotations = read_annotations(root)
    assert [image.name for image in annotations.images] == ["a.jpg"]
    assert annotations.problems == [
        f"{root / 'labels' / name} has no image" for name in ("gone.txt", "sub/empty.txt")
    ]
    photos = root.parent / "photos"
    (root / "images").rename(photos)
    assert read_annotations(root, images=photos).problems == annotations.problems


@pytest.mark.parametrize("name", ["b.ico", "b.TGA", "b.psd", "b.heic", "b.unknown", "b"])
def test_images_of_any_name_are_known(dataset, name):
    root = dataset({"a": ROW, "b": ROW})
    (root / "images/b.jpg").rename(root / "images" / name)
    (root / "images/notes.md").write_text("not an image")
    annotations = read_annotations(root)
    assert annotations.problems == []
    assert [image.name for image in annotations.images] == ["a.jpg", name]


def test_other_files_of_an_image_are_passed_over(dataset):
    root = dataset({"a": ROW, "b": None})
    for name in ("a.arw", "a.psd", "c.xcf"):
        (root / "images" / name).write_bytes(b"of a camera or a program")
    annotations = read_annotations(root)
    assert annotations.problems == []
    assert [image.name for image in annotations.images] == ["a.jpg", "b.jpg"]


def test_an_image_that_cannot_be_decoded_is_named(dataset):
    root = dataset({"a": ROW, "b": ROW})
    (root / "images/b.jpg").unlink()
    (root / "images/b.exr").write_bytes(b"\x76\x2f\x31\x01 an image")
    annotations = read_annotations(root)
    assert [image.name for image in annotations.images] == ["a.jpg"]
    [problem] = annotations.problems
    assert f"cannot read {root / 'images/b.exr'}" in problem


@pytest.mark.parametrize("more", ["train: [images, images2]\n", "train: images\nval: images2\n"])
def test_a_place_that_is_missing_is_reported(dataset, more):
    root = dataset({"a": ROW}, f"{more}names: [face]\n")
    annotations = read_annotations(root)
    assert [image.name for image in annotations.images] == ["a.jpg"]
    [problem] = annotations.problems
    split = "train" if "[" in more else "val"
    place = root / "images2"
    assert problem == f"{root}: {split}: {place} is no folder and no list of images"


def test_images_in_another_folder(dataset, tmp_path):
    root = dataset({"a": ROW, "sub/b": POSE}, "train: images\nnames: [face]\n")
    (root / "images").rename(tmp_path / "photos")
    annotations = read_annotations(root, images=tmp_path / "photos")
    assert [image.name for image in annotations.images] == ["a.jpg", "sub/b.jpg"]
    assert annotations.problems == []
    with pytest.raises(ValueError, match=r"data\.yaml: not a folder, in which images of YOLO"):
        read_annotations(root, images=root / "data.yaml")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("0 0.5 0.5 0.5", "expected 5 or 6 or 20 numbers, not 4"),
        ("0 0.5 0.5 0.5 x", "could not convert string to float: 'x'"),
        ("0 20 20 10 10", "expected a box in shares of the image's sides, 0 to 1"),
        ("0 -0.5 0.5 0.5 0.5", "expected a box in shares of the image's sides, 0 to 1"),
        ("0 0.5 0.5 0 0.1", "expected x y width height with sides above 0, not 0 and 0.1"),
        ("-1 0.5 0.5 0.5 0.5", "expected the number of a class"),
        ("0.5 0.5 0.5 0.5 0.5", "expected the number of a class"),
        ("0 nan 0.5 0.5 0.5", "expected numbers up to 1e+06"),
        ("0 1e999 0.5 0.5 0.5", "expected numbers up to 1e+06"),
    ],
)
def test_a_broken_line_skips_its_image_alone(dataset, row, reason):
    root = dataset({"a": ROW, "b": f"{ROW}\n{row}\n"})
    annotations = read_annotations(root)
    assert [image.name for image in annotations.images] == ["a.jpg"]
    assert annotations.problems == [f"{root / 'labels/b.txt'}:2: {reason}"]


def test_an_empty_box_of_another_object_skips_nothing(dataset):
    root = dataset({"a": f"0 0.5 0.5 0 0.1\n1{ROW[1:]}\n"}, "train: images\nnames: [car, face]\n")
    annotations = read_annotations(root)
    assert annotations.problems == []
    assert len(annotations.images[0].boxes) == 1


def test_a_broken_image_is_skipped(dataset):
    root = dataset({"a": ROW, "b": ROW})
    (root / "images/b.jpg").write_bytes(b"\xff\xd8\xff")
    annotations = read_annotations(root)
    assert [image.name for image in annotations.images] == ["a.jpg"]
    [problem] = annotations.problems
    assert str(root / "images/b.jpg") in problem


def test_an_image_that_is_turned_is_skipped(dataset):
    """Labels are of the image as viewers show it, annotations of the stored pixels."""
    image = pytest.importorskip("PIL.Image")
    root = dataset({"a": ROW, "b": ROW})
    exif = image.Exif()
    exif[0x0112] = 6
    image.new("RGB", (80, 40)).save(root / "images/b.jpg", exif=exif)
    annotations = read_annotations(root)
    assert [image.name for image in annotations.images] == ["a.jpg"]
    [problem] = annotations.problems
    assert "b.jpg: its EXIF orientation turns it" in problem


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("names: [face]\n", "not the description of a YOLO data set: it has no train, val or test"),
        ("train: {a: b}\n", "train, val and test: expected a folder, or a list of folders"),
        ("train: images\nnames: face\n", "names: expected a list, or names by number"),
        ("train: images\nkpt_shape: [5, 4]\n", r"kpt_shape: expected \[N, 2\] or \[N, 3\]"),
        ("train: images\nkpt_shape: 5\n", r"kpt_shape: expected \[N, 2\] or \[N, 3\]"),
        ("\0\n", "not the description of a YOLO data set"),
    ],
)
def test_broken_descriptions_give_one_line(dataset, text, reason):
    root = dataset({"a": ROW}, text)
    with pytest.raises(ValueError, match=rf"data\.yaml: {reason}") as error:
        read_annotations(root)
    assert "\n" not in str(error.value)


def test_a_data_set_without_images(dataset):
    root = dataset({"a": ROW}, "train: elsewhere\nnames: [face]\n")
    with pytest.raises(
        ValueError, match=r"set: the images are not found: there is none in .*where"
    ):
        read_annotations(root)


def test_json_lines_in_the_folder_come_first(dataset):
    root = dataset({"a": ROW})
    line = {"image": "a.jpg", "boxes": [[1, 2, 3, 4]]}
    (root / "annotations.jsonl").write_text(json.dumps(line))
    assert read_annotations(root).images[0].boxes.tolist() == [[1, 2, 4, 6]]
    assert read_annotations(root, format="yolo").images[0].boxes.tolist() == [[10, 10, 30, 30]]


def test_the_files_of_a_data_set_are_known(dataset):
    root = dataset({"a": ROW}, "train: images\nnames: [face]\n")
    assert files_of(root) == [root / "data.yaml", root / "labels"]
    assert files_of(root / "data.yaml") == [root / "data.yaml", root / "labels"]


def test_descriptions_are_read_as_yaml_reads_them(tmp_path):
    yaml = pytest.importorskip("yaml")
    text = (
        "# From a tool\n---\npath: '../sets/x'  # root\ntrain: images/a b\nval: [i/v, \"w\"]\n"
        "test:\n  - t1\n  - t2\nnc: 2\nnames:\n  0: face\n  1: 'no face'\nkpt_shape: [5, 3]\n"
        "nested:\n  deep:\n    deeper: 1\ndownload: |\n  train: wrong\n  print('names: x')\n"
    )
    path = tmp_path / "data.yaml"
    path.write_text(text)
    described, expected = read_description(path), yaml.safe_load(text)
    assert described.places == {
        "train": [expected["train"]],
        "val": expected["val"],
        "test": expected["test"],
    }
    assert described.names == expected["names"]
    assert described.keypoints == tuple(expected["kpt_shape"])


POLYGON = "0 0.25 0.125 0.75 0.125 0.75 0.375 0.5 0.25 0.25 0.375"


def test_a_polygon_is_the_face_of_its_box(dataset):
    root = dataset({"a": f"{POLYGON}\n{ROW}\n"}, "train: images\nnames: [face]\n")
    annotations = read_annotations(root)
    assert annotations.problems == []
    assert annotations.images[0].boxes.tolist() == [[10, 10, 30, 30], [10, 10, 30, 30]]


def test_a_polygon_that_may_be_keypoints_is_named(dataset):
    root = dataset({"a": f"{POLYGON}\n", "b": ROW})
    annotations = read_annotations(root)
    assert [image.name for image in annotations.images] == ["b.jpg"]
    assert annotations.problems == [
        f"{root}/labels/a.txt:1: 11 numbers: a polygon or keypoints, which only a data.yaml can "
        "tell, by its kpt_shape; write one"
    ]
