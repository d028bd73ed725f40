"""The tracker with the real cascade on the packaged clip, whose true boxes are known."""

import numpy as np
import pytest
from helpers import reference

from mtcnn_rt.tracking import Tracker


def follow(detector, images, fps=25.0, **settings):
    tracker = Tracker(detector, **settings)
    return tracker, [tracker.update(image, i / fps) for i, image in enumerate(images)]


def id_of(one, box):
    """Returns the id of the face at a box, None without a face."""
    overlaps = [reference.iou(box, other) for other in one.faces.boxes.astype(float)]
    return int(one.ids[np.argmax(overlaps)]) if max(overlaps, default=0) > 0.5 else None


def identities(results, truth):
    """Returns the ids that each of the true faces had."""
    return [{id_of(one, boxes[i]) for one, boxes in zip(results, truth, strict=True)}
            for i in range(truth.shape[1])]  # fmt: skip


def painted(image, box):
    """Returns the image with a gray patch over a face and its hair."""
    image = image.copy()
    margins = np.tile(box[2:] - box[:2], 2) * [-0.3, -0.3, 0.3, 0.3]
    x1, y1, x2, y2 = np.rint(box + margins).astype(int)
    image[max(y1, 0) : y2, max(x1, 0) : x2] = 60
    return image


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


def test_no_face_changes_its_id_in_reverse(quick, clip, truth):
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
        error[smooth] = (
            off - off.mean(axis=0)
        ).std()  # each convention for boxes has its own offset
        jitter[smooth] = np.diff(off, n=2, axis=0).std()
    assert jitter[True] < jitter[False] / 2
    assert error[True] < error[False]


def test_a_face_painted_over_is_hidden_and_comes_back(quick, clip, truth):
    gone = range(30, 33)
    images = [
        painted(image, truth[i, 1]) if i in gone else image for i, image in enumerate(clip[:45])
    ]
    _, results = follow(quick, images)
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
    """The other scene has the halves of the image exchanged, so its faces are elsewhere."""
    there = [np.roll(image, 320, axis=1) for image in clip[30:45]]
    tracker = Tracker(quick)
    for i, image in enumerate(clip[:30]):
        before = tracker.update(image, i / 25)
    searched = tracker.full_detections
    after = tracker.update(there[0], 30 / 25)
    assert tracker.full_detections == searched + 1
    assert before.ids.tolist() == [1, 2, 3, 4]
    assert len(after.faces) >= 3
    assert after.ids.min() == 5
    assert len(after.hidden) == 0
    for i, image in enumerate(there[1:]):
        assert tracker.update(image, (31 + i) / 25).ids.max() < 10


def test_a_flash_changes_no_id(quick, clip):
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


def test_frames_are_not_modified(quick, clip):
    before = [image.copy() for image in clip[:4]]
    follow(quick, clip[:4])
    np.testing.assert_array_equal(clip[:4], before)


@pytest.mark.parametrize("size", [(1, 1), (5, 700), (90, 160)])
def test_frames_without_faces_give_none(quick, size):
    tracker, results = follow(quick, [np.zeros((*size, 3), np.uint8)] * 12)
    assert all(len(one.ids) == len(one.faces) == len(one.hidden) == 0 for one in results)
    assert tracker.full_detections == 3


def test_assign_follows_faces_that_were_found_elsewhere(quick, clip, truth):
    tracker = Tracker(quick)
    results = [
        tracker.assign(quick.detect(image), image.shape[:2], i / 12.5)
        for i, image in enumerate(clip[::2])
    ]
    assert sorted(identities(results, truth[::2]), key=min) == [{1}, {2}, {3}, {4}]


def test_an_id_does_not_go_to_another_face_at_a_cut(sample_frame, faces, detector):
    """`assign` with the image ends tracks at a cut; their places stay hidden faces for a moment."""
    other = np.ascontiguousarray(255 - sample_frame[:, ::-1])  # looks like another scene
    size = sample_frame.shape[:2]
    blind, seeing = (Tracker(detector, detect_every=1) for _ in range(2))
    for time in (0.0, 0.04):
        blind.assign(faces, size, time)
        first = seeing.assign(faces, size, time, sample_frame)
    assert first.ids.tolist() == [1, 2, 3, 4]
    assert blind.assign(faces, size, 0.08).ids.tolist() == [1, 2, 3, 4]
    after = seeing.assign(faces, size, 0.08, other)
    assert after.ids.tolist() == [5, 6, 7, 8]
    assert len(after.hidden) == 4
    np.testing.assert_allclose(after.hidden, first.faces.boxes, atol=1)
