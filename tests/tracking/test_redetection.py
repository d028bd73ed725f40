"""Redetection: the crops that O-Net gets, and which of its faces count."""

import numpy as np
import pytest

from mtcnn_rt import Faces
from mtcnn_rt.faces import joined
from mtcnn_rt.tracking.redetection import redetect

BOXES = np.array([[100, 100, 140, 150], [200, 100, 220, 125]], np.float32)


def faces(boxes, scores=None):
    boxes = np.array(boxes, np.float32).reshape(-1, 4)
    scores = np.linspace(0.9, 0.8, len(boxes)) if scores is None else scores
    return Faces(boxes, np.array(scores, np.float32), np.zeros((len(boxes), 5, 2), np.float32))


class Picky:
    """Accepts the boxes for which `rule` is true, as they are, and records all boxes."""

    def __init__(self, rule):
        self.rule, self.asked = rule, []

    def find_at(self, image, boxes):
        self.asked.append(boxes)
        sources = np.array([i for i, box in enumerate(boxes) if self.rule(box)], np.int64)
        return faces(boxes[sources]), sources


def persistent(*indices):
    return np.isin([0, 1], indices)


def found_by(detector, boxes, persistent):
    """Returns the faces found, by the index of their box."""
    indices, faces = redetect(detector, None, boxes, persistent)
    assert len(set(indices.tolist())) == len(indices) == len(faces)
    return dict(zip(indices.tolist(), faces, strict=True))


def test_a_face_at_its_expected_box_takes_one_crop():
    detector = Picky(lambda box: True)
    found = found_by(detector, BOXES, persistent(0, 1))
    assert sorted(found) == [0, 1]
    assert len(detector.asked) == 1
    for i, face in found.items():
        assert len(face) == 1
        np.testing.assert_array_equal(face.boxes[0], BOXES[i])


def test_a_missed_face_takes_four_more_crops():
    detector = Picky(lambda box: box[0] > 150)
    assert list(found_by(detector, BOXES, persistent(0, 1))) == [1]
    first, second = detector.asked
    np.testing.assert_array_equal(first, BOXES)
    shifts = [[-4, -5], [4, -5], [-4, 5], [4, 5]]  # a tenth of its width and height
    np.testing.assert_allclose(second, BOXES[0] + np.tile(shifts, 2), atol=1e-4)


@pytest.mark.parametrize("x", [96, 104])
@pytest.mark.parametrize("y", [95, 105])
def test_one_accepted_crop_suffices(x, y):
    detector = Picky(lambda box: np.allclose(box[:2], (x, y), atol=1e-3))
    assert list(found_by(detector, BOXES, persistent(0))) == [0]


def test_the_best_of_several_crops_counts():
    detector = Picky(lambda box: box[0] not in (100, 200))
    found = found_by(detector, BOXES, persistent(0, 1))
    assert sorted(found) == [0, 1]
    assert found[0].scores[0] == pytest.approx(0.9)


def test_a_face_that_is_not_persistent_has_one_crop():
    detector = Picky(lambda box: False)
    assert found_by(detector, BOXES, persistent()) == {}
    assert len(detector.asked) == 1


def test_no_boxes_are_not_searched():
    detector = Picky(lambda box: True)
    assert found_by(detector, BOXES[:0], np.zeros(0, bool)) == {}
    assert detector.asked == []


@pytest.mark.parametrize(("distance", "expected"), [(4, [0]), (14, [0, 1])])
def test_crops_beside_a_box_do_not_find_the_face_of_another_box(distance, expected):
    """For a lost face beside a found one, O-Net finds the found one again.

    Boxes that share more than 0.7 of the smaller one are the same face. The nearest crop is 4
    pixels nearer to the found face, and 4 pixels off in the other direction.
    """
    there = np.array([100, 100, 140, 140], np.float32)
    lost = there + np.array([distance, 0, distance, 0], np.float32)
    detector = Picky(lambda box: box[1] != 100 or box[0] == 100)
    assert sorted(found_by(detector, np.stack([there, lost]), persistent(0, 1))) == expected
    assert len(detector.asked) == 2


def test_a_face_far_from_the_expected_box_does_not_count():
    class Astray:
        def find_at(self, image, boxes):
            return faces(boxes + 40), np.arange(len(boxes))

    assert found_by(Astray(), BOXES, persistent()) == {}


def test_join_concatenates_faces():
    both = joined([faces([[0, 0, 1, 1]], [0.5]), Faces.empty(), faces([[0, 0, 2, 2]], [0.7])])
    assert both.scores.tolist() == pytest.approx([0.5, 0.7])
    assert both.boxes[:, 3].tolist() == [1, 2]
    assert both.landmarks.shape == (2, 5, 2)
    assert len(joined([])) == 0
