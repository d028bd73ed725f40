"""Tests images that are turned, of another size than their annotations state, or cut off."""

import json
import re

import cv2
import numpy as np
import pytest

from mtcnn_rt.annotations import read_annotations

WIDTH, HEIGHT = 48, 32
FACE = [4, 6, 10, 12]


def write_image(path, orientation=1):
    """Writes an image that is brighter from left to right as stored."""
    image = pytest.importorskip("PIL.Image")
    exif = image.Exif()
    exif[0x0112] = orientation
    row = np.linspace(0, 255, WIDTH).astype(np.uint8)
    image.fromarray(np.tile(row, (HEIGHT, 1))).save(path, exif=exif, quality=95)


def annotations_of(form, tmp_path, width, height):
    """Writes annotations of one face in the image a.jpg, of the size."""
    if form == "jsonl":
        described = {"image": "a.jpg", "width": width, "height": height, "boxes": [FACE]}
    else:
        described = {
            "images": [{"id": 1.0, "file_name": "a.jpg", "width": width, "height": height}],
            "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": FACE}],
            "categories": [{"id": 1, "name": "face"}],
        }
    path = tmp_path / "a.json"
    path.write_text(json.dumps(described))
    return path


@pytest.fixture(params=["jsonl", "coco"])
def read(request, tmp_path):
    """Reads the pixels of an image with an orientation, whose annotations state a size."""

    def read_it(orientation, width, height):
        write_image(tmp_path / "a.jpg", orientation)
        [image] = read_annotations(annotations_of(request.param, tmp_path, width, height)).images
        return image.read()

    return read_it


def test_annotations_of_the_upright_image(read):
    pixels = read(6, HEIGHT, WIDTH)
    assert pixels.shape == (WIDTH, HEIGHT, 3)
    assert pixels.flags.c_contiguous
    assert pixels[0, 5, 0] < 20
    assert pixels[-1, 5, 0] > 235  # stored to the right, upright at the bottom
    assert read(8, HEIGHT, WIDTH)[0, 5, 0] > 235


def test_annotations_of_the_image_as_stored(read):
    assert read(6, WIDTH, HEIGHT).shape == (HEIGHT, WIDTH, 3)
    assert read(1, WIDTH, HEIGHT)[5, -1, 0] > 235


def test_a_size_that_both_have(read):
    with pytest.raises(ValueError, match=r"a\.jpg: its EXIF orientation turns it: its labels may"):
        read(3, WIDTH, HEIGHT)


@pytest.mark.parametrize("orientation", [1, 6])
def test_an_image_of_another_size_than_its_annotations_is_refused(read, orientation):
    with pytest.raises(ValueError, match="has 48 x 32 pixels, but its annotations are of 96 x 64;"):
        read(orientation, 96, 64)


def test_a_size_that_is_none(tmp_path):
    write_image(tmp_path / "a.jpg")
    [image] = read_annotations(annotations_of("coco", tmp_path, 0, 0)).images
    assert image.read().shape == (HEIGHT, WIDTH, 3)
    with pytest.raises(ValueError, match=r":1: width and height: expected numbers of pixels"):
        read_annotations(annotations_of("jsonl", tmp_path, 0, 0))


def test_an_image_without_its_end_is_left_out(tmp_path):
    """Its faces may be in the part that is missing, which is gray."""
    noise = np.random.default_rng(1).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    content = cv2.imencode(".jpg", noise)[1].tobytes()
    (tmp_path / "a.jpg").write_bytes(content[: len(content) // 2])
    [image] = read_annotations(annotations_of("jsonl", tmp_path, WIDTH, HEIGHT)).images
    with pytest.raises(ValueError, match=r"cannot read .*a\.jpg: the end of the file is missing"):
        image.read()


POINTS = [[6, 8], [12, 8], [9, 12], [7, 15], [11, 15]]


def moved(x, y):
    return [[px + x, py + y] for px, py in POINTS]


@pytest.mark.parametrize(
    ("faces", "outside"),
    [
        ({"boxes": [FACE, [WIDTH, 6, 10, 12]]}, 2),
        ({"boxes": [FACE, [4, HEIGHT, 10, 12]]}, 2),
        ({"boxes": [[-10, 6, 10, 12], FACE]}, 1),
        ({"boxes": [FACE, FACE], "landmarks": [POINTS, moved(0, -15)]}, 2),
        ({"landmarks": moved(2 * WIDTH, 0)}, 1),
        ({"boxes": [FACE, [WIDTH - 1, HEIGHT - 1, 10, 12], [-9, -11, 10, 12]]}, None),
        ({"boxes": [FACE, [WIDTH, 6, 10, 12]], "ignored": [False, True]}, None),
        ({"boxes": [FACE], "landmarks": [moved(40, 20)]}, None),  # the right part of it
    ],
)
def test_faces_outside_of_the_image(tmp_path, faces, outside):
    image = tmp_path / "a.jpg"
    write_image(image)
    file = tmp_path / "a.jsonl"
    file.write_text(json.dumps({"image": "a.jpg", **faces}))
    [annotated] = read_annotations(file).images
    if outside is None:
        assert annotated.read_with_faces().shape == (HEIGHT, WIDTH, 3)
        return
    message = (
        f"{image}: its annotated face {outside} is outside of its 48 x 32 pixels; annotate the "
        "image as it is, or leave the face out"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        annotated.read_with_faces()
    assert annotated.read().shape == (HEIGHT, WIDTH, 3)
