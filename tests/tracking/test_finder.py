"""Finder: searches for faces without a track, and lets R-Net confirm the others."""

from dataclasses import replace

import numpy as np
import pytest
from helpers import reference

from mtcnn_rt import MTCNN
from mtcnn_rt.tracking.finder import GROWTH, Finder

NO_BOXES = np.zeros((0, 4), np.float32)


class Counting:
    """An engine that counts the proposals that R-Net gets, and the squares that O-Net gets."""

    def __init__(self, engine):
        self._engine, self.proposals, self.refined = engine, 0, 0

    def __getattr__(self, name):
        return getattr(self._engine, name)

    def refine(self, images, boxes):
        self.proposals, self.refined = sum(map(len, boxes)), 0
        return self._engine.refine(images, boxes)

    def output(self, images, boxes):
        self.refined = sum(map(len, boxes))
        return self._engine.output(images, boxes)


@pytest.fixture(scope="module")
def counting(detector):
    return Counting(detector._cascade.engine)


@pytest.fixture(scope="module")
def counting_finder(detector, counting):
    return Finder(replace(detector._cascade, engine=counting))


def near(box, other):
    return reference.iou(box.astype(float), other.astype(float)) > 0.75


def moved(boxes, shift, scale=1.0):
    """Returns boxes moved by `shift` (x, y), in their sizes, and scaled about their centers."""
    sides = boxes[:, 2:] - boxes[:, :2]
    centers = boxes[:, :2] + sides * (0.5 + np.array(shift, np.float32))
    half = sides * np.float32(scale / 2)
    return np.hstack([centers - half, centers + half])


def test_without_known_faces_it_finds_what_detect_finds(finder, faces, frame):
    found = finder.find_new(frame, NO_BOXES)
    np.testing.assert_array_equal(found.boxes, faces.boxes)
    np.testing.assert_array_equal(found.scores, faces.scores)
    np.testing.assert_array_equal(found.landmarks, faces.landmarks)


@pytest.mark.parametrize("known", [[0], [3], [1, 2], [0, 1, 3], [0, 1, 2, 3]])
def test_unknown_faces_are_found(finder, faces, frame, known):
    found = finder.find_new(frame, faces.boxes[known])
    np.testing.assert_array_equal(found.boxes, np.delete(faces.boxes, known, axis=0))


def test_known_faces_cost_little(counting, counting_finder, faces, frame):
    counting_finder.find_new(frame, NO_BOXES)
    everything = counting.proposals
    counting_finder.find_new(frame, faces.boxes)
    assert 0 < counting.proposals < 0.75 * everything


def test_known_faces_are_not_classified_again(counting, counting_finder, faces, frame):
    """Few of their squares reach O-Net, none where R-Net moved them to the face's own."""
    counting_finder.find_new(frame, NO_BOXES)
    everything = counting.refined
    assert everything >= 4
    assert counting_finder.find_new(frame, faces.boxes).boxes.shape == (0, 4)
    assert counting.refined < everything / 2


@pytest.mark.parametrize("shift", [(0, 0), (0.8, 0), (-0.5, 0.5), (0, -0.8)])
def test_near_a_box_its_face_is_found(finder, faces, frame, shift):
    for i, box in enumerate(faces.boxes):
        others = np.delete(faces.boxes, i, axis=0)
        found = finder.find_new(frame, others, moved(faces.boxes[i : i + 1], shift))
        assert len(found) == 1
        assert near(found.boxes[0], box)


def test_near_all_boxes_all_faces_are_found_once(finder, faces, frame):
    found = finder.find_new(frame, NO_BOXES, np.tile(faces.boxes, (2, 1)))
    assert len(found) == 4
    assert all(any(near(box, other) for other in faces.boxes) for box in found.boxes)


def test_only_the_neighborhood_is_searched(counting, counting_finder, faces, frame):
    counting_finder.find_new(frame, NO_BOXES)
    everything = counting.proposals
    found = counting_finder.find_new(frame, NO_BOXES, moved(faces.boxes[:1], (2.5, 0)))
    assert not any(near(box, faces.boxes[0]) for box in found.boxes)
    assert counting.proposals < everything / 5


@pytest.mark.parametrize("scale", [1 / 4, 4])
def test_faces_of_another_size_are_not_searched_for(finder, faces, frame, scale):
    sides = (faces.boxes[:, 2:] - faces.boxes[:, :2]).max(axis=1)
    largest = faces.boxes[[sides.argmax()]]
    assert sides.max() * scale > 20
    assert len(finder.find_new(frame, NO_BOXES, largest)) == 1
    assert len(finder.find_new(frame, NO_BOXES, moved(largest, (0, 0), scale))) == 0


def test_faces_beyond_the_detectors_sizes_are_not_searched_for(faces, frame):
    sides = (faces.boxes[:, 2:] - faces.boxes[:, :2]).max(axis=1)
    largest, smallest = faces.boxes[[sides.argmax()]], faces.boxes[[sides.argmin()]]
    assert sides.max() > 2 * GROWTH * sides.min()
    for settings, boxes in (
        ({"max_face_size": float(sides.min())}, largest),
        ({"min_face_size": float(sides.max())}, smallest),
    ):
        found = Finder(MTCNN(threads=1, **settings, model="published")._cascade).find_new(
            frame, NO_BOXES, boxes
        )
        assert not any(near(box, boxes[0]) for box in found.boxes)


@pytest.mark.parametrize(
    "box",
    [
        (-90, -90, -50, -50),
        (700, 100, 740, 140),
        (100, 400, 140, 440),
        (-41, 10, -1, 50),
        (639, 359, 640, 360),
        (0, 0, 1e6, 1e6),
    ],
)
def test_boxes_outside_the_image_give_no_face(finder, frame, box):
    assert len(finder.find_new(frame, NO_BOXES, np.array([box], np.float32))) == 0


def test_near_no_box_there_is_no_face(finder, frame):
    assert len(finder.find_new(frame, NO_BOXES, NO_BOXES)) == 0


def test_r_net_confirms_faces(finder, faces, frame):
    background = np.array([[250, 10, 290, 60], [10, 250, 60, 300]], np.float32)
    boxes = np.concatenate([background[:1], faces.boxes, background[1:]])
    assert finder.confirm(frame, boxes).tolist() == [1, 2, 3, 4]
    confirmed = finder.confirm(frame, NO_BOXES)
    assert (confirmed.shape, confirmed.dtype) == ((0,), np.int64)
