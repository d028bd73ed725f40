"""Tests versions of photographs: resized, turned, mirrored, covered, degraded."""

import cv2
import numpy as np
import pytest
from helpers.drawn_faces import FACE, draw_image

from mtcnn_rt.training.distillation.degradation import coarsen, compress, degrade
from mtcnn_rt.training.distillation.occlusion import cover_faces
from mtcnn_rt.training.distillation.versions import (
    Version,
    draw_scale,
    make_version,
    mirror,
    resize,
    turn,
)
from mtcnn_rt.training.recipe_settings import VersionSettings

ALL_ON = VersionSettings((20, 110), (15, 40), 1.0, 1.0, 28.0, 1.0, 1.0)


@pytest.fixture
def rng():
    return np.random.default_rng(1)


@pytest.fixture
def photograph(rng):
    image, faces = draw_image(rng)
    boxes = np.array([[x, y, x + side, y + side] for x, y, side in faces], np.float32)
    landmarks = np.array([[[x + side * u, y + side * v] for u, v in FACE] for x, y, side in faces])
    return Version(image, boxes, landmarks.astype(np.float32), np.zeros(2, bool))


def test_settings_that_are_off_change_nothing(photograph, rng):
    version = make_version(photograph, 0, VersionSettings(), 1.5, rng)
    assert version.pixels is photograph.pixels
    assert version.boxes is photograph.boxes


def test_the_median_face_gets_a_drawn_size(photograph, rng):
    settings = VersionSettings(sizes=(20, 30), small_sizes=(14, 16), shortest_side=12)
    heights = photograph.boxes[:, 3] - photograph.boxes[:, 1]
    for number, (low, high) in ((0, (20, 30)), (1, (14, 16))):
        for _ in range(20):
            scale = draw_scale(photograph, number, settings, 1.5, rng)
            assert low <= np.median(heights) * scale <= high


def test_the_scale_keeps_to_its_limits(photograph, rng):
    huge = VersionSettings(sizes=(500, 500))
    assert draw_scale(photograph, 0, huge, 1.5, rng) == 1.5
    tiny = VersionSettings(sizes=(1, 1), shortest_side=64)
    assert draw_scale(photograph, 0, tiny, 1.5, rng) == pytest.approx(64 / 96)
    assert draw_scale(photograph, 0, VersionSettings(longest_side=64), 1.5, rng) == 0.5


@pytest.mark.parametrize("settings", [VersionSettings(), ALL_ON])
@pytest.mark.parametrize("shape", [(1, 4000), (4000, 1)])
def test_a_version_of_a_thin_image_keeps_a_pixel_of_each_side(settings, shape):
    boxes, landmarks = np.zeros((0, 4), np.float32), np.zeros((0, 5, 2), np.float32)
    thin = Version(np.zeros((*shape, 3), np.uint8), boxes, landmarks, np.zeros(0, bool))
    for number in range(20):
        version = make_version(thin, number, settings, 1.5, np.random.default_rng(number))
        assert sorted(version.pixels.shape[:2]) == [1, 1100]


@pytest.mark.parametrize("change", [mirror, lambda v: turn(v, 20.0), lambda v: resize(v, 1.5)])
def test_landmarks_stay_on_the_eyes(photograph, change):
    version = change(photograph)
    height, width = version.pixels.shape[:2]
    seen = 0
    for landmarks, box in zip(version.landmarks, version.boxes, strict=True):
        for x, y in landmarks[:2]:
            if 0 <= x < width and 0 <= y < height:
                assert version.pixels[int(y), int(x)].max() < 80
                seen += 1
        # The box has the face's center still, and left eyes are to the left.
        center = (box[:2] + box[2:]) / 2
        assert np.linalg.norm(landmarks.mean(axis=0) - center) < 0.15 * (box[2] - box[0])
        assert landmarks[0, 0] < landmarks[1, 0]
    assert seen >= 2


def test_mirroring_twice_gives_the_same(photograph):
    twice = mirror(mirror(photograph))
    assert np.array_equal(twice.pixels, photograph.pixels)
    np.testing.assert_allclose(twice.boxes, photograph.boxes)
    np.testing.assert_allclose(twice.landmarks, photograph.landmarks)


def test_turning_moves_pixels_as_it_moves_points():
    image = np.zeros((61, 81, 3), np.uint8)
    image[10:13, 20:23] = 255
    boxes = np.array([[20, 10, 23, 13]], np.float32)
    landmarks = np.full((1, 5, 2), np.nan, np.float32)
    turned = turn(Version(image, boxes, landmarks, np.zeros(1, bool)), 15.0)
    ys, xs = np.nonzero(turned.pixels[..., 0] > 60)
    weights = turned.pixels[ys, xs, 0].astype(float)
    center = np.average(xs + 0.5, weights=weights), np.average(ys + 0.5, weights=weights)
    np.testing.assert_allclose(center, (turned.boxes[0, :2] + turned.boxes[0, 2:]) / 2, atol=0.2)
    assert np.isnan(turned.landmarks).all()


def test_only_faces_are_covered(photograph):
    changed = np.zeros(photograph.pixels.shape[:2], bool)
    for seed in range(60):
        image = cover_faces(photograph.pixels, photograph.boxes, np.random.default_rng(seed))
        changed |= (image != photograph.pixels).any(axis=2)
    allowed = np.zeros_like(changed)
    for x1, y1, x2, y2 in photograph.boxes:
        side = x2 - x1
        low, high = np.array([x1, y1]) - 0.2 * side, np.array([x2, y2]) + 0.3 * side
        (left, top), (right, bottom) = np.maximum(low, 0).astype(int), high.astype(int)
        allowed[top:bottom, left:right] = True
    assert changed.sum() > 0.4 * allowed.sum()
    assert not (changed & ~allowed).any()


def test_half_of_the_faces_are_covered(photograph):
    [box] = photograph.boxes[:1]
    x1, y1, x2, y2 = box.astype(int)
    covered = 0
    for seed in range(200):
        image = cover_faces(photograph.pixels, box[np.newaxis], np.random.default_rng(seed))
        covered += not np.array_equal(image[y1:y2, x1:x2], photograph.pixels[y1:y2, x1:x2])
    assert 70 < covered < 130


def test_degradations_keep_size_and_type(photograph):
    changed = 0
    for seed in range(40):
        image = degrade(photograph.pixels, np.random.default_rng(seed))
        assert (image.shape, image.dtype) == (photograph.pixels.shape, np.uint8)
        difference = np.abs(image.astype(int) - photograph.pixels).mean()
        assert difference < 60
        changed += difference > 0
    assert 30 < changed < 40


def test_coarse_and_compressed_images_lose_detail(photograph):
    def detail(image):
        return cv2.Laplacian(image, cv2.CV_64F).var()

    assert detail(coarsen(photograph.pixels, 0.5)) < 0.5 * detail(photograph.pixels)
    errors = [
        np.abs(compress(photograph.pixels, quality).astype(int) - photograph.pixels).mean()
        for quality in (25, 95)
    ]
    assert errors[0] > 1.5 * errors[1] > 0


def test_the_same_random_numbers_give_the_same_version(photograph):
    one, other = (
        make_version(photograph, 1, ALL_ON, 1.5, np.random.default_rng(3)) for _ in range(2)
    )
    assert np.array_equal(one.pixels, other.pixels)
    assert np.array_equal(one.boxes, other.boxes)
