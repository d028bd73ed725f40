"""Strength of the blur, size of blocks, and an image in place of black."""

import numpy as np
import pytest

from mtcnn_rt.drawing import anonymize, cover, covering

BOX = (40, 30, 100, 90)
SMILEY = np.zeros((8, 8, 4), np.uint8)
SMILEY[2:6, 2:6] = (0, 200, 255, 255)
SMILEY[0, :, 3] = 128


@pytest.fixture(params=["opencv", "numpy"], autouse=True)
def with_and_without_opencv(request, monkeypatch):
    if request.param == "numpy":
        monkeypatch.setattr(covering, "cv2", None)
        monkeypatch.setattr(cover, "cv2", None)


def noise(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (120, 160, 3), np.uint8)


def covered(image, *method, box=BOX, **options) -> np.ndarray:
    """Returns the covered area of the box, without margin."""
    copy = image.copy()
    anonymize(copy, [box], *method, margin=0, shape="box", **options)
    x1, y1, x2, y2 = (max(0, side) for side in box)
    return copy[y1:y2, x1:x2]


def test_a_stronger_blur_leaves_less():
    spread = [covered(noise(), "blur", strength=s).std(axis=(0, 1)).mean() for s in (1, 2, 3, 6)]
    assert spread[0] > 1.5 * spread[1] > 1.5 * spread[2] > spread[3]
    assert spread[3] == 0  # a single color


def test_the_default_strength_and_size_change_nothing():
    assert (covered(noise(), "blur", strength=1.0) == covered(noise(), "blur")).all()
    assert (covered(noise(), "pixelate", block_size=1) == covered(noise(), "pixelate")).all()


@pytest.mark.parametrize(
    ("size", "blocks"), [(10, 6), (12, 5), (20, 3), (30, 2), (60, 1), (999, 1)]
)
def test_blocks_have_the_size(size, blocks):
    area = covered(noise(), "pixelate", block_size=size)
    assert len(np.unique(area.reshape(-1, 3), axis=0)) == blocks**2
    assert len(np.unique(area[0], axis=0)) == blocks


@pytest.mark.parametrize("size", [1, 2, 5, 9.9])
def test_no_size_leaves_more_than_six_blocks(size):
    assert (covered(noise(), "pixelate", block_size=size) == covered(noise(), "pixelate")).all()


@pytest.mark.parametrize(
    ("box", "margin", "size", "blocks"),
    [
        ((40, 30, 76, 66), 0, 24, 1),  # 36 pixels have no place for two blocks of 24
        ((40, 30, 100, 90), 0.05, 1, 6),  # 66 pixels, of which the face has 60
        ((-45, 30, 15, 90), 0, 1, 1),  # 15 pixels are in the image
        ((-36, 30, 24, 90), 0.05, 1, 2),  # 27
    ],
)
def test_no_block_is_smaller_than_the_size_and_a_sixth_of_the_face(box, margin, size, blocks):
    image = noise()
    anonymize(image, [box], "pixelate", margin, "box", block_size=size)
    left, right = max(0, int(box[0] - margin * 60)), int(box[2] + margin * 60)
    assert len(np.unique(image[50, left:right], axis=0)) == blocks
    assert (right - left) / blocks >= max(size, (box[2] - box[0]) / 6)


@pytest.mark.parametrize("strength", [0.99, 0, -1, 6.1, float("nan"), float("inf")])
def test_a_strength_that_leaves_faces_recognizable_is_refused(strength):
    image = noise()
    with pytest.raises(ValueError, match=r"^strength: expected 1 to 6, .* recognizable"):
        anonymize(image, [BOX], "blur", strength=strength)
    assert (image == noise()).all()


@pytest.mark.parametrize("size", [0, 0.5, -3, float("nan"), float("inf")])
def test_a_size_of_no_block_is_refused(size):
    with pytest.raises(ValueError, match=r"^block_size: expected a number of pixels from 1 on"):
        anonymize(noise(), [BOX], "pixelate", block_size=size)


@pytest.mark.parametrize(
    ("method", "options", "name"),
    [
        ("pixelate", {"strength": 2}, "strength"),
        ("solid", {"strength": 2}, "strength"),
        ("blur", {"block_size": 20}, "block_size"),
        ("blur", {"cover": SMILEY}, "cover"),
        ("pixelate", {"cover": SMILEY}, "cover"),
    ],
)
def test_an_option_without_effect_is_refused(method, options, name):
    with pytest.raises(ValueError, match=f"^{name}: has no effect with '{method}', only"):
        anonymize(noise(), [BOX], method, **options)


