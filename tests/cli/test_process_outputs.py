"""The outputs of `mtcnn-rt process`, on the first second of the packaged clip."""

import csv
import json
import subprocess
from fractions import Fraction
from importlib.resources import files
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from helpers.clips import copy_video_alone

from mtcnn_rt._boxes import overlaps
from mtcnn_rt.video.frame import Frame, VideoFormat
from mtcnn_rt.video.sinks.file import FileSink
from mtcnn_rt.video.sources.file import FileSource


@pytest.fixture(scope="module")
def second(tmp_path_factory) -> Path:
    """Its first 25 frames, with sound."""
    path = tmp_path_factory.mktemp("clip") / "second.mp4"
    with av.open(str(files("mtcnn_rt") / "sample.mp4")) as source, av.open(path, "w") as sink:
        copies = {s.index: sink.add_stream_from_template(s) for s in source.streams}
        for packet in source.demux():
            if packet.dts is not None and packet.dts * packet.time_base < 1:
                packet.stream = copies[packet.stream_index]
                sink.mux(packet)
    return path


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def test_results_of_every_frame(run, second):
    result = run("process", second, "--no-video", "--jsonl", "a.jsonl", "--csv", "a.csv")
    assert result.exit_code == 0
    assert result.stdout.startswith("25 frames, 100 faces, ")
    assert sorted(path.name for path in Path().iterdir()) == ["a.csv", "a.jsonl"]
    frames = lines(Path("a.jsonl").read_text())
    assert [frame["frame"] for frame in frames] == list(range(25))
    assert [frame["time"] for frame in frames] == [round(i / 25, 6) for i in range(25)]
    assert all({face["id"] for face in frame["faces"]} == {1, 2, 3, 4} for frame in frames)
    with open("a.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 100
    first = frames[0]["faces"][0]
    row = next(row for row in rows if row["frame"] == "0" and row["id"] == str(first["id"]))
    assert [float(row[name]) for name in ("x1", "y1", "x2", "y2")] == first["box"]


def test_results_on_standard_output_are_alone_there(run, second):
    result = run("process", second, "-o", "a.mp4", "--jsonl", "-")
    assert len(lines(result.stdout)) == 25
    assert "25 frames, 100 faces" in result.stderr
    assert Path("a.mp4").stat().st_size > 10_000


def test_without_tracking_there_are_no_ids(run, second):
    run("process", second, "--no-video", "--jsonl", "a.jsonl", "--no-track")
    faces = [face for frame in lines(Path("a.jsonl").read_text()) for face in frame["faces"]]
    assert len(faces) == 100
    assert all("id" not in face for face in faces)


@pytest.mark.parametrize("options", [["--no-track"], ["--detect-every", 1]])
def test_workers_change_nothing(run, second, options):
    for workers in (1, 2):
        command = ["process", second, "--no-video", "--threads", 1, "--workers", workers]
        assert run(*command, "--jsonl", f"{workers}.jsonl", *options).exit_code == 0
    assert Path("1.jsonl").read_text() == Path("2.jsonl").read_text()


def test_workers_without_use_are_refused(run, second):
    result = run("process", second, "--workers", 2)
    assert result.exit_code == 2
    assert "--workers needs --detect-every 1, --no-track or --anonymize" in result.stderr


def test_crops_of_all_faces(run, second):
    assert run("process", second, "--no-video", "--save-crops", "crops").exit_code == 0
    names = sorted(path.name for path in Path("crops").iterdir())
    assert len(names) == 100
    assert names[:2] == ["frame-000000-id-1.png", "frame-000000-id-2.png"]
    assert cv2.imread("crops/frame-000000-id-1.png").shape == (112, 112, 3)


@pytest.mark.parametrize("method", ["blur", "pixelate", "solid"])
def test_no_face_of_an_anonymized_video_is_found(run, second, detector, method):
    assert run("process", second, "-o", "a.mp4", "--anonymize", method).exit_code == 0
    with FileSource(second) as before, FileSource("a.mp4") as after:
        for index, (frame, covered) in enumerate(zip(before, after, strict=True)):
            if index % 6 == 0:
                faces = detector.detect(frame.image)
                assert len(faces) == 4
                # Hair about a black ellipse may pass for a face, a larger one.
                assert (
                    overlaps(faces.boxes, detector.detect(covered.image).boxes).max(initial=0) < 0.5
                )
                far = np.abs(frame.image[:30, 560:].astype(int) - covered.image[:30, 560:])
                assert far.mean() < 8  # the rest is the picture as it was, encoded again


def test_a_face_is_covered_before_it_is_found(run, photo, faces):
    """It lies behind a gray card first, so that nothing is found there for ten frames."""
    x1, y1, x2, y2 = faces.boxes[0].round().astype(int)
    behind = photo.copy()
    behind[y1:y2, x1:x2] = 200
    clip = VideoFormat(photo.shape[1::-1], Fraction(25), Fraction(1, 25))
    with FileSink("clip.mp4", clip) as sink:
        for index in range(20):
            image = (behind if index < 10 else photo).copy()
            sink.write(Frame(image, index / 25, index, 1, Fraction(1, 25), index))
    result = run("process", "clip.mp4", "-o", "a.mp4", "--anonymize", "solid", "--jsonl", "a.jsonl")
    assert result.exit_code == 0
    found = [len(json.loads(line)["faces"]) for line in Path("a.jsonl").read_text().splitlines()]
    assert found == [3] * 10 + [4] * 10
    x, y = (x1 + x2) // 2, (y1 + y2) // 2
    with FileSource("clip.mp4") as before, FileSource("a.mp4") as after:
        values = [one.image[y - 5 : y + 5, x - 5 : x + 5].mean() for one in before]
        covered = [one.image[y - 5 : y + 5, x - 5 : x + 5].mean() for one in after]
    assert min(values[:10]) > 190
    assert len(covered) == 20
    assert max(covered) < 20


def test_sound_is_kept(run, second):
    assert run("process", second, "-o", "a.mp4").exit_code == 0

    def sound(path):
        with av.open(path) as container:
            return [bytes(p) for p in container.demux(audio=0) if p.dts is not None]

    assert sound("a.mp4") == sound(second)
    assert len(sound(second)) >= 45


def test_standard_input_as_a_stream(program, second, tmp_path):
    matroska = copy_video_alone(second, tmp_path / "pipe.mkv")
    command = [*program, "process", "-", "--no-video", "--jsonl", "-"]
    done = subprocess.run(command, input=matroska.read_bytes(), capture_output=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(lines(done.stdout.decode())) == 25


def test_standard_input_needs_a_name_for_the_output(run):
    result = run("process", "-", "-o", "a.mp4", "--sample")
    assert result.exit_code == 2
    assert "either a VIDEO or --sample" in result.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--no-video"], "--no-video leaves nothing to do"),
        (["--jsonl", "a", "--csv", "./a"], "--jsonl and --csv are the same file: a"),
        (["--jsonl", "-", "--csv", "-"], "only one of --jsonl and --csv can be standard output"),
        (["--shape", "box"], "--shape and --margin need --anonymize"),
        (["--no-track", "--no-smooth"], "have no effect with --no-track"),
        (["--no-track", "--anonymize", "blur"], "--no-track: expected without --anonymize"),
        (["--detect-every", 2, "--anonymize", "blur"], "expected 1 with --anonymize, not 2"),
    ],
)
def test_options_without_sense_are_refused(run, second, words, message):
    result = run("process", second, *words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert list(Path().iterdir()) == []


def test_results_never_replace_the_video(run, second, tmp_path):
    video = tmp_path / "in.mp4"
    video.write_bytes(second.read_bytes())
    result = run("process", video, "--no-video", "--jsonl", video, "--overwrite")
    assert result.exit_code == 2
    assert video.read_bytes() == second.read_bytes()
