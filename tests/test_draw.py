"""draw: what is painted where, at small and large sizes."""

import numpy as np
import pytest

from mtcnn_rt.draw import ACCENT, POINT, draw
from mtcnn_rt.faces import Faces


def faces_at(*boxes: tuple[float, float, float, float]) -> Faces:
    shares = np.array([(0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)])
    corners = np.array(boxes, np.float32).reshape(-1, 4)
    landmarks = corners[:, None, :2] + shares * (corners[:, None, 2:] - corners[:, None, :2])
    scores = np.full(len(corners), 0.987, np.float32)
    return Faces(corners, scores, landmarks.astype(np.float32))


def grey(height: int, width: int) -> np.ndarray:
    return np.full((height, width, 3), 128, np.uint8)


def is_colour(image: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    return (image == colour).all(axis=-1)


def test_no_face_draws_nothing():
    image = grey(40, 60)
    draw(image, Faces.empty())
    assert (image == 128).all()


def test_the_box_lies_on_the_outermost_pixels_of_the_face():
    image = grey(200, 300)
    draw(image, faces_at((50, 60, 150, 180)), scores=False, landmarks=False)
    rows, columns = np.nonzero(is_colour(image, ACCENT))
    assert (columns.min(), rows.min(), columns.max(), rows.max()) == (50, 60, 149, 179)
    assert len(rows) == 2 * (100 + 120) - 4  # one pixel wide at this size


@pytest.mark.parametrize(("height", "thickness"), [(180, 1), (720, 2), (1080, 3), (4320, 12)])
def test_lines_grow_with_the_image(height, thickness):
    image = grey(height, height)
    box = (0.2 * height, 0.2 * height, 0.8 * height, 0.8 * height)
    draw(image, faces_at(box), scores=False, landmarks=False)
    row = is_colour(image, ACCENT)[height // 2]
    assert row[: height // 2].sum() == thickness


def test_lines_are_thinner_on_a_small_face_of_a_large_image():
    image = grey(4320, 4320)
    draw(image, faces_at((2000, 2000, 2040, 2040)), scores=False, landmarks=False)
    assert is_colour(image, ACCENT)[2020, :2020].sum() == 2


def test_the_landmarks_are_dots_at_their_places():
    image = grey(400, 400)
    faces = faces_at((100, 100, 300, 300))
    draw(image, faces, scores=False)
    for x, y in faces.landmarks[0]:
        assert tuple(image[int(y), int(x)]) == POINT


def test_scores_and_landmarks_can_be_left_out():
    image = grey(400, 400)
    draw(image, faces_at((100, 100, 300, 300)), scores=False, landmarks=False)
    assert not is_colour(image, POINT).any()
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
    """Pixels of the letters: neither the background nor the accent."""
    image = grey(*size)
    x, y = corner
    draw(image, faces_at((x, y, x + side, y + side)), landmarks=False)
    return int((~is_colour(image, (128, 128, 128)) & ~is_colour(image, ACCENT)).sum())


@pytest.mark.parametrize("image", [np.zeros((8, 8), np.uint8), np.zeros((8, 8, 3), np.float32)])
def test_another_array_is_refused(image):
    with pytest.raises(ValueError, match=r"expected uint8 \(H, W, 3\)"):
        draw(image, Faces.empty())
