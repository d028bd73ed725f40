"""`mtcnn-rt process` with videos that are cut off, transparent, animated, tagged or too large."""

import av
import cv2
import numpy as np
import pytest
from helpers.clips import copy, join, packets, read, write_steady, write_tone
from PIL import Image

from mtcnn_rt.video.sources.file import FileSource


@pytest.mark.parametrize("extension", ["mkv", "webm", "avi", "gif"])
def test_a_video_that_is_cut_off_gives_its_frames_and_status_1(run, tmp_path, extension):
    clip = write_steady(tmp_path / "clip.mp4", 30)
    if extension == "avi":
        with av.open(clip) as source, av.open(tmp_path / "clip.avi", "w") as output:
            stream = output.add_stream("mpeg4", rate=25, width=64, height=48)
            for frame in source.decode(video=0):
                output.mux(stream.encode(frame.reformat(format="yuv420p")))
            output.mux(stream.encode(None))
    else:
        copy(clip, tmp_path / f"clip.{extension}", overwrite=True)
    clip = tmp_path / f"clip.{extension}"
    content = clip.read_bytes()
    begin = max(0, content.find(b"movi"))  # AVI has a long header
    clip.write_bytes(content[: begin + (len(content) - begin) * 2 // 3])
    result = run("process", clip, "-o", "out.mp4")
    assert result.exit_code == 1
    assert f"mtcnn-rt: {clip} is cut off: it" in result.stderr
    assert 5 < len(read("out.mp4")) < 30
    assert result.stdout.startswith(f"{len(read('out.mp4'))} frames, ")


@pytest.fixture
def tagged(tmp_path):
    """A video with a title, a place and sound."""
    return join(
        tmp_path / "tagged.mp4",
        write_steady(tmp_path / "silent.mp4", 12),
        write_tone(tmp_path / "tone.mkv", "aac"),
        metadata={"title": "Birthday", "location": "+48.8577+002.2950/"},
    )


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ([], True),
        (["--strip-metadata"], False),
        (["--anonymize", "blur"], False),
        (["--anonymize", "blur", "--keep-metadata"], True),
    ],
)
def test_tags_go_where_faces_are_covered(run, tagged, options, kept):
    result = run("process", tagged, "-o", "out.mp4", *options)
    assert result.exit_code == 0
    note = "mtcnn-rt: left out: location, title\n"
    assert (note in result.stderr) == (not kept)
    with av.open("out.mp4") as container:
        assert container.metadata.get("title") == ("Birthday" if kept else None)
        assert ("location" in container.metadata) == kept
    assert packets("out.mp4", "audio") == packets(tagged, "audio")


def test_the_notes_of_several_videos_begin_with_their_names(run, tagged):
    other = write_steady(tagged.with_name("other.mp4"), 3)
    result = run("process", tagged, other, "--out", "out", "--strip-metadata")
    assert result.exit_code == 0
    assert f"mtcnn-rt: {tagged}: left out: location, title\n" in result.stderr


@pytest.mark.parametrize("extension", ["gif", "png", "webp", "avif"])
def test_every_frame_of_an_animated_image_is_covered(run, tmp_path, photo, extension):
    """The faces are there from the second frame on, and move a little."""
    images = [np.zeros_like(photo), *(np.roll(photo, 4 * n, axis=1) for n in range(3))]
    images = [Image.fromarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB)) for image in images]
    path = tmp_path / f"clip.{extension}"
    images[0].save(path, save_all=True, append_images=images[1:], duration=200, quality=90)
    result = run("process", path, "-o", "out.mp4", "--anonymize", "solid", "--jsonl", "faces.jsonl")
    assert result.exit_code == 0, result.stderr
    before, after = read(path), read("out.mp4")
    assert len(before) == len(after) == 4
    for was, now in zip(before[1:], after[1:], strict=True):
        covered = (was.image.max(axis=2) > 80) & (now.image.max(axis=2) < 24)
        assert covered.sum() > 5000  # pixels of the faces


def test_transparent_parts_are_told(run, tmp_path):
    image = np.full((48, 64, 4), 255, np.uint8)
    image[:, :32, 3] = 0
    images = [Image.fromarray(image - np.uint8([n, 0, 0, 0])) for n in range(3)]
    images[0].save(tmp_path / "clip.png", save_all=True, append_images=images[1:])
    result = run("process", "clip.png")
    assert result.exit_code == 0
    assert result.stderr == "mtcnn-rt: transparent parts are black\n"
    assert all(frame.image[:, :28].max() < 12 for frame in read("faces/clip.mp4"))


def test_a_stream_is_chosen_by_its_number(run, tmp_path):
    small, large = (write_steady(tmp_path / f"{n}.mp4", 3) for n in range(2))
    with av.open(tmp_path / "big.mkv", "w") as output, av.open(large) as source:
        stream = output.add_stream("ffv1", rate=25, width=128, height=96)
        for frame in source.decode(video=0):
            output.mux(stream.encode(frame.reformat(128, 96, "yuv420p")))
        output.mux(stream.encode(None))
    both = join(tmp_path / "both.mkv", small, tmp_path / "big.mkv")
    for options, size in (([], (128, 96)), (["--stream", 0], (64, 48))):
        result = run("process", both, "-o", "out.mp4", "--overwrite", *options)
        assert result.exit_code == 0
        with FileSource("out.mp4") as source:
            assert source.size == size
    result = run("process", both, "-o", "out.mp4", "--overwrite", "--stream", 2)
    assert result.exit_code == 2
    assert result.stderr == f"mtcnn-rt: error: {both}: no video stream 2, only 2, counted from 0\n"


def test_large_frames_are_refused_in_one_line(run, clip):
    result = run("process", clip, "--max-pixels", 100)
    assert result.exit_code == 2
    why = "frames of 64 x 48 have more than the 100 pixels that are allowed"
    assert result.stderr == f"mtcnn-rt: error: {clip}: {why}\n"
    assert run("process", clip, "--max-pixels", 4000).exit_code == 0


def test_sound_that_cannot_be_copied_gives_status_1(run, tagged, monkeypatch):
    from mtcnn_rt.video.sinks.copies import Unchanged

    convert = Unchanged.convert

    def failing(self, packet):
        if packet.pts and packet.pts < 5000:
            raise av.InvalidDataError(1, "damaged")
        return convert(self, packet)

    monkeypatch.setattr(Unchanged, "convert", failing)
    result = run("process", tagged, "-o", "out.mp4")
    assert result.exit_code == 1
    assert "mtcnn-rt: audio (aac): 5 damaged packets left out" in result.stderr
