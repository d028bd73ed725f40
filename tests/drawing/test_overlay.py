"""Tests of draw: the places and sizes of what it draws, on small and large images."""

import numpy as np
import pytest

from mtcnn_rt.drawing import anonymize
from mtcnn_rt.drawing.overlay import ACCENT, STYLES, color_of, draw, draw_status
from mtcnn_rt.drawing.shapes import INK, PAPER, POINT
from mtcnn_rt.faces import Faces


def faces_at(*boxes: tuple[float, float, float, float]) -> Faces:
    shares = np.array([(0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)])
    corners = np.array(boxes, np.float32).reshape(-1, 4)
    landmarks = corners[:, None, :2] + shares * (corners[:, None, 2:] - corners[:, None, :2])
    scores = np.full(len(corners), 0.987, np.float32)
    return Faces(corners, scores, landmarks.astype(np.float32))


def gray(height: int, width: int) -> np.ndarray:
    return np.full((height, width, 3), 128, np.uint8)


def is_color(image: np.ndarray, color: tuple[int, int, int]) -> np.ndarray:
    return (image == color).all(axis=-1)


def test_no_face_draws_nothing():
    image = gray(40, 60)
    draw(image, Faces.empty())
    assert (image == 128).all()


def test_the_box_lies_on_the_outermost_pixels_of_the_face():
    image = gray(200, 300)
    draw(image, faces_at((50, 60, 150, 180)), scores=False, landmarks=False)
    rows, columns = np.nonzero(is_color(image, ACCENT))
    assert (columns.min(), rows.min(), columns.max(), rows.max()) == (50, 60, 149, 179)
    assert len(rows) == 2 * (100 + 120) - 4  # one pixel wide at this size


