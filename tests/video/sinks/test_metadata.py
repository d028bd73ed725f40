"""Tags, chapters and attachments: copied, or left out where a video is to be anonymous."""

from fractions import Fraction

import av
import pytest
from helpers.clips import copy, join, streams, write_steady, write_tone
from helpers.containers import KINDS, writable, write

TAGS = {
    "title": "Birthday",
    "artist": "Somebody",
    "comment": "in the garden",
    "date": "2021-05-04",
    "location": "+48.8577+002.2950/",
    "com.apple.quicktime.location.ISO6709": "+48.8577+002.2950/",
    "com.apple.quicktime.model": "Phone 12",
    "make": "Maker",
}
FILE_TAGS = {"major_brand", "minor_version", "compatible_brands", "encoder"}
WORDS = (b"Birthday", b"Somebody", b"garden", b"48.8577", b"Phone 12", b"Maker", b"Party", b"Cake")


KEEPING = {"mp4", "mov", "f4v", "ismv", "mkv", "webm", "avi", "flv", "nut", "asf"}
"""Extensions of containers that surely keep a title."""


@pytest.fixture
def tagged(tmp_path):
    """Writes a video with tags, a chapter, titles of its streams and, in Matroska, a font."""

    def write(extension):
        chapter = {"id": 1, "start": 0, "end": 400, "time_base": Fraction(1, 1000)}
        codec = "libopus" if extension == "webm" else "aac"
        silent = write_steady(tmp_path / f"silent.{'webm' if extension == 'webm' else 'mp4'}", 12)
        plain = join(
            tmp_path / f"in.{extension}",
            (silent, {"title": "Party"}),
            (write_tone(tmp_path / "tone.mkv", codec), {"title": "Party", "language": "deu"}),
            metadata=TAGS,
            chapters=[chapter | {"metadata": {"title": "Cake"}}],
            container_options={"movflags": "use_metadata_tags"} if extension == "mov" else {},
        )
        if extension != "mkv":
            return plain
        with av.open(plain) as source, av.open(tmp_path / "font.mkv", "w") as output:
            output.metadata.update(TAGS)
            output.set_chapters(source.chapters())
            copies = [output.add_stream_from_template(s, opaque=True) for s in source.streams]
            for stream, copied in zip(source.streams, copies, strict=True):
                copied.metadata.update(stream.metadata)
            output.add_attachment("Party.ttf", "font/ttf", b"letters")
            for packet in source.demux():
                if packet.dts is not None:
                    packet.stream = copies[packet.stream_index]
                    output.mux(packet)
        return tmp_path / "font.mkv"

    return write


@pytest.mark.parametrize("output", ["mp4", "mov", "mkv", "webm", "gif"])
@pytest.mark.parametrize("extension", ["mp4", "mov", "mkv", "webm", "flv"])
def test_nothing_of_the_description_is_left(tmp_path, tagged, extension, output):
    source = tagged(extension)
    with av.open(source) as container:
        names = {n.removesuffix("-eng") for n in container.metadata if n.lower() not in FILE_TAGS}
    sink = copy(source, tmp_path / f"copy.{output}", metadata=False)
    (note,) = [note for note in sink.notes if note.startswith("left out: ")]
    assert all(name in note for name in names)
    content = (tmp_path / f"copy.{output}").read_bytes()
    assert [word for word in WORDS if word in content] == []
    with av.open(tmp_path / f"copy.{output}") as container:
        assert container.chapters() == []
        assert {name.lower() for name in container.metadata} <= FILE_TAGS
        assert all(stream.type != "attachment" for stream in container.streams)


@pytest.mark.parametrize("extension", ["mp4", "mov", "mkv", "webm"])
def test_the_description_is_copied_otherwise(tmp_path, tagged, extension):
    source = tagged(extension)
    sink = copy(source, tmp_path / f"copy.{extension}")
    assert sink.notes == []
    with av.open(source) as before, av.open(tmp_path / f"copy.{extension}") as after:
        tags = {k.lower(): v for k, v in after.metadata.items()}
        assert tags["title"] == "Birthday"
        assert len(after.chapters()) == len(before.chapters()) == 1
        fonts = [[s.name for s in c.streams if s.type == "attachment"] for c in (before, after)]
        assert fonts[0] == fonts[1]


def test_languages_stay(tmp_path, tagged):
    copy(tagged("mkv"), tmp_path / "copy.mkv", metadata=False)
    with av.open(tmp_path / "copy.mkv") as container:
        assert container.streams.audio[0].language == "deu"
    assert streams(tmp_path / "copy.mkv") == ["video h264", "audio aac"]


def test_a_video_without_a_description_has_no_note(tmp_path):
    clip = write_steady(tmp_path / "clip.mkv", 3)
    assert copy(clip, tmp_path / "copy.mkv", metadata=False).notes == []


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if writable(kind)])
def test_nothing_is_left_of_the_tags_of_any_container(tmp_path, name):
    """The container may have no place for some of them, or for any."""
    source = write(tmp_path / f"in.{KINDS[name].extension}", KINDS[name], 5, TAGS)
    with av.open(source) as container:
        tags = dict(container.metadata)
    sink = copy(source, tmp_path / "copy.mkv", metadata=False)
    content = (tmp_path / "copy.mkv").read_bytes()
    assert [word for word in WORDS if word in content] == []
    notes = " ".join(sink.notes)
    for tag, value in tags.items():
        known = any(word.decode() in value for word in WORDS)
        assert not known or tag.removesuffix("-eng") in notes, (tag, notes)
    if KINDS[name].extension in KEEPING:
        assert any("Birthday" in value for value in tags.values()), tags
