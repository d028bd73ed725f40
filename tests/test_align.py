"""Tests of align: the transform against an independent solution, and the content of the crops."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtcnn_rt import Faces, align

ROOM = np.array([(40, 30), (70, 32), (55, 48), (42, 62), (68, 64)], float)
"""Landmarks of a small face near a corner."""


def placed(scale: float, degrees: float, at: tuple[float, float]) -> np.ndarray:
    """Returns landmarks `scale` times as large as in a crop of 112, turned, centered at `at`."""
    shape = align.template(112, 0) - 56
    angle = math.radians(degrees)
    turn = np.array([(math.cos(angle), -math.sin(angle)), (math.sin(angle), math.cos(angle))])
    return scale * shape @ turn.T + at


def ramp(height: int, width: int) -> np.ndarray:
    """Returns an image whose first channel grows with x and its second with y, from 0 to 255."""
    y, x = np.mgrid[:height, :width] + 0.5
    image = np.stack([255 * x / width, 255 * y / height, np.full_like(x, 77)], -1)
    return np.rint(image).astype(np.uint8)


def noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def by_lstsq(points: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Solves the same problem as linear least squares: u = a x - b y + c, v = b x + a y + d."""
    x, y = points.T
    one, zero = np.ones(len(points)), np.zeros(len(points))
    system = np.concatenate([np.stack([x, -y, one, zero], 1), np.stack([y, x, zero, one], 1)])
    a, b, c, d = np.linalg.lstsq(system, targets.T.ravel(), rcond=None)[0]
    return np.array([(a, -b, c), (b, a, d)])


def unlike_a_face() -> np.ndarray:
    """Returns points whose best scale is 0: orthogonal to the template, as complex numbers."""
    face = (align.ARCFACE - align.ARCFACE.mean(0)) @ (1, 1j)
    points = face.conj() - face * np.vdot(face, face.conj()) / np.vdot(face, face)
    return 50 + np.stack([points.real, points.imag], -1)


@given(
    scale=st.floats(0.05, 40),
    degrees=st.floats(-180, 180),
    x=st.floats(-4000, 4000),
    y=st.floats(-4000, 4000),
)
def test_a_similarity_transform_is_recovered(scale, degrees, x, y):
    target = align.template(112, 0)
    matrix = align.similarity(placed(scale, degrees, (x, y))[None], target)[0]
    assert matrix @ np.append((x, y), 1) == pytest.approx([56, 56], abs=1e-6)
    assert math.hypot(*matrix[:, 0]) == pytest.approx(1 / scale, rel=1e-9)
    back = math.atan2(matrix[1, 0], matrix[0, 0]) + math.radians(degrees)
    assert math.cos(back) == pytest.approx(1, abs=1e-9)


@given(seed=st.integers(0, 10**6), spread=st.floats(0, 25))
def test_the_transform_is_that_of_linear_least_squares(seed, spread):
    rng = np.random.default_rng(seed)
    points = placed(rng.uniform(0.5, 5), rng.uniform(-180, 180), tuple(rng.uniform(0, 900, 2)))
    points += rng.normal(0, spread, (5, 2))
    target = align.template(112, 0.1)
    ours = align.similarity(points[None], target)[0]
    assert ours == pytest.approx(by_lstsq(points, target), rel=1e-6, abs=1e-6)


def test_the_transform_does_not_mirror():
    points = placed(2, 10, (300, 300)) * (-1, 1)
    matrix = align.similarity(points[None], align.template(112, 0))[0]
    assert np.linalg.det(matrix[:, :2]) > 0


def test_a_crop_of_112_equals_that_of_insightface():
    image, landmarks = noise(200, 200), placed(0.8, 20, (100, 90))
    matrix = by_lstsq(landmarks - 0.5, align.ARCFACE)  # pixel i at i, as in warpAffine
    expected = cv2.warpAffine(image, matrix, (112, 112), borderValue=0)
    assert np.abs(align.crop(image, landmarks).astype(int) - expected).max() <= 2


@pytest.mark.parametrize("size", [64, 112, 160, 224])
@pytest.mark.parametrize("margin", [0, 0.25, 1])
@pytest.mark.parametrize("scale", [0.3, 0.9, 1.1, 2.5, 6.3])
def test_every_pixel_of_a_crop_shows_its_place_in_the_image(size, margin, scale):
    image = ramp(900, 1200)
    landmarks = placed(scale, 33, (620, 430))
    crop = align.crop(image, landmarks, size, margin)
    to_image = align.similarity(align.template(size, margin)[None], landmarks)[0]
    y, x = np.mgrid[:size, :size] + 0.5
    seen = np.stack([x, y, np.ones_like(x)], -1) @ to_image.T
    inside = ((seen > 60) & (seen < (1140, 840))).all(-1)  # not even partly outside
    assert inside.mean() > 0.04
    error = crop[..., :2] - seen * 255 / (1200, 900)
    assert np.abs(error[inside]).max() < 1.2
    assert (crop[inside][:, 2] == 77).all()