@pytest.mark.parametrize(
    ("method", "options", "name"),
    [
        ("blur", {"strength": "2"}, "strength"),
        ("blur", {"strength": True}, "strength"),
        ("pixelate", {"block_size": None}, "block_size"),
        ("solid", {"cover": "smiley.png"}, "cover"),
    ],
)
def test_other_types_are_refused(method, options, name):
    with pytest.raises(TypeError, match=f"^{name}: expected"):
        anonymize(noise(), [BOX], method, **options)


def test_a_cover_without_pixels_is_refused():
    with pytest.raises(ValueError, match=r"^cover: "):
        anonymize(noise(), [BOX], "solid", cover=np.zeros((0, 5, 3), np.uint8))


@pytest.mark.parametrize("shape", ["ellipse", "box"])
@pytest.mark.parametrize("box", [BOX, (-20, 50, 40, 110), (100, -30, 190, 30), (0, 0, 160, 120)])
def test_no_face_shows_through_a_transparent_cover(shape, box):
    """Two images that differ in every pixel are equal where they are covered."""
    results = []
    for image in (np.zeros((120, 160, 3), np.uint8), np.full((120, 160, 3), 255, np.uint8)):
        anonymize(image, [box], "solid", margin=0.1, shape=shape, cover=SMILEY)
        results.append(image)
    y, x = np.mgrid[:120, :160] + 0.5
    x1, y1, x2, y2 = box
    inside = ((2 * x - x1 - x2) / (x2 - x1)) ** 2 + ((2 * y - y1 - y2) / (y2 - y1)) ** 2 <= 1
    if shape == "box":
        inside = (x > x1) & (x < x2) & (y > y1) & (y < y2)
    assert inside.sum() > 900
    assert (results[0][inside] == results[1][inside]).all()


def test_transparent_parts_of_a_cover_are_white():
    area = covered(noise(), "solid", cover=SMILEY)
    assert (area[-3:] == 255).all()
    assert (area[28:32, 28:32] == (0, 200, 255)).all()


def test_a_cover_fills_the_area_in_its_own_colors():
    half = np.zeros((50, 50, 3), np.uint8)
    half[:, :25], half[:, 25:] = (10, 20, 30), (200, 100, 50)
    area = covered(noise(), "solid", cover=half)
    assert (area[:, :28] == (10, 20, 30)).all()
    assert (area[:, 32:] == (200, 100, 50)).all()
    gray = covered(noise(), "solid", cover=np.full((3, 3), 77, np.uint8))
    assert (gray == 77).all()


def test_a_cover_is_cut_where_the_image_ends():
    half = np.zeros((50, 50, 3), np.uint8)
    half[:, 25:] = 200
    area = covered(noise(), "solid", box=(-30, 30, 30, 90), cover=half)
    assert area.shape == (60, 30, 3)
    assert (area[:, 3:] == 200).all()


def test_huge_boxes_and_tiny_covers_take_no_memory():
    image = noise()
    anonymize(image, [(-1e9, -1e9, 1e9, 1e9)], "solid", cover=np.full((1, 1, 3), 9, np.uint8))
    assert (image == 9).all()


@pytest.mark.parametrize("side", [1, 2, 7, 300])
def test_covers_of_any_size_fit_faces_of_any_size(side):
    plain = np.full((side, 2 * side, 3), 50, np.uint8)
    for box in [(3, 3, 4, 4), (3.2, 3.2, 9.7, 12.1), (10, 10, 150, 110)]:
        image = noise()
        anonymize(image, [box], "solid", shape="box", margin=0, cover=plain)
        x1, y1, x2, y2 = (round(edge) for edge in box)
        assert (image[y1:y2, x1:x2] == 50).all()


def test_stronger_covers_hide_faces_from_the_detector(detector, sample_frame):
    faces = detector.detect(sample_frame)
    for options in ({"method": "blur", "strength": 3}, {"method": "pixelate", "block_size": 40}):
        image = sample_frame.copy()
        anonymize(image, faces.boxes, **options)
        assert len(detector.detect(image)) == 0
