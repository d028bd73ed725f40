"""Where O-Net looks, and which of its answers count."""

import numpy as np
import pytest

from mtcnn_rt import Faces
from mtcnn_rt.tracking.look import look
from mtcnn_rt.tracking.tracked import join

BOXES = np.array([[100, 100, 140, 150], [200, 100, 220, 125]], np.float32)
NOBODY = Faces.empty()


def faces(boxes, scores=None):
    boxes = np.array(boxes, np.float32).reshape(-1, 4)
    scores = np.linspace(0.9, 0.8, len(boxes)) if scores is None else scores
    return Faces(boxes, np.array(scores, np.float32), np.zeros((len(boxes), 5, 2), np.float32))


class Picky:
    """Accepts the boxes that `rule` does, as they are, and remembers all."""

    def __init__(self, rule):
        self.rule, self.looks = rule, []

    def track(self, image, boxes):
        self.looks.append(boxes)
        sources = np.array([i for i, box in enumerate(boxes) if self.rule(box)], np.int64)
        return faces(boxes[sources]), sources


def keen(*indices):
    return np.isin([0, 1], indices)


def test_what_is_there_takes_one_look():
    detector = Picky(lambda box: True)
    found = look(detector, None, BOXES, keen(0, 1), NOBODY)
    assert sorted(found) == [0, 1]
    assert len(detector.looks) == 1
    for i, face in found.items():
        assert len(face) == 1
        np.testing.assert_array_equal(face.boxes[0], BOXES[i])


def test_a_face_that_is_missed_has_four_more_looks():
    detector = Picky(lambda box: box[0] > 150)
    assert list(look(detector, None, BOXES, keen(0, 1), NOBODY)) == [1]
    first, second = detector.looks
    np.testing.assert_array_equal(first, BOXES)
    shifts = [[-4, -5], [4, -5], [-4, 5], [4, 5]]  # a tenth of its width and height
    np.testing.assert_allclose(second, BOXES[0] + np.tile(shifts, 2), atol=1e-4)


@pytest.mark.parametrize("x", [96, 104])
@pytest.mark.parametrize("y", [95, 105])
def test_one_look_suffices(x, y):
    detector = Picky(lambda box: np.allclose(box[:2], (x, y), atol=1e-3))
    assert list(look(detector, None, BOXES, keen(0), NOBODY)) == [0]


def test_the_best_of_several_looks_counts():
    detector = Picky(lambda box: box[0] not in (100, 200))
    found = look(detector, None, BOXES, keen(0, 1), NOBODY)
    assert sorted(found) == [0, 1]
    assert found[0].scores[0] == pytest.approx(0.9)


def test_who_is_not_keen_has_one_look():
    detector = Picky(lambda box: False)
    assert look(detector, None, BOXES, keen(), NOBODY) == {}
    assert len(detector.looks) == 1


def test_nobody_is_looked_for():
    detector = Picky(lambda box: True)
    assert look(detector, None, BOXES[:0], np.zeros(0, bool), NOBODY) == {}
    assert detector.looks == []


def test_the_face_of_another_does_not_count():
    """The other's box covers more than 0.7 of the smaller of the two."""
    for shift, expected in ((0, [1]), (10, [1]), (14, [0, 1])):
        others = faces([BOXES[0] + [shift, 0, shift, 0]])
        detector = Picky(lambda box: box[0] in (100, 200))
        assert sorted(look(detector, None, BOXES, keen(0, 1), others)) == expected


def test_a_second_look_does_not_find_the_first_ones_face():
    """A lost face beside one that is there: O-Net sees that one again."""
    boxes = np.array([[100, 100, 140, 140], [104, 104, 144, 144]], np.float32)
    detector = Picky(lambda box: box[0] == 100)
    assert list(look(detector, None, boxes, keen(0, 1), NOBODY)) == [0]
    assert len(detector.looks) == 2


def test_a_face_far_from_the_expected_box_does_not_count():
    class Astray:
        def track(self, image, boxes):
            return faces(boxes + 40), np.arange(len(boxes))

    assert look(Astray(), None, BOXES, keen(), NOBODY) == {}


def test_join():
    both = join([faces([[0, 0, 1, 1]], [0.5]), Faces.empty(), faces([[0, 0, 2, 2]], [0.7])])
    assert both.scores.tolist() == pytest.approx([0.5, 0.7])
    assert both.boxes[:, 3].tolist() == [1, 2]
    assert both.landmarks.shape == (2, 5, 2)
    assert len(join([])) == 0