@pytest.mark.parametrize("cell", [1, 2])
@pytest.mark.parametrize("scale", [1.6, 2.2, 3.3, 5.1, 7.7])
@pytest.mark.parametrize("degrees", [0, 17, 45])
def test_a_fine_checkerboard_turns_gray(cell, scale, degrees):
    y, x = np.mgrid[:2600, :2600] // cell
    board = np.repeat((255 * ((x + y) % 2)).astype(np.uint8)[:, :, None], 3, axis=2)
    landmarks = placed(cell * scale, degrees, (1310, 1290))
    crop = align.crop(board, landmarks)
    bilinear = cv2.warpAffine(board, by_lstsq(landmarks - 0.5, align.ARCFACE), (112, 112))
    assert crop.mean() == pytest.approx(127.5, abs=2)
    assert crop.std() < 15
    assert bilinear.std() > 30  # aliasing


def test_a_margin_shows_more_around_the_same_crop():
    image = cv2.GaussianBlur(noise(600, 600), (0, 0), 6)
    landmarks = placed(1.5, -12, (300, 310))
    wide = align.crop(image, landmarks, 224, margin=0.5)
    assert np.abs(wide[56:168, 56:168].astype(int) - align.crop(image, landmarks)).max() <= 2


def test_a_crop_is_black_beyond_the_image():
    image = np.full((100, 100, 3), 200, np.uint8)
    crop = align.crop(image, placed(1, 0, (0, 50)))
    assert (crop[10:102, :54] == 0).all()
    assert (crop[10:102, 58:] == 200).all()


@pytest.mark.parametrize("scale", [0.5, 1, 8, 1e5])
@pytest.mark.parametrize("at", [(1e6, 50), (-1e6, -1e6), (50, 3e30)])
def test_a_face_far_away_is_black(scale, at):
    image = np.full((100, 100, 3), 200, np.uint8)
    assert align.crop(image, placed(scale, 5, at)).mean() < 1


def test_the_channel_order_is_kept():
    image, landmarks = noise(200, 200), placed(1.4, 8, (100, 100))
    swapped = align.crop(image[..., ::-1], landmarks)
    assert (swapped == align.crop(image, landmarks)[..., ::-1]).all()


def test_crops_equal_those_of_single_faces():
    image = noise(300, 400)
    faces = np.stack([placed(1, 0, (200, 150)), placed(2.6, 50, (100, 120)), ROOM])
    many = align.crops(image, faces.astype(np.float32), 96)
    assert many.shape == (3, 96, 96, 3)
    assert many.dtype == np.uint8
    for one, face in zip(many, faces.astype(np.float32), strict=True):
        assert (one == align.crop(image, face, 96)).all()
    assert align.crops(image, np.zeros((0, 5, 2))).shape == (0, 112, 112, 3)


def test_the_image_is_not_changed():
    image = noise(120, 120)
    before = image.copy()
    align.crop(image, ROOM)
    assert (image == before).all()


def test_found_faces_lie_at_the_template(detector, sample_frame):
    """Detects the faces in their crops again.

    Single landmarks of these faces, which smile or turn aside, are up to 6 pixels from those of the
    average face under any similarity transform.
    """
    faces = detector.detect(sample_frame)
    target = align.template(224, 0.5)
    to_crop = align.similarity(faces.landmarks.astype(float), target)
    assert len(faces) == 4
    for face, matrix in zip(faces, to_crop, strict=True):
        crop = align.crop(sample_frame, face.landmarks[0], 224, 0.5)
        (found,) = detector.detect(crop).landmarks
        moved = face.landmarks[0] @ matrix[:, :2].T + matrix[:, 2]
        assert np.abs(found - moved).mean() < 1.2
        assert np.abs((found - target).mean(axis=0)).max() < 1.5
        assert np.abs(found - target).max() < 8


def test_a_face_from_the_front_lies_at_the_template(detector, media):
    photo = cv2.imread(str(media / "paul_rudd.jpg"))
    crop = align.crop(photo, detector.detect(photo).landmarks[0])  # 14 times smaller
    (found,) = detector.detect(crop).landmarks
    error = np.abs(found - align.template(112, 0))
    assert error[:2].max() < 1.5
    assert error.mean() < 1.5