@pytest.mark.parametrize(("height", "thickness"), [(180, 1), (720, 2), (1080, 3), (4320, 12)])
def test_lines_grow_with_the_image(height, thickness):
    image = gray(height, height)
    box = (0.2 * height, 0.2 * height, 0.8 * height, 0.8 * height)
    draw(image, faces_at(box), scores=False, landmarks=False)
    row = is_color(image, ACCENT)[height // 2]
    assert row[: height // 2].sum() == thickness


def test_lines_are_thinner_on_a_small_face_of_a_large_image():
    image = gray(4320, 4320)
    draw(image, faces_at((2000, 2000, 2040, 2040)), scores=False, landmarks=False)
    assert is_color(image, ACCENT)[2020, :2020].sum() == 2


def test_the_landmarks_are_dots_at_their_places():
    image = gray(400, 400)
    faces = faces_at((100, 100, 300, 300))
    draw(image, faces, scores=False)
    for x, y in faces.landmarks[0]:
        assert tuple(image[int(y), int(x)]) == POINT


def test_scores_and_landmarks_can_be_left_out():
    image = gray(400, 400)
    draw(image, faces_at((100, 100, 300, 300)), scores=False, landmarks=False)
    assert not is_color(image, POINT).any()
    assert (image[:99] == 128).all()  # where the label would be


@pytest.mark.parametrize("size", [(180, 320), (2160, 3840)])
@pytest.mark.parametrize("corner", ["top left", "top right", "bottom left", "bottom right"])
def test_the_label_stays_within_the_image(size, corner):
    height, width = size
    side = height // 8
    x = 0 if "left" in corner else width - side
    y = 0 if "top" in corner else height - side
    assert ink(size, (x, y), side) == ink(size, (width // 2, height // 2), side) > 0


def ink(size: tuple[int, int], corner: tuple[int, int], side: int) -> int:
    """Counts the pixels of letters: neither the background nor the accent."""
    image = gray(*size)
    x, y = corner
    draw(image, faces_at((x, y, x + side, y + side)), landmarks=False)
    return int((~is_color(image, (128, 128, 128)) & ~is_color(image, ACCENT)).sum())


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("box", [(50, 60, 150, 180), (0, 0, 300, 200), (7, 5, 19, 20)])
def test_every_style_ends_at_the_box(style, box):
    image = gray(200, 300)
    draw(image, faces_at(box), scores=False, landmarks=False, style=style)
    rows, columns = np.nonzero(is_color(image, ACCENT))
    assert (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) == box


def test_corners_leave_the_sides_open():
    image = gray(720, 720)
    draw(image, faces_at((100, 100, 500, 500)), scores=False, landmarks=False, style="corners")
    painted = is_color(image, ACCENT)
    assert painted[100:103, 100:200].all()
    assert painted[400:500, 497:500].all()
    assert not painted[300].any()
    assert not painted[:, 300].any()


def test_rounded_corners_are_round():
    image = gray(720, 720)
    draw(image, faces_at((100, 100, 500, 500)), scores=False, landmarks=False, style="rounded")
    changed = (image != 128).any(-1)
    assert changed[300].sum() == changed[:, 300].sum() == 4  # two pixels a side, as "box"
    y, x = np.mgrid[100:150, 100:150] + 0.5
    distances = np.hypot(x - 150, y - 150)  # of the upper left corner, radius 50
    corner = changed[100:150, 100:150]
    assert not corner[(distances > 51) | (distances < 47)].any()
    assert corner[(distances > 48.3) & (distances < 49.7)].all()
    framed = changed[100:500, 100:500]
    assert (framed == framed[::-1]).all()
    assert (framed == framed[:, ::-1]).all()


@pytest.mark.parametrize("style", STYLES)
def test_boxes_partly_or_wholly_outside_do_not_wrap_around(style):
    boxes = [(-50, -40, 30, 30), (280, 180, 400, 300), (-90, 20, -10, 80), (500, 20, 600, 90)]
    image = gray(200, 300)
    draw(image, faces_at(*boxes), scores=False, landmarks=False, style=style)
    changed = (image != 128).any(-1)
    changed[:30, :30] = changed[180:, 280:] = False
    assert not changed.any()


@pytest.mark.parametrize("height", [180, 720, 2160])
def test_ids_are_in_the_labels(height):
    """Labels of different ids differ at every size, and are dark on the color of the id."""
    labels = []
    for number in 3, 8:
        image = gray(height, height * 16 // 9)
        side = height / 3
        face = faces_at((side, side, 2 * side, 2 * side))
        draw(image, face, [number], landmarks=False)
        color = color_of(number)
        assert is_color(image, color)[round(1.5 * side), round(side)]
        rows, columns = np.nonzero(is_color(image[: round(side)], color))
        label = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        assert label.shape[0] >= max(11, height / 45)
        labels.append(np.abs(label.astype(int) - color).sum(-1) > 150)
        assert labels[-1].mean() > 0.1
    assert labels[0].shape[0] == labels[1].shape[0]
    width = min(label.shape[1] for label in labels)
    assert (labels[0][:, :width] != labels[1][:, :width]).any()


def test_without_scores_the_id_stays():
    images = [gray(400, 400) for _ in range(3)]
    face = faces_at((100, 100, 300, 300))
    draw(images[0], face, [4], scores=False, landmarks=False)
    draw(images[1], face, np.array([4]), scores=True, landmarks=False)
    widths = [is_color(image, color_of(4))[80:98].any(0).sum() for image in images]
    assert 0 < widths[0] < widths[1]
    assert widths[2] == 0


def test_colors_of_ids_differ_and_are_light_enough_for_the_letters():
    colors = np.array([color_of(number) for number in range(1, 400)], float)
    assert (colors == [color_of(number) for number in range(1, 400)]).all()
    for distance in range(1, 5):  # every two of five ids in a row
        assert np.abs(colors[distance:] - colors[:-distance]).max(-1).min() > 50
    assert _contrast(colors, np.array([INK], float)).min() > 4.5  # WCAG 2.1, level AA


def _contrast(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Returns the contrast ratio of BGR colors (N, 3), as defined by the WCAG."""
    luminances = []
    for colors in one, other:
        share = colors / 255
        linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
        luminances.append(linear @ (0.0722, 0.7152, 0.2126) + 0.05)
    return luminances[0] / luminances[1]


@pytest.mark.parametrize("size", [(180, 320), (720, 1280), (2160, 3840)])
def test_the_status_is_a_readable_panel_in_the_corner(size):
    image = np.full((*size, 3), 255, np.uint8)
    draw_status(image, ["29.8 fps", "detector 12.3 ms"])
    changed = (image != 255).any(-1)
    rows, columns = np.nonzero(changed)
    assert changed[: rows.max() + 1, : columns.max() + 1].all()
    assert 0.05 * size[0] < rows.max() < 0.3 * size[0]
    assert columns.max() < 0.5 * size[1]
    panel = image[: rows.max() + 1, : columns.max() + 1]
    assert panel.min() == 63  # white behind the panel
    assert (panel > 0.7 * min(PAPER)).all(-1).mean() > 0.03  # letters


def test_an_empty_status_and_a_long_one():
    image = np.full((60, 80, 3), 255, np.uint8)  # brighter than panel and letters
    draw_status(image, [])
    assert (image == 255).all()
    draw_status(image, ["longer than the image is wide"] * 9)
    assert (image[:, :, 0] != 255).all()


@pytest.mark.parametrize("ids", [["Anna"], [1.0], [None]])
def test_ids_that_are_no_integers_are_named(ids):
    image = gray(200, 300)
    with pytest.raises(TypeError) as raised:
        draw(image, faces_at((50, 60, 150, 180)), ids)
    assert str(raised.value) == f"ids: expected integers, not {ids!r}"
    assert (image == 128).all()


def test_a_wrong_number_of_ids_is_refused():
    with pytest.raises(ValueError, match="ids: expected one a face, 1, not 2"):
        draw(gray(50, 50), faces_at((5, 5, 40, 40)), [1, 2])


def test_an_unknown_style_is_named():
    with pytest.raises(ValueError, match="style: expected one of box, corners, rounded, not 'x'"):
        draw(gray(50, 50), Faces.empty(), style="x")


@pytest.mark.parametrize("image", [np.zeros((8, 8), np.uint8), np.zeros((8, 8, 3), np.float32)])
def test_an_array_of_another_type_or_shape_is_refused(image):
    with pytest.raises(ValueError, match=r"expected uint8 \(H, W, 3\)"):
        draw(image, Faces.empty())


@pytest.mark.parametrize("change", [draw, lambda image, faces: anonymize(image, faces.boxes)])
def test_an_image_that_cannot_be_changed_is_refused(change):
    image = gray(50, 50)
    image.setflags(write=False)
    with pytest.raises(ValueError, match=r"image: read-only, .*; give image\.copy\(\)"):
        change(image, faces_at((5, 5, 40, 40)))
    assert (image == image[0, 0]).all()
    with pytest.raises(ValueError, match=r"image: has no pixels, its shape is \(0, 50, 3\)"):
        change(gray(50, 50)[:0], faces_at((5, 5, 40, 40)))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("style", STYLES)
def test_boxes_that_are_not_finite_are_left_out(value, style):
    image, expected = gray(90, 160), gray(90, 160)
    good = faces_at((40, 20, 90, 80))
    draw(expected, good, style=style)
    both = faces_at((40, 20, 90, 80), (1, 1, 5, 5))
    both.boxes[1, 2] = both.landmarks[1, 3, 0] = value
    draw(image, both, style=style)
    np.testing.assert_array_equal(image, expected)
    both = faces_at((40, 20, 90, 80))
    both.landmarks[0, 2] = value
    draw(image, both, style=style)


@pytest.mark.parametrize("far", [1e5, 1e9, 3e38])
@pytest.mark.parametrize("style", STYLES)
def test_boxes_far_outside_are_drawn_like_nearer_ones(far, style):
    for near in ((900, 900, 950, 950), (-900, -900, -850, -850), (-900, -900, 900, 900)):
        image, expected = gray(90, 160), gray(90, 160)
        faces = faces_at(near)
        draw(expected, faces, landmarks=False, style=style)
        draw(
            image,
            Faces(np.sign(faces.boxes) * np.float32(far), faces.scores, faces.landmarks),
            landmarks=False,
            style=style,
        )
        np.testing.assert_array_equal(image, expected)
        faces.landmarks[:] = far
        draw(image, faces, style=style)


@pytest.mark.parametrize(
    "view",
    [lambda a: a[:, ::-1], lambda a: a[::-1], lambda a: a[..., ::-1], lambda a: a[::2, ::2]],
    ids=["mirrored", "upside down", "RGB", "every second pixel"],
)
def test_any_view_of_an_image_is_drawn_on(view):
    """OpenCV takes none of these; it raised after a part was drawn."""
    image = np.full((240, 320, 3), 90, np.uint8)
    expected = np.ascontiguousarray(view(image.copy()))
    landmarks = np.full((1, 5, 2), 60, np.float32)
    faces = Faces(np.array([[40, 40, 90, 100]], np.float32), np.ones(1, np.float32), landmarks)
    draw(expected, faces)
    draw_status(expected, ["25 fps"])
    drawn = view(image)
    draw(drawn, faces)
    draw_status(drawn, ["25 fps"])
    np.testing.assert_array_equal(drawn, expected)
    assert (drawn != 90).any()
