"""The tracker with the real cascade on the packaged clip, where it is known who is where."""

import numpy as np
import pytest
from helpers import reference

from mtcnn_rt.tracking import Tracker


def follow(detector, pictures, fps=25.0, **settings):
    tracker = Tracker(detector, **settings)
    return tracker, [tracker.update(picture, i / fps) for i, picture in enumerate(pictures)]


def id_of(one, box):
    """The id of the face at a box, None where there is none."""
    overlaps = [reference.iou(box, other) for other in one.faces.boxes.astype(float)]
    return int(one.ids[np.argmax(overlaps)]) if max(overlaps, default=0) > 0.5 else None


def identities(results, truth):
    """The ids that each of the true faces had."""
    return [{id_of(one, boxes[i]) for one, boxes in zip(results, truth, strict=True)}
            for i in range(truth.shape[1])]  # fmt: skip


def painted(picture, box):
    """The picture with a gray patch over a face, hair and all."""
    picture = picture.copy()
    margins = np.tile(box[2:] - box[:2], 2) * [-0.3, -0.3, 0.3, 0.3]
    x1, y1, x2, y2 = np.rint(box + margins).astype(int)
    picture[max(y1, 0) : y2, max(x1, 0) : x2] = 60
    return picture


def test_two_faces_of_the_clip_cross(truth):
    overlaps = [reference.iou(boxes[1], boxes[3:])[0] for boxes in truth]
    assert max(overlaps) > 0.1


@pytest.mark.parametrize(
    ("settings", "every"),
    [({}, 1), ({}, 4), ({"detect_every": 1}, 2), ({"detect_every": 60}, 1), ({"smooth": False}, 2)],
)
def test_no_face_changes_its_id(quick, clip, truth, settings, every):
    tracker, results = follow(quick, clip[::every], 25 / every, **settings)
    assert sorted(identities(results, truth[::every]), key=min) == [{1}, {2}, {3}, {4}]
    assert all(len(one.faces) == 4 for one in results)
    assert all(len(one.hidden) == 0 for one in results)
    assert tracker.full_detections <= len(results) / settings.get("detect_every", 3) + 1


def test_backwards(quick, clip, truth):
    _, results = follow(quick, clip[::-1])
    assert sorted(identities(results, truth[::-1]), key=min) == [{1}, {2}, {3}, {4}]


def test_landmarks_lie_in_their_boxes(quick, clip):
    for one in follow(quick, clip[:40])[1]:
        assert (one.faces.landmarks > one.faces.boxes[:, None, :2]).all()
        assert (one.faces.landmarks < one.faces.boxes[:, None, 2:]).all()
        assert (one.faces.scores > 0.7).all()


def test_smoothing_brings_boxes_nearer_to_the_truth_and_to_each_other(quick, clip, truth):
    error, jitter = {}, {}
    for smooth in (False, True):
        _, results = follow(quick, clip, smooth=smooth)
        boxes = np.array([one.faces.boxes for one in results])
        order = [np.argmax([reference.iou(t, b) for b in boxes[0].astype(float)]) for t in truth[0]]
        off = boxes[:, order] - truth
        off /= truth[..., 3:] - truth[..., 1:2]
        error[smooth] = (off - off.mean(axis=0)).std()  # what counts as the face is a convention
        jitter[smooth] = np.diff(off, n=2, axis=0).std()
    assert jitter[True] < jitter[False] / 2
    assert error[True] < error[False]


def test_a_face_painted_over_is_hidden_and_comes_back(quick, clip, truth):
    gone = range(30, 33)
    pictures = [
        painted(picture, truth[i, 1]) if i in gone else picture
        for i, picture in enumerate(clip[:45])
    ]
    _, results = follow(quick, pictures)
    lost = id_of(results[29], truth[29, 1])
    for i, one in enumerate(results):
        if i not in gone:
            assert id_of(one, truth[i, 1]) == lost
            assert len(one.hidden) == 0
        else:
            assert lost not in one.ids
            assert len(one.ids) == 3
            assert one.hidden.shape == (1, 4)
            assert reference.iou(one.hidden[0].astype(float), truth[i, 1]) > 0.5


def test_a_cut_is_searched_at_once_and_ends_the_ids(quick, clip):
    """The other scene: the halves of the picture exchanged, so faces are elsewhere."""
    there = [np.roll(picture, 320, axis=1) for picture in clip[30:45]]
    tracker = Tracker(quick)
    for i, picture in enumerate(clip[:30]):
        before = tracker.update(picture, i / 25)
    searched = tracker.full_detections
    after = tracker.update(there[0], 30 / 25)
    assert tracker.full_detections == searched + 1
    assert before.ids.tolist() == [1, 2, 3, 4]
    assert len(after.faces) >= 3
    assert after.ids.min() == 5
    assert len(after.hidden) == 0
    for i, picture in enumerate(there[1:]):
        assert tracker.update(picture, (31 + i) / 25).ids.max() < 10


def test_a_flash_takes_no_id_away(quick, clip):
    white = np.full_like(clip[0], 255)
    _, results = follow(quick, [*clip[:20], white, white, *clip[22:30]])
    assert [one.ids.tolist() for one in results] == [[1, 2, 3, 4]] * 20 + [[]] * 2 + [
        [1, 2, 3, 4]
    ] * 8


def test_the_same_video_gives_the_same_result(quick, clip):
    first, second = (follow(quick, clip[:40:2])[1] for _ in range(2))
    for one, same in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.ids, same.ids)
        np.testing.assert_array_equal(one.faces.boxes, same.faces.boxes)
        np.testing.assert_array_equal(one.faces.landmarks, same.faces.landmarks)


def test_frames_are_not_changed(quick, clip):
    before = [picture.copy() for picture in clip[:4]]
    follow(quick, clip[:4])
    np.testing.assert_array_equal(clip[:4], before)


@pytest.mark.parametrize("size", [(1, 1), (5, 700), (90, 160)])
def test_frames_without_faces(quick, size):
    tracker, results = follow(quick, [np.zeros((*size, 3), np.uint8)] * 12)
    assert all(len(one.ids) == len(one.faces) == len(one.hidden) == 0 for one in results)
    assert tracker.full_detections == 3


def test_assign_follows_faces_that_were_found_elsewhere(quick, clip, truth):
    tracker = Tracker(quick)
    results = [
        tracker.assign(quick.detect(picture), picture.shape[:2], i / 12.5)
        for i, picture in enumerate(clip[::2])
    ]
    assert sorted(identities(results, truth[::2]), key=min) == [{1}, {2}, {3}, {4}]
