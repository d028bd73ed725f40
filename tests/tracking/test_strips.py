"""Strips: a search of the image that is spread over frames misses no place and no size."""

import itertools

import numpy as np
import pytest

from mtcnn_rt import _native
from mtcnn_rt.tracking.finder import Finder
from mtcnn_rt.tracking.strips import Strips

HD = (720, 1280)


def work(part, width):
    """Returns the pixels of all levels that the strips of a part have."""
    total = 0
    for strip in part.strips:
        height = strip.rows[1] - strip.rows[0]
        levels = _native.pyramid(height, width, strip.face_sizes[0], 0.709, strip.face_sizes[1])
        total += sum(h * w for h, w in levels)
    return total


@pytest.mark.parametrize("parts", [2, 3, 5])
@pytest.mark.parametrize("smallest", [20, 40])
def test_frames_have_about_the_same_work(parts, smallest):
    strips = Strips(HD, (smallest, 1e9), 0.709)
    shares = np.linspace(0, 1, parts + 1)
    works = [work(strips.between(*pair), 1280) for pair in itertools.pairwise(shares)]
    whole = work(strips.between(0, 1), 1280)
    assert max(works) < 1.4 * whole / parts
    assert sum(works) < 1.15 * whole


@pytest.mark.parametrize("smallest", [20, 40])
def test_the_frame_with_the_coarse_levels_has_fewer_pixels(smallest):
    """Each level takes some work whatever its size: with as many pixels, it was the slowest."""
    strips = Strips(HD, (smallest, 1e9), 0.709)
    shares = np.linspace(0, 1, 6)
    works = [work(strips.between(*pair), 1280) for pair in itertools.pairwise(shares)]
    assert works[-1] < 0.8 * np.mean(works)


@pytest.mark.parametrize("shares", [(0, 1), (0, 0.5, 1), (0, 0.13, 0.4, 0.41, 0.9, 1.3)])
@pytest.mark.parametrize("size", [HD, (360, 640), (101, 333), (15, 500)])
def test_every_cell_of_every_level_is_in_a_strip(size, shares):
    strips = Strips(size, (20, 1e9), 0.709)
    parts = [strips.between(*pair) for pair in itertools.pairwise(shares)]
    assert [part.last for part in parts] == [False] * (len(parts) - 1) + [True]
    for level, (height, _) in enumerate(_native.pyramid(*size, 20, 0.709, 1e9)):
        face = 20 / 0.709**level
        rows = [
            strip.rows
            for part in parts
            for strip in part.strips
            if strip.face_sizes[0] <= face * 1.001 and face <= strip.face_sizes[1]
        ]
        for cell in range((height - _native.CELL) // _native.STRIDE + 1):
            top = cell * _native.STRIDE * face / _native.CELL
            bottom = min(top + face, size[0])
            assert any(a <= top and bottom <= b for a, b in rows)


def test_an_image_without_levels_has_no_strip():
    part = Strips((11, 300), (20, 1e9), 0.709).between(0, 1)
    assert (part.strips, part.last) == ((), True)


@pytest.mark.parametrize("frames", [2, 5])
def test_the_parts_of_an_image_find_its_faces(finder: Finder, faces, frame, frames):
    known = np.zeros((0, 4), np.float32)
    for i in range(frames):
        part = finder.part(frame, i / frames, (i + 1) / frames)
        found = finder.find_new(frame, known, part=part)
        known = np.concatenate([known, found.boxes])
    assert len(known) == len(faces) == 4
    shared = np.minimum(known[:, None, 2:], faces.boxes[:, 2:]) - np.maximum(
        known[:, None, :2], faces.boxes[:, :2]
    )
    areas = np.maximum(shared, 0).prod(axis=2)
    own = (known[:, 2:] - known[:, :2]).prod(axis=1)[:, None]
    other = (faces.boxes[:, 2:] - faces.boxes[:, :2]).prod(axis=1)
    assert ((areas / (own + other - areas)).max(axis=0) > 0.75).all()
