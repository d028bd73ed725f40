"""Tests of anonymize: the covered pixels, how strongly they are covered, and the others."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtcnn_rt.drawing.covering import BLOCKS, METHODS, SHAPES, anonymize

every_cover = pytest.mark.parametrize(
    ("method", "shape"), [(method, shape) for method in METHODS for shape in SHAPES]
)


def covered(image: np.ndarray, boxes: object, *cover: object, **more: object) -> np.ndarray:
    copy = image.copy()
    assert anonymize(copy, boxes, *cover, **more) is None
    return copy


def ellipse(box: tuple[float, float, float, float], height: int, width: int) -> np.ndarray:
    """Returns a mask of the ellipse inscribed in the box."""
    x1, y1, x2, y2 = box
    y, x = np.mgrid[:height, :width] + 0.5
    across, down = (2 * x - x1 - x2) / (x2 - x1), (2 * y - y1 - y2) / (y2 - y1)
    return across**2 + down**2 <= 1


def speckles(height: int, width: int) -> np.ndarray:
    """Returns a gray image with 100 more or less on every pixel."""
    signs = np.random.default_rng(3).integers(0, 2, (height, width, 1)) * 2 - 1
    return np.repeat(128 + 100 * signs, 3, axis=2).astype(np.uint8)


@every_cover
def test_no_face_is_found_again(detector, sample_frame, method, shape):
    faces = detector.detect(sample_frame)
    assert len(faces) == 4
    again = detector.detect(covered(sample_frame, faces.boxes, method, shape=shape))
    assert len(again) == 0


@every_cover
@pytest.mark.parametrize("name", ["ivan.jpg", "multiface.jpg", "paul_rudd.jpg", "test1.jpg"])
def test_no_face_of_a_photo_is_found_again(detector, media, name, method, shape):
    photo = cv2.imread(str(media / name))
    faces = detector.detect(photo)
    again = detector.detect(covered(photo, faces.boxes, method, shape=shape))
    of_its_size = again.boxes[[] if not len(again) else _overlaps(again.boxes, faces.boxes) > 0.4]
    assert len(of_its_size) == 0  # a head of hair around a blur may pass for a larger face


def _overlaps(found: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Returns the largest IoU of each box (N, 4) with one of (M, 4)."""
    low = np.maximum(found[:, None, :2], boxes[:, :2])
    high = np.minimum(found[:, None, 2:], boxes[:, 2:])
    common = np.clip(high - low, 0, None).prod(-1)
    areas = [(b[:, 2:] - b[:, :2]).prod(-1) for b in (found, boxes)]
    return (common / (areas[0][:, None] + areas[1] - common)).max(-1)


@every_cover
@pytest.mark.parametrize("margin", [0, 0.2, 1])
@pytest.mark.parametrize("side", [60, 150, 600])
def test_no_detail_of_a_face_stays_visible(method, shape, margin, side):
    height, width = 2 * side, 2 * side
    box = (0.5 * side + 0.3, 0.4 * side, 1.2 * side, 1.4 * side + 0.6)
    image = covered(speckles(height, width), [box], method, margin, shape)
    inside = image[ellipse(box, height, width)].astype(int)
    if method == "solid":
        assert (inside == 0).all()
    else:  # means over at least 100 of the speckles
        assert np.abs(inside - 128).max() < 45
        assert inside.std() < 12


