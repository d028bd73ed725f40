"""Tests the functions of mtcnn.utils that the documentation of mtcnn 1.0.0 uses."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from mtcnn_rt.compat.mtcnn.mtcnn import MTCNN
from mtcnn_rt.compat.mtcnn.utils.images import load_image, load_images_batch
from mtcnn_rt.compat.mtcnn.utils.plotting import plot

YELLOW = (255, 255, 0)


@pytest.fixture(scope="module")
def png(sample_frame) -> bytes:
    return cv2.imencode(".png", sample_frame)[1].tobytes()


def test_images_are_float_rgb(png, sample_frame, tmp_path):
    (tmp_path / "photo.png").write_bytes(png)
    for source in (png, str(tmp_path / "photo.png")):
        image = load_image(source)
        assert image.dtype == np.float32
        assert np.array_equal(image, sample_frame[..., ::-1])
    assert load_image(png, dtype=np.uint8).dtype == np.uint8
    of_tensorflow = SimpleNamespace(as_numpy_dtype=np.uint8)
    assert load_image(png, dtype=of_tensorflow).dtype == np.uint8
    assert load_image(image) is image
    assert [one.shape for one in load_images_batch([png, image])] == [image.shape] * 2


def test_files_that_are_no_images_are_refused(tmp_path):
    with pytest.raises(ValueError, match="the bytes"):
        load_image(b"no image")
    with pytest.raises(FileNotFoundError):
        load_image(str(tmp_path / "missing.jpg"))


def test_the_example_of_the_package(png):
    image = load_image(png)
    detector = MTCNN()
    faces = detector.detect_faces(image)
    drawn = plot(image, faces)
    assert drawn.dtype == np.uint8
    assert drawn.shape == image.shape
    for face in faces:
        x, y, width, height = face["box"]
        for corner in ((y, x), (y + height, x + width)):
            assert tuple(drawn[corner]) == YELLOW
        nose_x, nose_y = face["keypoints"]["nose"]
        assert (drawn[nose_y - 2 : nose_y + 3, nose_x - 2 : nose_x + 3] == YELLOW).all()
    changed = (drawn != image.astype(np.uint8)).any(2).mean()
    assert 0.001 < changed < 0.02
    rows = detector.detect_faces([image], output_type="numpy", box_format="xyxy")
    corners = detector.detect_faces(image, box_format="xyxy")
    drawn = plot(image, rows, input_as_width_height=False)
    assert np.array_equal(plot(image, corners, input_as_width_height=False), drawn)
    assert np.array_equal(plot(image, corners[0], False), plot(image, rows[:1], False))
    assert np.array_equal(plot(image, rows[0], False), plot(image, corners[:1], False))


def test_faces_at_the_border_are_drawn_as_far_as_they_go():
    image = np.zeros((20, 30, 3), np.uint8)
    drawn = plot(image, {"box": [-5, -5, 10, 10], "keypoints": {"nose": [0, 19]}})
    assert (drawn == YELLOW).all(2).sum() == 6 + 5 + 9
    assert not image.any()
    assert (plot(image, [{"box": [-9, -9, 3, 3]}]) == 0).all()


def test_nothing_is_drawn_without_faces():
    assert plot(np.zeros((5, 5, 3), np.uint8), []) is None
