"""Transparency in a stream of its own: each frame gets that of its own time, or is hidden."""

from fractions import Fraction

import numpy as np
import pytest
from av.video.frame import VideoFrame

from mtcnn_rt.video.sources.transparency import Masks


def gray(value: int, pts: int | None, units: int = 1000) -> VideoFrame:
    frame = VideoFrame.from_ndarray(np.full((4, 6), value, np.uint8), format="gray")
    frame.pts, frame.time_base = pts, Fraction(1, units)
    return frame


class Scripted:
    """Decodes nothing: its packets are the frames."""

    def decode(self, packet: VideoFrame) -> list[VideoFrame]:
        return [packet]


def paired(images: list[VideoFrame], masks: list[VideoFrame]) -> list[tuple[int, int]]:
    """Returns the value of each frame, and that of its transparency."""
    made = Masks(Scripted())  # type: ignore[arg-type]
    for mask in masks:
        made.put(mask)  # type: ignore[arg-type]
    pairs = [pair for image in images for pair in made.pair(image)]
    pairs += made.end()
    return [tuple(int(one.to_ndarray()[0, 0]) for one in pair) for pair in pairs]


TIMES = [0, 40, 80, 120]
IMAGES = [gray(n, time) for n, time in enumerate(TIMES)]
MASKS = [gray(100 + n, time) for n, time in enumerate(TIMES)]


def test_frames_and_transparency_of_the_same_time_belong_together():
    assert paired(IMAGES, MASKS) == [(n, 100 + n) for n in range(4)]


@pytest.mark.parametrize("lost", range(4))
def test_a_frame_without_its_transparency_is_hidden(lost):
    masks = MASKS[:lost] + MASKS[lost + 1 :]
    assert paired(IMAGES, masks) == [(n, 0 if n == lost else 100 + n) for n in range(4)]


@pytest.mark.parametrize("lost", range(4))
def test_the_transparency_of_a_lost_frame_goes_with_it(lost):
    images = IMAGES[:lost] + IMAGES[lost + 1 :]
    assert paired(images, MASKS) == [(n, 100 + n) for n in range(4) if n != lost]


def test_streams_may_count_time_in_different_units():
    masks = [gray(100 + n, n, units=25) for n in range(4)]
    assert paired(IMAGES, masks) == [(n, 100 + n) for n in range(4)]


def test_without_times_the_order_counts():
    masks = [gray(100 + n, None) for n in range(3)]
    assert paired(IMAGES, masks) == [(0, 100), (1, 101), (2, 102), (3, 0)]
