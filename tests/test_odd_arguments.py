"""Tests that what new users try first has an answer, or a message that says how it is done."""

import numpy as np
import pytest

from mtcnn_rt import MTCNN
from mtcnn_rt.drawing import anonymize, draw
from mtcnn_rt.images import Image, as_image


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((3, 40, 60), r"not \(3, 40, 60\); with channels first give image.transpose\(1, 2, 0\)"),
        ((1, 40, 60), r"give image.transpose\(1, 2, 0\)"),
        ((2, 40, 60, 3), r"not \(2, 40, 60, 3\), a batch, which `detect_batch` takes"),
        ((40, 60, 2), r"not \(40, 60, 2\)$"),
    ],
)
def test_other_shapes_have_a_cure(shape, message):
    with pytest.raises(ValueError, match=message):
        as_image(np.zeros(shape, np.uint8))


def test_an_address_is_no_file():
    with pytest.raises(FileNotFoundError, match="an address, not a file; download it first") as no:
        as_image("https://host/photo.jpg")
    assert no.value.filename == "https://host/photo.jpg"


@pytest.mark.parametrize(
    "start",
    [b"\0\0\0\x20ftypisom", b"\0\0\0\x14ftypqt  ", b"\x1a\x45\xdf\xa3", b"RIFF\x10\0\0\0AVI LIST"],
)
def test_a_video_is_no_image(start):
    message = r"a video, which `mtcnn-rt process` takes, and in Python `stream`$"
    with pytest.raises(ValueError, match=message):
        as_image(start + bytes(2000))


def test_faces_are_covered_as_their_boxes_are(sample_frame):
    faces = MTCNN(min_face_size=60).detect(sample_frame)
    covered, same = sample_frame.copy(), sample_frame.copy()
    anonymize(covered, faces)
    anonymize(same, faces.boxes)
    assert len(faces) == 4
    assert np.array_equal(covered, same)
    assert not np.array_equal(covered, sample_frame)


@pytest.mark.parametrize("bgr", [True, False])
def test_an_image_of_the_package_is_one_image(bgr):
    one = Image(np.zeros((40, 60, 3), np.uint8), bgr=bgr)
    with pytest.raises(TypeError, match="images: expected several images, not one, which `detect`"):
        MTCNN(model="published", threads=1).detect_batch(one)
    assert len(MTCNN(model="published", threads=1).detect_batch([one, one])) == 2


def test_boxes_alone_are_not_drawn():
    with pytest.raises(TypeError, match="faces: expected Faces, not ndarray"):
        draw(np.zeros((9, 9, 3), np.uint8), np.zeros((1, 4)))
