"""The counts of benchmarks/tracking.py against cases worked out by hand."""

import numpy as np
import pytest

from benchmarks.tracking import compare_identities
from mtcnn_rt import Faces
from mtcnn_rt.tracking import Tracked

A, B = (0, 0, 100, 100), (200, 0, 300, 100)


def tracked(**boxes):
    """Returns a result with these boxes; the name a1 stands for the id 1."""
    places = np.array(list(boxes.values()), np.float32).reshape(-1, 4)
    faces = Faces(places, np.ones(len(places)), np.zeros((len(places), 5, 2)))
    ids = np.array([int(name[1:]) for name in boxes], np.int64)
    return Tracked(faces, ids, np.zeros((0, 4), np.float32))


def count(*frames):
    return compare_identities(np.array([[A, B]] * len(frames), float), frames)


def test_the_same_ids_are_no_switch():
    assert count(tracked(a1=A, a2=B), tracked(a1=A, a2=B)) == (0, 0)


def test_exchanged_ids_are_two_switches():
    assert count(tracked(a1=A, a2=B), tracked(a1=B, a2=A)) == (2, 0)


def test_a_new_id_after_a_gap_is_a_switch():
    assert count(tracked(a1=A, a2=B), tracked(a2=B), tracked(a3=A, a2=B)) == pytest.approx(
        (1, 1 / 6)
    )


def test_the_same_id_after_a_gap_is_no_switch():
    assert count(tracked(a1=A, a2=B), tracked(), tracked(a1=A, a2=B)) == pytest.approx((0, 1 / 3))
