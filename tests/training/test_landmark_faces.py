import numpy as np

from mtcnn_rt.training import landmark_faces
from mtcnn_rt.training.landmark_faces import boxes_about, landmark_samples
from mtcnn_rt.training.samples import Kind

POINTS = np.array([[20, 22], [40, 22], [30, 32], [23, 42], [37, 42]], np.float32)


def test_boxes_about_by_hand():
    # Mean (30, 32); squared distances 200, 200, 0, 149, 149: spread 11.82. The nose is in the
    # middle, so the center is 0.3 spreads above the mean: (30, 28.46).
    [box] = boxes_about(POINTS[np.newaxis])
    np.testing.assert_allclose(box, [9.50, 1.40, 50.50, 55.52], atol=0.02)


def test_boxes_about_a_turned_face_move_away_from_the_nose():
    aside = POINTS.copy()
    aside[2, 0] += 5  # the mean moves by 1, the box by 1 - 1.25 * 5
    before, after = boxes_about(np.stack([POINTS, aside]))
    moved = ((after[:2] + after[2:]) - (before[:2] + before[2:])) / 2
    np.testing.assert_allclose(moved[0], 1 - 1.25 * 5, atol=1e-4)


def test_boxes_about_scale_and_move_with_the_face():
    near, far = boxes_about(np.stack([POINTS, 3 * POINTS + [7, -4]]).astype(np.float32))
    np.testing.assert_allclose(far, 3 * near + [7, -4, 7, -4], atol=1e-3)


def test_landmarks_of_samples_are_where_the_pixels_show_them():
    image = np.zeros((64, 64, 3), np.uint8)
    image[20:24, 18:22] = 255  # only the left eye is bright
    faces = POINTS[np.newaxis]
    samples = landmark_samples(image, faces, 48, 20, 15, np.random.default_rng(0))
    assert samples["kind"].tolist() == [Kind.LANDMARKS] * 20
    assert np.isnan(samples["box"]).all()
    rows, columns = np.indices((48, 48)) + 0.5
    for sample in samples:
        light = sample["pixels"][0].astype(float)
        center = np.array([(light * columns).sum(), (light * rows).sum()]) / light.sum()
        np.testing.assert_allclose(center / 48, sample["landmarks"][0], atol=0.01)
    # As in detection, the crop is about the face's square.
    middle = samples["landmarks"].mean(axis=(0, 1))
    np.testing.assert_allclose(middle, [0.5, 0.55], atol=0.08)
    assert samples["landmarks"].std(axis=0).min() > 0.02


def test_a_landmark_far_outside_the_image_leaves_the_face_out():
    """Its surroundings would have 400000 pixels a side, which no memory holds."""
    image = np.zeros((64, 64, 3), np.uint8)
    wrong = POINTS.copy()
    wrong[4, 0] = 1e5
    faces = np.stack([wrong, POINTS])
    samples = landmark_samples(image, faces, 24, 3, 15, np.random.default_rng(0))
    alone = landmark_samples(image, POINTS[np.newaxis], 24, 3, 15, np.random.default_rng(0))
    assert len(samples) == 3
    assert samples.tobytes() == alone.tobytes()
    outside = POINTS[np.newaxis] * np.float32(2) - 20  # its box is 1.7 sides of the image long
    assert len(landmark_samples(image, outside, 24, 3, 15, np.random.default_rng(0))) == 3


def test_squares_of_the_detector_are_cut(monkeypatch):
    monkeypatch.setattr(landmark_faces, "SURROUNDINGS", (1.0, 1.0))
    image = np.zeros((64, 64, 3), np.uint8)
    shapes = []

    def find_squares(surroundings):
        shapes.append(surroundings.shape)
        height, width = surroundings.shape[:2]  # the face is in the middle, half as large
        about = np.array([width / 4, height / 4, 3 * width / 4, 3 * height / 4])
        return np.stack([about, about + width / 2]).astype(np.float32)

    rng = np.random.default_rng(0)
    samples = landmark_samples(image, POINTS[np.newaxis], 24, 5, 0, rng, find_squares)
    assert len(shapes) == 5
    for shape, sample in zip(shapes, samples, strict=True):
        assert sample["side"] == shape[1] / 2
        # The mean of the landmarks is the middle of the surroundings.
        np.testing.assert_allclose(sample["landmarks"].mean(axis=0), [0.5, 0.5], atol=0.02)


def test_a_jittered_square_is_cut_if_the_detector_misses_the_face():
    image = np.zeros((64, 64, 3), np.uint8)
    arguments = (image, POINTS[np.newaxis], 24, 5, 0)
    nowhere = np.array([[0, 0, 5, 5]], np.float32)
    with_squares = landmark_samples(*arguments, np.random.default_rng(0), lambda _: nowhere)
    without = landmark_samples(*arguments, np.random.default_rng(0))
    assert with_squares.tobytes() == without.tobytes()


def test_landmarks_in_one_point_are_left_out():
    nowhere = np.full((1, 5, 2), 30, np.float32)
    image = np.zeros((64, 64, 3), np.uint8)
    assert len(landmark_samples(image, nowhere, 24, 3, 0, np.random.default_rng(0))) == 0


def test_landmarks_in_one_point_leave_the_face_out():
    image = np.zeros((64, 64, 3), np.uint8)
    point = np.full((5, 2), (30, 40), np.float32)
    near = point + np.linspace(0, 0.005, 10, dtype=np.float32).reshape(5, 2)
    faces = np.stack([point, near, POINTS])
    samples = landmark_samples(image, faces, 24, 3, 15, np.random.default_rng(0))
    alone = landmark_samples(image, POINTS[np.newaxis], 24, 3, 15, np.random.default_rng(0))
    assert samples.tobytes() == alone.tobytes()
    small = point + np.linspace(0, 0.02, 10, dtype=np.float32).reshape(5, 2)
    assert len(landmark_samples(image, small[None], 24, 3, 15, np.random.default_rng(0))) == 3