@pytest.mark.parametrize("method", ["blur", "pixelate"])
@pytest.mark.parametrize("side", [16, 40, 100, 400])
def test_few_details_are_left_of_a_face_of_any_size(sample_frame, detector, method, side):
    box = detector.detect(sample_frame).boxes[0]
    scale = side / (box[3] - box[1])
    image = cv2.resize(sample_frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    box = scale * box
    result = covered(image, [box], method, shape="box")
    x1, y1, x2, y2 = np.rint(box).astype(int)
    face, left = image[y1:y2, x1:x2], result[y1:y2, x1:x2]
    assert np.abs(face.astype(int) - left).mean() > 6
    if method == "pixelate":
        columns = math.ceil(BLOCKS * (x2 - x1) / (y2 - y1)) + 1
        assert len(np.unique(left.reshape(-1, 3), axis=0)) <= (BLOCKS + 1) * columns
    else:
        step = max(1, side // BLOCKS // 2)  # within half a block there is no detail
        change = np.abs(np.diff(left[::step].astype(int), axis=0)).max()
        assert change < 0.5 * np.abs(np.diff(face[::step].astype(int), axis=0)).max()


@given(
    x=st.floats(-150, 250),
    y=st.floats(-150, 250),
    width=st.floats(0, 200),
    height=st.floats(0, 200),
    margin=st.floats(0, 1),
    method=st.sampled_from(METHODS),
    shape=st.sampled_from(SHAPES),
)
def test_pixels_outside_the_margin_stay(x, y, width, height, margin, method, shape):
    image = speckles(90, 120)
    result = covered(image, [(x, y, x + width, y + height)], method, margin, shape)
    rows, columns = np.mgrid[:90, :120]
    beside = (columns + 1 < x - margin * width) | (columns > x + (1 + margin) * width)
    above = (rows + 1 < y - margin * height) | (rows > y + (1 + margin) * height)
    assert (result == image)[beside | above].all()


@given(
    x=st.floats(-80, 100), y=st.floats(-80, 70), width=st.floats(4, 150), height=st.floats(4, 150)
)
def test_pixels_inside_the_ellipse_are_covered(x, y, width, height):
    box = (x, y, x + width, y + height)
    for shape in SHAPES:
        for margin in 0, 0.2:
            result = covered(np.full((90, 120, 3), 200, np.uint8), [box], "solid", margin, shape)
            assert (result[ellipse(box, 90, 120)] == 0).all()


def test_the_ellipse_leaves_the_corners_uncovered():
    image = np.full((300, 300, 3), 200, np.uint8)
    result = covered(image, [(100, 100, 200, 200)], "solid", 0.25)
    assert (result[75:90, 75:90] == 200).all()
    assert (result[76, 150] == 0).all()
    box = covered(image, [(100, 100, 200, 200)], "solid", 0.25, "box")
    assert (box[75:225, 75:225] == 0).all()
    assert (box == 0).all(-1).sum() == 150**2


def test_the_edge_of_a_blur_is_soft():
    image = np.zeros((400, 400, 3), np.uint8)
    image[:, 200:] = 200
    result = covered(image, [(140, 100, 260, 300)], "blur", 0.3)
    assert np.abs(np.diff(result[:, 190, 0].astype(int))).max() < 25
    hard = covered(image, [(140, 100, 260, 300)], "blur", 0.3, "box")
    assert np.abs(np.diff(hard[:, 190, 0].astype(int))).max() > 60


@pytest.mark.parametrize(
    ("box", "corners"),
    [
        ((0, 20, 40, 80), [(22, 0), (77, 0)]),
        ((80, 20, 120, 80), [(22, 119), (77, 119)]),
        ((30, 0, 80, 50), [(0, 32), (0, 77)]),
        ((30, 40, 80, 90), [(89, 32), (89, 77)]),
        ((0.4, 0.4, 40, 40), [(0, 0), (0, 38), (38, 0)]),
    ],
)
def test_the_ellipse_extends_to_the_edge_where_the_image_cuts_a_face(box, corners):
    result = covered(np.full((90, 120, 3), 200, np.uint8), [box], "solid", 0)
    for row, column in corners:
        assert (result[row, column] == 0).all()


def test_several_boxes_and_none():
    image = speckles(100, 200)
    boxes = np.array([(10, 10, 60, 60), (120, 20, 180, 90)], np.float32)
    one_by_one = covered(covered(image, boxes[:1]), boxes[1:])
    assert (covered(image, boxes) == one_by_one).all()
    for nothing in ([], np.zeros((0, 4), np.float32), [(300, 300, 400, 400)], [(-9, -9, -5, -5)]):
        assert (covered(image, nothing) == image).all()


def test_a_box_inside_out_is_covered_too():
    image = speckles(100, 100)
    inside_out = covered(image, [(70, 80, 20, 30)])
    assert (inside_out == covered(image, [(20, 30, 70, 80)])).all()


@every_cover
def test_views_of_other_arrays_are_covered(method, shape):
    image = speckles(120, 120)
    plain = covered(image, [(20, 20, 80, 90)], method, shape=shape)
    mirrored = np.ascontiguousarray(image[:, ::-1, ::-1])
    anonymize(mirrored[:, ::-1, ::-1], [(20, 20, 80, 90)], method, shape=shape)
    assert (mirrored[:, ::-1, ::-1] == plain).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (50, 1), (3, 2)])
@every_cover
def test_the_smallest_images_are_covered(size, method, shape):
    image = np.full((*size, 3), 200, np.uint8)
    result = covered(image, [(-1e30, -1e300, 1e30, 1e300), (0, 0, 0.5, 0.5)], method, shape=shape)
    assert result.max() == (0 if method == "solid" else 200)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"boxes": (1, 2, 3, 4)}, r"boxes: expected \(N, 4\), not \(4,\)"),
        ({"boxes": np.zeros((2, 5))}, r"boxes: expected \(N, 4\), not \(2, 5\)"),
        ({"boxes": [(0, 0, math.nan, 9)]}, r"boxes: expected finite numbers, not .*nan"),
        ({"boxes": [(0, 0, math.inf, 9)]}, r"boxes: expected finite numbers, not .*inf"),
        ({"method": "mosaic"}, "method: expected one of blur, pixelate, solid, not 'mosaic'"),
        ({"shape": "circle"}, "shape: expected one of ellipse, box, not 'circle'"),
        ({"margin": -0.1}, r"margin: .* not -0\.1"),
        ({"margin": math.nan}, "margin: .* not nan"),
        ({"image": np.zeros((9, 9), np.uint8)}, r"image: expected uint8 \(H, W, 3\)"),
    ],
)
def test_wrong_arguments_are_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        anonymize(**{"image": speckles(20, 20), "boxes": [(1, 1, 9, 9)], **wrong})


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"boxes": {}}, TypeError, r"boxes: expected an array of numbers \(N, 4\), not dict \("),
        ({"boxes": "all"}, ValueError, r"boxes: expected an array of numbers \(N, 4\), not str \("),
        ({"boxes": [[1], [1, 2]]}, ValueError, r"boxes: expected an array of .*, not list \("),
        ({"margin": "0.1"}, TypeError, "margin: expected a number, not '0.1'$"),
        ({"margin": None}, TypeError, "margin: expected a number, not None$"),
    ],
)
def test_arguments_of_another_type_are_named(wrong, error, message):
    image = speckles(20, 20)
    before = image.copy()
    with pytest.raises(error, match=f"^{message}"):
        anonymize(**{"image": image, "boxes": [(1, 1, 9, 9)], **wrong})
    assert np.array_equal(image, before)


def test_an_image_that_is_no_array_is_refused():
    with pytest.raises(TypeError, match="expected a NumPy array, not str"):
        anonymize("photo.jpg", [])
