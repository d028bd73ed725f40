"""Languages of streams in copies."""

import av
import pytest
from helpers.clips import copy, join, write_steady, write_tone

from mtcnn_rt.video.sinks.languages import spelled


@pytest.fixture
def source(tmp_path):
    """Returns a function that writes a clip whose sound has a language."""
    clip, tone = write_steady(tmp_path / "clip.mp4", 5), write_tone(tmp_path / "tone.m4a", "aac")
    return lambda name, code: join(tmp_path / name, clip, (tone, {"language": code}))


def language(path):
    with av.open(path) as container:
        return container.streams.audio[0].metadata.get("language", "")


@pytest.mark.parametrize(
    ("given", "kept"),
    [("ger", "ger"), ("deu", "ger"), ("fre", "fra"), ("zho", "chi"), ("swe", "sve"), ("und", "")],
)
def test_mov_keeps_a_language_by_the_code_that_ffmpeg_knows_for_it(tmp_path, source, given, kept):
    sink = copy(source("clip.mkv", given), tmp_path / "copy.mov")
    assert language(tmp_path / "copy.mov") == kept
    assert sink.notes == []


@pytest.mark.parametrize(("given", "kept"), [("sve", "swe"), ("iri", "gle"), ("hr ", "hrv")])
@pytest.mark.parametrize("extension", ["mp4", "mkv"])
def test_the_language_of_mov_has_its_usual_code_elsewhere(tmp_path, source, given, kept, extension):
    output = tmp_path / f"copy.{extension}"
    copy(source("clip.mov", given), output)
    assert language(output) == kept


def test_a_language_that_mov_cannot_hold_is_told(tmp_path, source):
    sink = copy(source("clip.mkv", "yue"), tmp_path / "copy.mov")
    assert language(tmp_path / "copy.mov") == ""
    assert sink.notes == ["audio (aac): its language, yue, is left out: mov cannot hold it"]


def test_other_types_keep_the_code():
    assert [spelled("mp4", code) for code in ("deu", "yue", "German", "")] == ["deu", "yue", "", ""]
    assert spelled("matroska", "de-CH") == "de-CH"
