"""Subtitles that are on the screen together, for MP4, which shows one text at a time."""

from itertools import pairwise

import av
import pytest
from helpers.clips import copy, join, write_steady, write_text
from hypothesis import given
from hypothesis import strategies as st

from mtcnn_rt.video.sinks.cues import Cue, Joined

OVERLAPPING = """1
00:00:00,500 --> 00:00:03,500
SIGN

2
00:00:01,000 --> 00:00:01,500
FIRST

3
00:00:01,500 --> 00:00:02,500
SECOND

"""


def sample(text):
    return len(text).to_bytes(2, "big") + text


@given(
    st.lists(st.tuples(st.integers(-5, 40), st.integers(1, 15)), max_size=12).map(
        lambda pairs: [
            Cue(start, start + length, sample(b"%d" % number))
            for number, (start, length) in enumerate(sorted(pairs, key=lambda pair: pair[0]))
        ]
    )
)
def test_at_every_time_the_texts_are_those_of_all_cues(cues):
    joined, given_cues = Joined(), []
    for cue in cues:
        given_cues += joined.add(cue)
    given_cues += joined.finish()
    for before, after in pairwise(given_cues):
        assert before.start < before.end <= after.start
    for time in range(-6, 60):
        shown = [cue.text for cue in given_cues if cue.start <= time < cue.end]
        expected = [cue.text for cue in cues if cue.start <= time < cue.end]
        assert shown == ([b"\n".join(expected)] if expected else [])


def test_a_cue_that_is_alone_keeps_its_styles():
    styled = sample(b"Hello") + b"\0\0\0\x16styl" + bytes(14)
    joined = Joined()
    assert joined.add(Cue(0, 10, styled)) == []
    assert joined.add(Cue(12, 20, sample(b"b"))) == [Cue(0, 10, styled)]
    assert joined.finish() == [Cue(12, 20, sample(b"b"))]


@pytest.mark.parametrize("extension", ["mp4", "mov"])
def test_overlapping_subtitles_are_shown_at_their_times(tmp_path, extension):
    picture = write_steady(tmp_path / "clip.mp4", 100)
    text = write_text(tmp_path / "text.srt", OVERLAPPING)
    output = tmp_path / f"copy.{extension}"
    copy(join(tmp_path / "clip.mkv", picture, text), output)
    with av.open(output) as container:
        found = [
            (round(float(p.pts * p.time_base), 2), bytes(p)[2:])
            for p in container.demux(subtitles=0)
            if p.size > 2
        ]
    assert [text for _, text in found] == [
        b"SIGN",
        b"SIGN\nFIRST",
        b"SIGN\nSECOND",
        b"SIGN",
    ]
    assert [time for time, _ in found] == pytest.approx([0.5, 1.0, 1.5, 2.5], abs=0.05)


@pytest.mark.parametrize("extension", ["mp4", "mov"])
def test_a_subtitle_without_a_length_costs_no_other(tmp_path, extension):
    picture = write_steady(tmp_path / "clip.mp4", 100)
    times = ((0.5, 1), (1.5, 1.5), (2, 3), (2.5, 2.5))
    lines = "".join(
        f"{n}\n00:00:{start:06.3f} --> 00:00:{end:06.3f}\ntext {n}\n\n".replace(".", ",")
        for n, (start, end) in enumerate(times)
    )
    text = write_text(tmp_path / "text.srt", lines)
    output = tmp_path / f"copy.{extension}"
    assert copy(join(tmp_path / "clip.mkv", picture, text), output).damaged == 0
    with av.open(output) as container:
        found = [
            (float(p.pts * p.time_base), bytes(p)[2:])
            for p in container.demux(subtitles=0)
            if p.size > 2
        ]
    assert [text for _, text in found] == [
        b"text 0",
        b"text 1",
        b"text 2",
        b"text 2\ntext 3",
        b"text 2",
    ]
    assert [time for time, _ in found] == pytest.approx([0.5, 1.5, 2, 2.5, 2.501], abs=0.0005)