@pytest.mark.parametrize(
    ("landmarks", "message"),
    [
        (np.full((5, 2), 7.0), r"all lie at one point, \[7\.0, 7\.0\]"),
        (np.full((5, 2), np.nan), "finite"),
        (np.where(np.arange(10).reshape(5, 2) == 3, np.inf, ROOM), "finite"),
        (np.zeros((4, 2)), r"expected \(5, 2\), not \(4, 2\)"),
        (np.zeros((1, 5, 2)), r"expected \(5, 2\), not \(1, 5, 2\)"),
        (unlike_a_face(), "not at all like those of a face"),
    ],
)
def test_landmarks_unlike_a_face_are_refused(landmarks, message):
    with pytest.raises(ValueError, match=message):
        align.crop(noise(100, 100), landmarks)


def test_landmarks_of_one_face_are_refused_by_crops():
    with pytest.raises(ValueError, match=r"expected \(N, 5, 2\), not \(5, 2\)"):
        align.crops(noise(100, 100), ROOM)


@pytest.mark.parametrize("size", [0, -1, 5000, 112.0, "112"])
def test_a_wrong_size_is_named(size):
    with pytest.raises(ValueError, match=f"size: .* not {size!r}"):
        align.crop(noise(100, 100), ROOM, size)


@pytest.mark.parametrize("margin", [-0.1, 5, math.nan])
def test_a_wrong_margin_is_named(margin):
    with pytest.raises(ValueError, match=f"margin: .* not {margin!r}"):
        align.crop(noise(100, 100), ROOM, margin=margin)


@pytest.mark.parametrize(
    ("image", "error"), [(np.zeros((9, 9)), ValueError), ("face.jpg", TypeError)]
)
def test_another_image_is_refused(image, error):
    with pytest.raises(error, match="image: expected"):
        align.crop(image, ROOM)


@pytest.mark.parametrize("far", [1.1e100, 1e300])
def test_landmarks_whose_squares_overflow_are_refused(far):
    points = align.template(112, 0) * np.array([far, 1])
    with pytest.raises(ValueError, match=r"landmarks: expected pixels of the image, up to 1e\+100"):
        align.crop(np.zeros((20, 30, 3), np.uint8), points)


def test_crops_take_the_faces_themselves():
    image = np.random.default_rng(3).integers(0, 256, (90, 120, 3), np.uint8)
    points = np.array([[(30, 40), (50, 40), (40, 50), (32, 60), (48, 60)]], np.float32)
    faces = Faces(np.array([(20, 20, 60, 70)], np.float32), np.ones(1, np.float32), points)
    np.testing.assert_array_equal(align.crops(image, faces), align.crops(image, points))


def test_one_face_is_cut_out_by_crop():
    image = np.random.default_rng(3).integers(0, 256, (90, 120, 3), np.uint8)
    points = np.array([[(30, 40), (50, 40), (40, 50), (32, 60), (48, 60)]], np.float32)
    face = Faces(np.array([(20, 20, 60, 70)], np.float32), np.ones(1, np.float32), points)
    np.testing.assert_array_equal(align.crop(image, face), align.crop(image, points[0]))
    for count in (0, 2):
        message = f"^landmarks: expected one face, not {count}, which `crops` takes$"
        with pytest.raises(ValueError, match=message):
            align.crop(image, face[[0] * count])


def test_no_landmarks_are_no_crops():
    image = np.zeros((20, 30, 3), np.uint8)
    for none in ([], Faces.empty(), Faces.empty().landmarks.tolist()):
        assert align.crops(image, none).shape == (0, 112, 112, 3)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"landmarks": "eyes"},
            ValueError,
            r"landmarks: expected an array of numbers \(N, 5, 2\), n",
        ),
        (
            {"landmarks": [{}]},
            TypeError,
            r"landmarks: expected an array of numbers .*, not list \(",
        ),
        ({"landmarks": [[0], [1, 2]]}, ValueError, "landmarks: expected an array of numbers"),
        ({"margin": "0.1"}, TypeError, "margin: expected a number, not '0.1'$"),
        ({"margin": None}, TypeError, "margin: expected a number, not None$"),
    ],
)
def test_arguments_of_another_type_are_named(options, error, message):
    with pytest.raises(error, match=f"^{message}"):
        align.crops(**{"image": np.zeros((20, 30, 3), np.uint8), "landmarks": [ROOM], **options})
