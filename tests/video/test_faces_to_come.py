"""Tests that faces are hidden faces also before they are found."""

from fractions import Fraction

import numpy as np
import pytest

from mtcnn_rt import Faces
from mtcnn_rt.video import faces_to_come
from mtcnn_rt.video.faces_to_come import with_faces_to_come
from mtcnn_rt.video.frame import Frame
from mtcnn_rt.video.pipeline import FrameResult

FPS = 10
SIZE = (60, 80)


def at_rest(number):
    return 30, 20


def result(number, sightings, scene=1, lost=()):
    """Returns a result in which the faces of these ids have these corners, and sides of 10."""
    corners = np.array(list(sightings.values()), np.float32).reshape(-1, 2)
    boxes = np.hstack([corners, corners + 10])
    zeros = np.zeros(len(boxes), np.float32), np.zeros((len(boxes), 5, 2), np.float32)
    image = np.zeros((*SIZE, 3), np.uint8)
    frame = Frame(image, number / FPS, number, 1, Fraction(1, FPS), number)
    hidden = np.array(lost, np.float32).reshape(-1, 4)
    return FrameResult(
        frame, Faces(boxes, *zeros), np.array(list(sightings), int), hidden, 0, scene
    )


def found_from(first, corner=at_rest, last=10**9, count=30, scene=lambda number: 1):
    """Gives the results of a video in which one face is found in some frames."""
    for number in range(count):
        there = first <= number <= last
        yield result(number, {1: corner(number)} if there else {}, scene(number))


def hidden(results):
    """Returns the hidden boxes of each frame that has any."""
    given = list(results)
    assert [one.frame.index for one in given] == list(range(len(given)))
    return {one.frame.index: one.hidden.tolist() for one in given if len(one.hidden)}


def test_a_face_is_hidden_for_half_a_second_before_it_is_found():
    box = [30, 20, 40, 30]
    assert hidden(with_faces_to_come(found_from(20))) == {n: [box] for n in range(15, 20)}
    assert hidden(with_faces_to_come(found_from(20), 0.2)) == {18: [box], 19: [box]}


def test_a_face_that_moves_is_hidden_from_where_it_comes_to_where_it_was_found():
    steps = hidden(with_faces_to_come(found_from(20, lambda n: (30 + 2 * (n - 20), 20))))
    assert steps == {n: [[30 - 2 * (20 - n), 20, 40, 30]] for n in range(15, 20)}


def test_hidden_faces_end_at_the_edge_of_the_image():
    steps = hidden(with_faces_to_come(found_from(20, lambda n: (0, 50 - 4 * (n - 20)))))
    assert steps[15] == [[0, 50, 10, 60]]


def test_two_sightings_close_together_do_not_tell_where_a_face_comes_from(monkeypatch):
    monkeypatch.setattr(faces_to_come, "MOTION_SECONDS", (0.15, 0.2))
    steps = hidden(with_faces_to_come(found_from(20, lambda n: (30 + 9 * (n - 20), 20), last=21)))
    assert steps == {n: [[30, 20, 40, 30]] for n in range(15, 20)}


def test_a_face_that_is_found_in_a_single_frame_was_not_there_before():
    assert hidden(with_faces_to_come(found_from(20, last=20))) == {}


def test_a_face_was_not_there_before_a_cut():
    scenes = found_from(20, scene=lambda number: 1 if number < 18 else 2)
    box = [30, 20, 40, 30]
    assert hidden(with_faces_to_come(scenes)) == {18: [box], 19: [box]}


def test_the_faces_that_were_lost_stay_hidden():
    lost = [1, 2, 3, 4]
    given = [result(n, {}, lost=[lost]) for n in range(2)]
    given += [result(n, {7: (30, 20)}) for n in (2, 3)]
    steps = hidden(with_faces_to_come(one for one in given))
    assert steps == {n: [lost, [30, 20, 40, 30]] for n in range(2)}


def test_results_are_as_they_were_but_for_hidden_faces():
    given = list(found_from(20))
    after = list(with_faces_to_come(one for one in given))
    for one, other in zip(given, after, strict=True):
        assert (other.frame, other.faces, other.ids) == (one.frame, one.faces, one.ids)


def test_large_frames_do_not_wait_for_long(monkeypatch):
    monkeypatch.setattr(faces_to_come, "WAITING_BYTES", 3 * 3 * SIZE[0] * SIZE[1])
    taken = []
    given = (taken.append(one) or one for one in found_from(20))
    results = with_faces_to_come(given)
    for number in range(20):
        assert next(results).frame.index == number
        assert len(taken) == number + 4
    last = {n: [[30, 20, 40, 30]] for n in (18, 19)}
    assert hidden(with_faces_to_come(found_from(20))) == last


def test_frames_that_are_too_large_to_wait_are_given_at_once(monkeypatch):
    """The first one of a video of 90 million pixels was waited for where none waited any more."""
    monkeypatch.setattr(faces_to_come, "WAITING_BYTES", 3 * SIZE[0] * SIZE[1] - 1)
    assert hidden(with_faces_to_come(found_from(20))) == {}


def test_an_error_comes_after_the_results_before_it():
    def failing():
        yield from found_from(20, count=23)
        raise OSError("the disk is gone")

    given = []
    with pytest.raises(OSError, match=r"^the disk is gone$"):
        given.extend(with_faces_to_come(failing()))
    assert [one.frame.index for one in given] == list(range(23))
    assert [len(one.hidden) for one in given] == [0] * 15 + [1] * 5 + [0] * 3


def test_the_results_are_closed_with_those_that_wait():
    closed = []

    def given():
        try:
            yield from found_from(20)
        finally:
            closed.append(True)

    results = with_faces_to_come(given())
    next(results)
    results.close()
    assert closed == [True]


def test_results_without_ids_are_refused():
    one = result(0, {})
    without = FrameResult(one.frame, one.faces, None, one.hidden, 0)
    expected = r"^results: expected those of a Tracker, which have ids$"
    with pytest.raises(ValueError, match=expected):
        list(with_faces_to_come(one for one in [without]))
