"""Faces that stay visible when the others are covered."""

import numpy as np
import pytest

from mtcnn_rt import Faces
from mtcnn_rt.drawing.painter import CoveringPainter, Found
from mtcnn_rt.drawing.sparing import Spared, SparingPainter

BOXES = np.float32([(10, 10, 30, 30), (50, 10, 70, 30), (10, 60, 30, 80)])
FACES = Faces(BOXES, np.ones(3, np.float32), np.zeros((3, 5, 2), np.float32))
SOLID = CoveringPainter("solid", margin=0, shape="box")


def visible(spared: Spared, ids=None, hidden=None) -> list[bool]:
    """Returns for each box, and then for each hidden one, whether it is unchanged."""
    image = np.full((100, 100, 3), 200, np.uint8)
    SparingPainter(SOLID, spared).paint(image, Found(FACES, ids, hidden))
    every = BOXES if hidden is None else np.concatenate([BOXES, hidden])
    areas = [image[y1:y2, x1:x2] for x1, y1, x2, y2 in every.astype(int)]
    assert all((area == 200).all() or (area == 0).all() for area in areas)
    return [bool((area == 200).all()) for area in areas]


def test_all_faces_are_covered_by_default():
    assert visible(Spared(), [1, 2, 3]) == [False] * 3


def test_faces_are_spared_by_id():
    spared = Spared(frozenset({2, 9}))
    assert visible(spared, [1, 2, 3]) == [False, True, False]
    assert visible(spared, np.array([9, 1, 2])) == [True, False, True]


def test_without_ids_none_is_spared_by_id():
    assert visible(Spared(frozenset({1, 2, 3}))) == [False] * 3


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ((0, 0, 40, 100), [True, False, True]),
        ((0, 0, 20, 20), [False] * 3),  # the center, 20, lies beside it
        ((20, 20, 21, 21), [True, False, False]),
        ((20.5, 20, 60.5, 21), [False, True, False]),
        ((-50, -50, 500, 500), [True] * 3),
    ],
)
def test_faces_are_spared_whose_center_lies_in_a_region(region, expected):
    assert visible(Spared(regions=(region,))) == expected


def test_several_regions_and_ids_add_up():
    spared = Spared(frozenset({3}), ((20, 20, 21, 21), (0, 90, 1, 91)))
    assert visible(spared, [1, 2, 3]) == [True, False, True]


def test_hidden_faces_are_covered_unless_in_a_region():
    hidden = np.float32([(50, 60, 70, 80), (80, 60, 98, 80)])
    assert visible(Spared(frozenset({1})), [1, 2, 3], hidden) == [True] + [False] * 4
    beside = Spared(regions=((60, 70, 61, 71),))
    assert visible(beside, [1, 2, 3], hidden) == [False, False, False, True, False]
