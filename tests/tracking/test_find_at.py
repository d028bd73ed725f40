"""Finder.find_at: O-Net alone, where faces are expected."""

from dataclasses import replace

import numpy as np
import pytest
from helpers import reference

from mtcnn_rt import MTCNN
from mtcnn_rt.engines.arrays import ArrayEngine
from mtcnn_rt.images import as_image
from mtcnn_rt.tracking.finder import Finder


class Recorder:
    """An engine that records the squares that stage 2 hands to stage 3."""

    def __init__(self, engine):
        self._engine, self.refined = engine, None

    def __getattr__(self, name):
        return getattr(self._engine, name)

    def output(self, images, boxes):
        [self.refined] = boxes
        return self._engine.output(images, boxes)


def test_the_squares_of_the_cascade_give_its_faces(detector, finder, faces, frame):
    recorder = Recorder(detector._cascade.engine)
    replace(detector._cascade, engine=recorder).detect([frame])
    refined = recorder.refined
    assert len(refined) > len(faces) == 4
    tracked, sources = finder.find_at(frame, refined + detector.model.box_offset)
    np.testing.assert_allclose(tracked.boxes, faces.boxes, atol=0.02)
    np.testing.assert_allclose(tracked.scores, faces.scores, atol=1e-3)
    np.testing.assert_allclose(tracked.landmarks, faces.landmarks, atol=0.02)
    centers = (tracked.boxes[:, :2] + tracked.boxes[:, 2:]) / 2
    assert ((refined[sources, :2] < centers) & (centers < refined[sources, 2:])).all()


def test_near_boxes_give_the_same_faces(finder, faces, frame):
    random = np.random.default_rng(0)
    sizes = faces.boxes[:, 2:] - faces.boxes[:, :2]
    for _ in range(10):
        order = random.permutation(4)
        moved = faces.boxes + np.tile(random.uniform(-0.08, 0.08, (4, 2)) * sizes, 2)
        tracked, sources = finder.find_at(frame, moved[order])
        assert sorted(sources.tolist()) == [0, 1, 2, 3]
        assert (np.diff(tracked.scores) <= 0).all()
        for box, source in zip(tracked.boxes, order[sources], strict=True):
            assert reference.iou(box.astype(float), faces.boxes[source].astype(float)) > 0.75


def test_the_box_offset_of_the_model_is_subtracted_before_and_added_after(faces, frame):
    """A square that O-Net does not move comes back unchanged."""
    detector = MTCNN(threads=1, engine="onnxruntime", model="published")
    seen = []
    networks = detector._cascade.engine.networks

    class Unmoved:
        def onet(self, crops):
            seen.append(crops)
            outputs = networks.onet(crops)
            outputs[:, 1:5] = 0
            return outputs

    engine = ArrayEngine("unmoved", ["cpu"], Unmoved())
    cascade = replace(detector._cascade, engine=engine)
    x1, y1, _, y2 = faces.boxes[0]
    square = np.array([[x1, y1, x1 + (y2 - y1), y2]])
    tracked, sources = Finder(cascade).find_at(frame, square)
    assert sources.tolist() == [0]
    np.testing.assert_allclose(tracked.boxes, square, atol=1e-3)
    assert seen[0].shape == (1, 3, 48, 48)


def test_two_boxes_on_one_face_give_one_face(finder, faces, frame):
    boxes = np.concatenate([faces.boxes, faces.boxes + 3])
    tracked, sources = finder.find_at(frame, boxes)
    assert len(tracked) == 4
    assert sorted((sources % 4).tolist()) == [0, 1, 2, 3]


def test_boxes_without_a_face_give_none(finder, faces, frame):
    boxes = np.concatenate([[[250, 10, 290, 60]], faces.boxes[:1], [[10, 250, 60, 300]]])
    tracked, sources = finder.find_at(frame, boxes)
    assert sources.tolist() == [1]
    assert len(tracked) == 1


def test_faces_at_the_border_are_clipped(finder, faces, sample_frame):
    largest = faces.boxes[np.argmax(faces.boxes[:, 3])].astype(int)
    image = sample_frame[largest[1] + 10 :, largest[0] + 10 :]
    box = np.tile(largest[2:] - largest[:2], 2) * [0, 0, 1, 1] - 10
    tracked, _ = finder.find_at(as_image(image), box[np.newaxis])
    assert len(tracked) == 1
    assert (tracked.boxes < 0).any()
    assert (finder.clipped(as_image(image), tracked).boxes >= 0).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_boxes_of_any_number_type(finder, faces, frame, dtype):
    tracked, sources = finder.find_at(frame, np.rint(faces.boxes).astype(dtype))
    assert len(tracked) == 4
    assert tracked.boxes.dtype == np.float32
    assert sources.dtype == np.int64


def test_no_boxes_give_no_faces(finder, frame):
    tracked, sources = finder.find_at(frame, np.zeros((0, 4)))
    assert (len(tracked), sources.shape, sources.dtype) == (0, (0,), np.int64)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
def test_invalid_boxes_do_not_affect_others(finder, faces, frame, value):
    boxes = np.concatenate([np.full((1, 4), value), faces.boxes])
    _, sources = finder.find_at(frame, boxes)
    assert sorted(sources.tolist()) == [1, 2, 3, 4]


@pytest.mark.parametrize("shape", [(4,), (2, 5), (1, 2, 2)])
def test_boxes_of_another_shape_are_refused(finder, frame, shape):
    with pytest.raises(ValueError, match="4"):
        finder.find_at(frame, np.zeros(shape))
