"""Scenes: a cut begins one; motion, flashes and noise do not."""

import cv2
import numpy as np
import pytest

from mtcnn_rt import MTCNN, Faces, Tracker
from mtcnn_rt.images import Image
from mtcnn_rt.tracking.scene import Contrast, Scenes, thumbnail


def numbers(images, step=0.04):
    scenes = Scenes()
    return [scenes.scene(Image(image, True), i * step) for i, image in enumerate(images)]


def flat(value, size=(360, 640)):
    return np.full((*size, 3), value, np.uint8)


@pytest.fixture(scope="module")
def other(clip):
    """An image of another scene: the halves of the clip's first frame exchanged."""
    return np.roll(clip[0], 320, axis=1)


@pytest.mark.parametrize("every", [1, 5, 12])
def test_a_scene_goes_on(clip, every):
    assert set(numbers(clip[::every])) == {1}


def test_a_cut_begins_a_scene(clip, other):
    images = [*clip[:3], other, other, *clip[3:5]]
    assert numbers(images, 1.0) == [1, 1, 1, 2, 2, 3, 3]


def test_a_real_video_is_one_scene(media):
    video = cv2.VideoCapture(str(media / "video.mp4"))
    images = [image for _ in range(20) for read, image in [video.read()] if read]
    assert numbers(images) == [1] * 20


def test_each_photo_is_a_scene(media):
    names = ("multiface.jpg", "paul_rudd.jpg", "test1.jpg", "ivan.jpg", "no-faces.jpg")
    images = [cv2.resize(cv2.imread(str(media / name)), (640, 360)) for name in names]
    assert numbers(images) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("value", [0, 255])
def test_after_a_flash_or_a_black_frame_the_scene_goes_on(clip, value):
    assert numbers([clip[0], clip[1], flat(value), flat(value), clip[4]]) == [1, 1, 2, 2, 1]


def test_after_a_long_black_phase_a_new_scene_begins(clip):
    assert numbers([clip[0], flat(0), flat(0), clip[1]], step=0.25) == [1, 2, 2, 3]


def test_two_alternating_images_are_two_scenes(clip, other):
    assert numbers([clip[0], other] * 3) == [1, 2] * 3


def test_brightness_is_no_cut(clip):
    brighter = cv2.convertScaleAbs(clip[0], alpha=1.3, beta=40)
    darker = cv2.convertScaleAbs(clip[0], alpha=0.6)
    assert numbers([clip[0], brighter, clip[0], darker, clip[0]]) == [1] * 5


def test_a_pan_is_no_cut(clip):
    assert numbers([clip[0][:, x : x + 480] for x in range(0, 160, 32)]) == [1] * 5


def test_noise_in_the_dark_is_no_cut():
    random = np.random.default_rng(0)
    assert numbers([random.integers(0, 12, (90, 160, 3), np.uint8) for _ in range(10)]) == [1] * 10


def test_another_size_is_another_scene(clip):
    assert numbers([clip[0], np.ascontiguousarray(clip[0][:-2])]) == [1, 2]


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (7, 11)])
def test_images_of_any_size_have_a_thumbnail(size):
    assert thumbnail(Image(flat(100, size), True)).shape == (3, 6, 10)
    assert numbers([flat(100, size)] * 3) == [1, 1, 1]


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    return Contrast(a).likeness(Contrast(b))


def test_likeness_ignores_brightness(clip, other):
    a, b = (thumbnail(Image(image, True)) for image in (clip[0], other))
    assert likeness(a, a) == pytest.approx(1)
    assert likeness(a, a + 50) == pytest.approx(1)
    assert likeness(a, b) == likeness(b, a) < 0.5
    assert likeness(a, 255 - a) < -0.9
    assert likeness(a, np.zeros_like(a)) < 0.05


def test_frames_have_the_number_of_their_scene(clip, other):
    tracker = Tracker(MTCNN(min_face_size=100, threads=1))
    images = [clip[0], clip[1], other]
    assert [tracker.update(one, 1.0 * n).scene for n, one in enumerate(images)] == [1, 1, 2]
    tracker.reset()
    scenes = [
        tracker.assign(Faces.empty(), one.shape, 1.0 * n, one).scene for n, one in enumerate(images)
    ]
    assert scenes == [1, 1, 2]
    tracker.reset()
    assert tracker.assign(Faces.empty(), (360, 640), 0.0).scene == 0
