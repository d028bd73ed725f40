"""Tests landmark errors on cases computed by hand."""

import numpy as np
import pytest

from mtcnn_rt.evaluation.landmarks import cumulative, detect_enlarged, errors, numbers
from mtcnn_rt.faces import Faces

# Eyes 40 pixels apart; the center is (50, 54).
FACE = np.array([[30, 40], [70, 40], [50, 60], [35, 65], [65, 65]], np.float32)
BOX = (10, 20, 90, 100)  # half its width is 40
NAN = float("nan")


def faces(*shifts, box=BOX):
    """Makes a face for each shift of all its points."""
    landmarks = np.array([FACE + shift for shift in shifts], np.float32).reshape(-1, 5, 2)
    boxes = np.array([box] * len(shifts), np.float32).reshape(-1, 4)
    return Faces(boxes, np.linspace(1, 0.7, len(shifts), dtype=np.float32), landmarks)


def test_the_error_is_in_distances_of_the_eyes():
    # Each point 5 pixels off: 5 / 40.
    assert errors(FACE[None], faces((3, 4))).tolist() == [0.125]
    # One of five points is 10 pixels off: 2 on average.
    one = faces((0, 0))
    one.landmarks[0, 2] += (6, 8)
    assert errors(FACE[None], one).tolist() == [0.05]


def test_the_nearest_face_counts_whatever_its_score():
    assert errors(FACE[None], faces((30, 0), (4, 0), (-20, 0))).tolist() == [pytest.approx(0.1)]


def test_a_face_further_off_than_half_its_width_is_missed():
    assert np.isnan(errors(FACE[None], faces())).tolist() == [True]
    # 40 pixels off is as far as half the width of the box.
    assert errors(FACE[None], faces((40, 0))).tolist() == [1]
    assert np.isnan(errors(FACE[None], faces((41, 0)))).tolist() == [True]
    assert np.isnan(errors(FACE[None], faces((30, 0), box=(0, 0, 50, 100)))).tolist() == [True]


def test_several_faces_of_an_image():
    annotated = np.stack([FACE, FACE + 200])
    found = errors(annotated, faces((202, 200), (0, 0)))
    np.testing.assert_allclose(found, [0, 0.05])
    assert errors(annotated[:0], faces((0, 0))).shape == (0,)


def test_eyes_at_one_point():
    with pytest.raises(ValueError, match="the annotated eyes are one point"):
        errors(np.zeros((1, 5, 2), np.float32), faces((0, 0)))


def test_numbers_leave_misses_out_but_count_them():
    summary = numbers(np.array([0.02, 0.1, 0.3, NAN]))
    assert summary == pytest.approx(
        {"mean": 0.14, "median": 0.1, "failure rate": 1 / 3, "missed": 1, "faces": 4}
    )
    nothing = numbers(np.array([NAN, NAN]))
    assert nothing["missed"] == nothing["faces"] == 2
    assert np.isnan([nothing[name] for name in ("mean", "median", "failure rate")]).all()


def test_the_cumulative_curve_stays_below_one_by_the_misses():
    curve = cumulative(np.array([0.3, NAN, 0.02, 0.1]))
    assert curve.x.tolist() == [0.02, 0.1, 0.3]
    assert curve.y.tolist() == [0.25, 0.5, 0.75]


def test_small_images_are_enlarged():
    image = np.random.default_rng(0).integers(0, 256, (40, 80, 3), np.uint8)
    seen = []

    def detect(larger):
        seen.append(larger)
        return faces((0, 0))

    found = detect_enlarged(image, 240, detect)
    assert seen[0].shape == (120, 240, 3)
    np.testing.assert_allclose(found.landmarks[0], FACE / 3, rtol=1e-6)
    np.testing.assert_allclose(found.boxes[0], np.array(BOX) / 3, rtol=1e-6)
    # Bicubic: the pixels that are in the middle of three stay as they are.
    assert (seen[0][1::3, 1::3] == image).all()


def test_larger_images_stay_unchanged():
    image = np.zeros((40, 80, 3), np.uint8)
    found = detect_enlarged(image, 80, lambda same: faces((0, 0)) if same is image else faces())
    np.testing.assert_array_equal(found.landmarks, [FACE])
