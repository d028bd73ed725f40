"""Where O-Net is asked again, and which of its answers count."""

import numpy as np
import pytest

from mtcnn_rt import Faces
from mtcnn_rt.tracking.redetection import redetect
from mtcnn_rt.tracking.tracked import join

BOXES = np.array([[100, 100, 140, 150], [200, 100, 220, 125]], np.float32)


def faces(boxes, scores=None):
    boxes = np.array(boxes, np.float32).reshape(-1, 4)
    scores = np.linspace(0.9, 0.8, len(boxes)) if scores is None else scores
    return Faces(boxes, np.array(scores, np.float32), np.zeros((len(boxes), 5, 2), np.float32))


class Picky:
    """Accepts the boxes that `rule` does, as they are, and remembers all."""

    def __init__(self, rule):
        self.rule, self.asked = rule, []

    def find_at(self, image, boxes):
        self.asked.append(boxes)
        sources = np.array([i for i, box in enumerate(boxes) if self.rule(box)], np.int64)
        return faces(boxes[sources]), sources


def keen(*indices):
    return np.isin([0, 1], indices)


def found_by(detector, boxes, keen):
    """The faces found, by the index of their box."""
    indices, faces = redetect(detector, None, boxes, keen)
    assert len(set(indices.tolist())) == len(indices) == len(faces)
    return dict(zip(indices.tolist(), faces, strict=True))


def test_what_is_there_takes_one_crop():
    detector = Picky(lambda box: True)
    found = found_by(detector, BOXES, keen(0, 1))
    assert sorted(found) == [0, 1]
    assert len(detector.asked) == 1
    for i, face in found.items():
        assert len(face) == 1
        np.testing.assert_array_equal(face.boxes[0], BOXES[i])


def test_a_face_that_is_missed_has_four_more_crops():
    detector = Picky(lambda box: box[0] > 150)
    assert list(found_by(detector, BOXES, keen(0, 1))) == [1]
    first, second = detector.asked
    np.testing.assert_array_equal(first, BOXES)
    shifts = [[-4, -5], [4, -5], [-4, 5], [4, 5]]  # a tenth of its width and height
    np.testing.assert_allclose(second, BOXES[0] + np.tile(shifts, 2), atol=1e-4)


@pytest.mark.parametrize("x", [96, 104])
@pytest.mark.parametrize("y", [95, 105])
def test_one_crop_suffices(x, y):
    detector = Picky(lambda box: np.allclose(box[:2], (x, y), atol=1e-3))
    assert list(found_by(detector, BOXES, keen(0))) == [0]


def test_the_best_of_several_looks_counts():
    detector = Picky(lambda box: box[0] not in (100, 200))
    found = found_by(detector, BOXES, keen(0, 1))
    assert sorted(found) == [0, 1]
    assert found[0].scores[0] == pytest.approx(0.9)


def test_who_is_not_keen_has_one_crop():
    detector = Picky(lambda box: False)
    assert found_by(detector, BOXES, keen()) == {}
    assert len(detector.asked) == 1


def test_nobody_is_looked_for():
    detector = Picky(lambda box: True)
    assert found_by(detector, BOXES[:0], np.zeros(0, bool)) == {}
    assert detector.asked == []


@pytest.mark.parametrize(("distance", "expected"), [(4, [0]), (14, [0, 1])])
def test_a_second_look_does_not_find_the_first_ones_face(distance, expected):
    """A lost face beside one that is there: O-Net sees that one again. It is that one where the
    boxes share more than 0.7 of the smaller; the nearest look is 4 pixels nearer, and 4 off."""
    there = np.array([100, 100, 140, 140], np.float32)
    lost = there + np.array([distance, 0, distance, 0], np.float32)
    detector = Picky(lambda box: box[1] != 100 or box[0] == 100)
    assert sorted(found_by(detector, np.stack([there, lost]), keen(0, 1))) == expected
    assert len(detector.asked) == 2


def test_a_face_far_from_the_expected_box_does_not_count():
    class Astray:
        def find_at(self, image, boxes):
            return faces(boxes + 40), np.arange(len(boxes))

    assert found_by(Astray(), BOXES, keen()) == {}


def test_join():
    both = join([faces([[0, 0, 1, 1]], [0.5]), Faces.empty(), faces([[0, 0, 2, 2]], [0.7])])
    assert both.scores.tolist() == pytest.approx([0.5, 0.7])
    assert both.boxes[:, 3].tolist() == [1, 2]
    assert both.landmarks.shape == (2, 5, 2)
    assert len(join([])) == 0
